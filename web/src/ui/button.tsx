import type { ComponentProps, ReactNode } from 'react'
import { LoaderCircle } from 'lucide-react'
import { cx } from './cx'

export type ButtonLook = 'primary' | 'secondary' | 'quiet' | 'danger'

const looks: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong shadow-sm',
  secondary: 'bg-surface text-text border border-edge/60 hover:bg-raised hover:border-edge',
  quiet: 'text-text hover:bg-sunken',
  danger: 'bg-bad-soft text-bad border border-bad/40 hover:border-bad',
}

/** The look of a button, for links that act like one. */
export function buttonClass(look: ButtonLook = 'primary', extra?: string): string {
  return cx(
    'inline-flex min-h-11 items-center justify-center gap-2 rounded-xl px-4 py-2 text-[0.95rem] font-semibold',
    'transition-colors select-none disabled:opacity-55 disabled:cursor-not-allowed',
    looks[look],
    extra,
  )
}

export function Button({
  look = 'primary',
  busy = false,
  icon,
  className,
  children,
  disabled,
  type = 'button',
  ...rest
}: ComponentProps<'button'> & { look?: ButtonLook; busy?: boolean; icon?: ReactNode }) {
  return (
    <button
      type={type}
      className={buttonClass(look, className)}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {busy ? <LoaderCircle aria-hidden className="size-5 animate-spin" /> : icon}
      {children}
    </button>
  )
}

export function IconButton({
  label,
  className,
  children,
  ...rest
}: Omit<ComponentProps<'button'>, 'aria-label'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(
        'inline-flex size-11 shrink-0 items-center justify-center rounded-xl text-muted transition-colors',
        'hover:bg-sunken hover:text-text disabled:opacity-50',
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  )
}

import type { ComponentProps, ReactNode } from 'react'
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import { cx } from './cx'

export function Card({ className, ...rest }: ComponentProps<'section'>) {
  return (
    <section className={cx('rounded-2xl border border-line bg-surface shadow-card', className)} {...rest} />
  )
}

export type Tone = 'plain' | 'accent' | 'ok' | 'warn' | 'bad'

const badges: Record<Tone, string> = {
  plain: 'bg-sunken text-muted',
  accent: 'bg-accent-soft text-accent-strong',
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
}

export function Badge({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) {
  return (
    <span
      className={cx(
        'inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-[0.8125rem] font-semibold whitespace-nowrap',
        badges[tone],
      )}
    >
      {children}
    </span>
  )
}

const icons = { plain: Info, accent: Info, ok: CircleCheck, warn: TriangleAlert, bad: CircleAlert } as const

/** Something to know, in the flow of the page; errors announce themselves. */
export function Notice({
  tone = 'plain',
  title,
  children,
  action,
}: {
  tone?: Tone
  title?: string | undefined
  children?: ReactNode
  action?: ReactNode
}) {
  const Icon = icons[tone]
  return (
    <div
      role={tone === 'bad' || tone === 'warn' ? 'alert' : 'status'}
      className={cx(
        'flex gap-3 rounded-xl px-4 py-3 text-[0.95rem]',
        badges[tone],
        tone === 'plain' && 'text-text',
      )}
    >
      <Icon aria-hidden className="mt-0.5 size-5 shrink-0" />
      <div className="min-w-0 flex-1">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children !== undefined && <div className="text-text [overflow-wrap:anywhere]">{children}</div>}
        {action !== undefined && <div className="mt-2">{action}</div>}
      </div>
    </div>
  )
}

export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center gap-3 rounded-2xl border border-dashed border-edge/50 px-6 py-14 text-center">
      {icon !== undefined && <div className="rounded-2xl bg-accent-soft p-3 text-accent">{icon}</div>}
      <h2 className="text-xl font-bold">{title}</h2>
      {children !== undefined && <p className="max-w-prose text-muted">{children}</p>}
      {action}
    </div>
  )
}

/** Holds the place of what is being fetched. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx('skeleton', className)} />
}

export function Loading({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="status" aria-busy="true">
      <span className="sr-only">{label}</span>
      {children}
    </div>
  )
}

/** How much of something is gone: a bar with its numbers beside it in text. */
export function Meter({ value, of, label }: { value: number; of: number; label: string }) {
  const share = of > 0 ? Math.min(1, value / of) : 0
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={of}
      aria-valuenow={value}
      className="h-2 overflow-hidden rounded-full bg-sunken"
    >
      <div
        className="h-full origin-left rounded-full bg-accent transition-transform duration-500"
        // The only value that no class can carry; set through the object model, which a strict CSP allows.
        ref={(bar) => {
          if (bar) bar.style.transform = `scaleX(${share})`
        }}
      />
    </div>
  )
}

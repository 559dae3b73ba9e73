import { useId, type ComponentProps, type ReactNode } from 'react'
import { CircleAlert } from 'lucide-react'
import { cx } from './cx'

const box =
  'w-full min-h-11 rounded-xl border bg-surface px-3 py-2 text-base text-text placeholder:text-muted/80 ' +
  'transition-colors disabled:opacity-60'

function edge(error: string | undefined): string {
  return error === undefined ? 'border-edge/70 hover:border-edge' : 'border-bad'
}

/** The look of an input, for fields that hold more than one. */
export function inputClass(error: string | undefined, extra?: string): string {
  return cx(box, edge(error), extra)
}

interface Wiring {
  id: string
  'aria-invalid': true | undefined
  'aria-describedby': string | undefined
}

interface FieldProps {
  label: string
  hint?: string | undefined
  error?: string | undefined
  optional?: string | undefined
  className?: string | undefined
}

/** A label, its control, what helps to fill it and what is wrong with it, wired together for screen readers. */
export function Field({
  label,
  hint,
  error,
  optional,
  className,
  children,
}: FieldProps & { children: (wiring: Wiring) => ReactNode }) {
  const id = useId()
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(Boolean)
  return (
    <div className={cx('flex min-w-0 flex-col gap-1.5', className)}>
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
        {optional !== undefined && <span className="font-normal text-muted"> · {optional}</span>}
      </label>
      {children({
        id,
        'aria-invalid': error === undefined ? undefined : true,
        'aria-describedby': described.length > 0 ? described.join(' ') : undefined,
      })}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} className="flex items-start gap-1.5 text-sm font-medium text-bad">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {error}
        </p>
      )}
    </div>
  )
}

export function TextField({
  label,
  hint,
  error,
  optional,
  className,
  ...input
}: FieldProps & Omit<ComponentProps<'input'>, 'className'>) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className}>
      {(wiring) => <input {...input} {...wiring} className={inputClass(error)} />}
    </Field>
  )
}

export function TextArea({
  label,
  hint,
  error,
  optional,
  className,
  ...input
}: FieldProps & Omit<ComponentProps<'textarea'>, 'className'>) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className}>
      {(wiring) => <textarea rows={3} {...input} {...wiring} className={inputClass(error)} />}
    </Field>
  )
}

export function SelectField({
  label,
  hint,
  error,
  optional,
  className,
  children,
  ...input
}: FieldProps & Omit<ComponentProps<'select'>, 'className'>) {
  return (
    <Field label={label} hint={hint} error={error} optional={optional} className={className}>
      {(wiring) => (
        <select {...input} {...wiring} className={inputClass(error, 'pr-8')}>
          {children}
        </select>
      )}
    </Field>
  )
}

/** A few choices beside each other, of which one holds: radio buttons that look like a segmented control. */
export function Choices<Value extends string>({
  legend,
  value,
  options,
  onChange,
  hideLegend = false,
  columns = false,
}: {
  legend: string
  value: Value
  options: readonly { value: Value; label: string; hint?: string | undefined }[]
  onChange: (value: Value) => void
  hideLegend?: boolean
  columns?: boolean
}) {
  const name = useId()
  return (
    <fieldset className="min-w-0">
      <legend className={hideLegend ? 'sr-only' : 'mb-1.5 text-sm font-semibold'}>{legend}</legend>
      <div className={columns ? 'grid gap-2' : 'flex flex-wrap gap-2'}>
        {options.map((option) => (
          <label
            key={option.value}
            className={cx(
              'flex min-h-11 items-center gap-2.5 rounded-xl border px-3.5 py-2 text-[0.95rem] font-medium transition-colors',
              'has-focus-visible:outline-3 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent',
              option.value === value
                ? 'border-accent bg-accent-soft text-text ring-1 ring-accent'
                : 'border-edge/60 bg-surface hover:border-edge',
            )}
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => {
                onChange(option.value)
              }}
              className="size-4 accent-accent outline-none"
            />
            <span className="min-w-0">
              {option.label}
              {option.hint !== undefined && (
                <span className="block text-sm font-normal text-muted">{option.hint}</span>
              )}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}

/** A quantity with its two buttons, typed or tapped. */
export function Stepper({
  label,
  value,
  min,
  max,
  onChange,
  fewer,
  more,
}: {
  label: string
  value: number
  min: number
  max: number
  onChange: (value: number) => void
  fewer: string
  more: string
}) {
  const id = useId()
  const set = (next: number) => {
    onChange(Math.min(max, Math.max(min, next)))
  }
  const button =
    'size-11 shrink-0 rounded-xl border border-edge/60 bg-surface text-xl font-semibold hover:border-edge disabled:opacity-40'
  return (
    <div className="flex items-center gap-2">
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <button
        type="button"
        aria-label={fewer}
        className={button}
        disabled={value <= min}
        onClick={() => {
          set(value - 1)
        }}
      >
        −
      </button>
      <input
        id={id}
        inputMode="numeric"
        value={value}
        onChange={(event) => {
          const next = Number(event.target.value)
          if (Number.isInteger(next)) set(next)
        }}
        className="h-11 w-14 rounded-xl border border-edge/60 bg-surface text-center text-lg font-semibold tabular-nums"
      />
      <button
        type="button"
        aria-label={more}
        className={button}
        disabled={value >= max}
        onClick={() => {
          set(value + 1)
        }}
      >
        +
      </button>
    </div>
  )
}

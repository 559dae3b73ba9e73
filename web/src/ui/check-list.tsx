import { useId } from 'react'
import { CircleAlert } from 'lucide-react'

/** Some of several, each with a checkbox. */
export function CheckList({
  legend,
  hint,
  error,
  options,
  chosen,
  onChange,
}: {
  legend: string
  hint?: string | undefined
  error?: string | undefined
  options: readonly { value: string; label: string; hint?: string | undefined }[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
}) {
  const id = useId()
  return (
    <fieldset className="min-w-0" aria-describedby={error === undefined ? undefined : `${id}-error`}>
      <legend className="mb-1.5 text-sm font-semibold">{legend}</legend>
      {hint !== undefined && <p className="mb-1.5 text-sm text-muted">{hint}</p>}
      <div className="grid max-h-72 gap-1 overflow-y-auto rounded-xl border border-edge/60 bg-surface p-1.5">
        {options.map((option) => (
          <label
            key={option.value}
            className="flex min-h-11 items-center gap-3 rounded-lg px-2.5 py-1.5 text-[0.95rem] font-medium hover:bg-sunken"
          >
            <input
              type="checkbox"
              checked={chosen.includes(option.value)}
              onChange={(event) => {
                onChange(
                  event.target.checked
                    ? [...chosen, option.value]
                    : chosen.filter((value) => value !== option.value),
                )
              }}
              className="size-4.5 shrink-0 accent-accent"
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
      {error !== undefined && (
        <p id={`${id}-error`} className="mt-1.5 flex items-start gap-1.5 text-sm font-medium text-bad">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {error}
        </p>
      )}
    </fieldset>
  )
}

/** One thing that is so or is not. */
export function CheckField({
  label,
  hint,
  checked,
  onChange,
}: {
  label: string
  hint?: string | undefined
  checked: boolean
  onChange: (checked: boolean) => void
}) {
  return (
    <label className="flex min-h-11 items-start gap-3 rounded-xl border border-edge/60 bg-surface px-3.5 py-2.5 text-[0.95rem] font-medium hover:border-edge">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => {
          onChange(event.target.checked)
        }}
        className="mt-0.5 size-4.5 shrink-0 accent-accent"
      />
      <span className="min-w-0">
        {label}
        {hint !== undefined && <span className="block text-sm font-normal text-muted">{hint}</span>}
      </span>
    </label>
  )
}

import { RotateCw } from 'lucide-react'
import { Button } from './button'
import { Notice } from './surface'

/** What went wrong, with its particulars; the first few when there are many. */
const LINES_MAX = 12

export function ErrorNotice({
  title,
  lines,
  more,
}: {
  title: string
  lines: readonly string[]
  more?: (count: number) => string
}) {
  const shown = lines.slice(0, LINES_MAX)
  return (
    <Notice tone="bad" title={title}>
      {shown.length > 0 && (
        <ul className="space-y-0.5">
          {shown.map((line, at) => (
            <li key={at}>{line}</li>
          ))}
          {lines.length > shown.length && more && <li>{more(lines.length - shown.length)}</li>}
        </ul>
      )}
    </Notice>
  )
}

export function ErrorState({
  title,
  lines,
  retryLabel,
  onRetry,
}: {
  title: string
  lines: readonly string[]
  retryLabel: string
  onRetry: () => void
}) {
  return (
    <div className="mx-auto flex max-w-xl flex-col items-start gap-4 px-4 py-16">
      <h1 className="text-2xl font-bold">{title}</h1>
      {lines.map((line) => (
        <p key={line} className="text-muted">
          {line}
        </p>
      ))}
      <Button look="secondary" icon={<RotateCw aria-hidden className="size-5" />} onClick={onRetry}>
        {retryLabel}
      </Button>
    </div>
  )
}

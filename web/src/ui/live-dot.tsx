import { cx } from './cx'

export function LiveDot({
  status,
  text,
}: {
  status: 'connecting' | 'live' | 'interrupted' | 'paused'
  text: string
}) {
  return (
    <span role="status" className="inline-flex items-center gap-1.5 text-sm font-medium text-muted">
      <span
        aria-hidden
        className={cx(
          'size-2.5 rounded-full',
          status === 'live' && 'bg-ok',
          status === 'connecting' && 'animate-pulse bg-edge',
          status === 'interrupted' && 'bg-bad',
          status === 'paused' && 'border-2 border-edge',
        )}
      />
      {text}
    </span>
  )
}

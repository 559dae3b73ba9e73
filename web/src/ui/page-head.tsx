import type { ReactNode } from 'react'

/** A page's name, what it is for, and the first thing to do there. */
export function PageHead({
  title,
  detail,
  action,
}: {
  title: string
  detail?: string | undefined
  action?: ReactNode
}) {
  return (
    <div className="mb-6 flex flex-wrap items-end justify-between gap-4">
      <div className="min-w-0">
        <h1 className="text-3xl font-bold">{title}</h1>
        {detail !== undefined && <p className="mt-1 max-w-prose text-muted">{detail}</p>}
      </div>
      {action}
    </div>
  )
}

import { Link } from '@tanstack/react-router'
import { History } from 'lucide-react'
import type { ReactNode } from 'react'
import { useMay } from './session'

/** What is asked about: an event, or all that happened to something. */
export type Why =
  { event: number } | { seat: string } | { ticket: string } | { order: string } | { scan: string }

/** From something that is so to the events that made it so; for those who may read the history. */
export function WhyLink({
  show,
  why,
  label,
  className = 'inline-flex min-h-11 items-center gap-1.5 font-semibold text-accent underline-offset-4 hover:underline',
  children,
}: {
  show: string
  why: Why
  /** Its name where what is shown says too little. */
  label?: string
  className?: string
  children?: ReactNode
}) {
  const may = useMay()
  if (!may('list_history')) return null
  return (
    <Link
      to="/audit/$show"
      params={{ show }}
      search={why}
      aria-label={label}
      title={label}
      className={className}
    >
      <History aria-hidden className="size-5 shrink-0" />
      {children}
    </Link>
  )
}

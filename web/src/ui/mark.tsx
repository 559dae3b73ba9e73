/** The sign of Turnout: a ticket that has been let in. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg aria-hidden viewBox="0 0 32 32" className={className}>
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path
        d="M6 11a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2v2.6a2.5 2.5 0 0 0 0 4.8V21a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2v-2.6a2.5 2.5 0 0 0 0-4.8z"
        className="fill-on-accent"
      />
      <path
        d="m11.5 16 3 3 6-6"
        fill="none"
        className="stroke-accent"
        strokeWidth="2.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}

import type { PlacedSeat, SeatPlan } from '@/lib/seat-map'
import { cx } from './cx'
import { SeatSample, type SeatLook } from './seat-look'

function byRow(seats: readonly PlacedSeat[]): [row: string, seats: PlacedSeat[]][] {
  const rows = new Map<string, PlacedSeat[]>()
  for (const seat of seats) {
    const known = rows.get(seat.row)
    if (known) known.push(seat)
    else rows.set(seat.row, [seat])
  }
  return [...rows]
}

/** The seat map as nested lists: section, row, seats. For screen readers, and for whoever prefers to read. */
export function SeatList({
  plan,
  lookOf,
  nameOf,
  colourOf,
  onToggle,
  rowName,
  freeCount,
}: {
  plan: SeatPlan
  lookOf: (seat: PlacedSeat) => SeatLook
  nameOf: (seat: PlacedSeat, look: SeatLook) => string
  colourOf: (category: string | null) => string
  onToggle: (seat: PlacedSeat) => void
  rowName: (row: string) => string
  freeCount: (free: number) => string
}) {
  return (
    <div className="divide-y divide-line overflow-y-auto">
      {plan.sections.map(({ name }) => {
        const seats = plan.seats.filter((seat) => seat.section === name)
        const rows = byRow(seats)
        const free = seats.filter((seat) => lookOf(seat) === 'free').length
        return (
          <details key={name} open={plan.sections.length === 1}>
            <summary className="flex min-h-12 cursor-pointer items-center justify-between gap-3 px-4 py-2 font-semibold">
              {name}
              <span className="text-sm font-normal text-muted">{freeCount(free)}</span>
            </summary>
            <ul className="space-y-3 px-4 pb-4">
              {rows.map(([row, rowSeats]) => (
                <li key={row}>
                  <h4 className="mb-1 text-sm font-semibold text-muted">{rowName(row)}</h4>
                  <ul className="flex flex-wrap gap-1.5">
                    {rowSeats.map((seat) => {
                      const look = lookOf(seat)
                      const open = look === 'free' || look === 'chosen'
                      return (
                        <li key={seat.address}>
                          <button
                            type="button"
                            aria-label={nameOf(seat, look)}
                            aria-pressed={look === 'chosen'}
                            aria-disabled={!open || undefined}
                            onClick={() => {
                              onToggle(seat)
                            }}
                            className={cx(
                              'flex min-h-11 items-center gap-1.5 rounded-lg border px-2.5 text-sm font-semibold tabular-nums',
                              look === 'chosen' ? 'border-accent bg-accent-soft' : 'border-line',
                              !open && 'cursor-not-allowed text-muted',
                            )}
                          >
                            <SeatSample look={look} colour={colourOf(seat.category)} />
                            {seat.seat}
                          </button>
                        </li>
                      )
                    })}
                  </ul>
                </li>
              ))}
            </ul>
          </details>
        )
      })}
    </div>
  )
}

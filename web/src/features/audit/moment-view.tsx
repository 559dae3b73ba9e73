import { useQuery } from '@tanstack/react-query'
import { memo, useCallback, useMemo, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { seatingQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { numbersOf, totals } from '@/api/totals'
import { isSeated, type Availability, type Show } from '@/api/types'
import { readAvailability } from '@/api/words'
import { formatMoney } from '@/lib/money'
import { placeSeats, type PlacedSeat, type SeatPlan } from '@/lib/seat-map'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { SeatSample, type SeatLook } from '@/ui/seat-look'
import { SeatMap } from '@/ui/seat-map'
import { useSeatOnMapName } from '@/ui/seat-name'
import { Card, Skeleton } from '@/ui/surface'
import { attendanceAtQuery, availabilityAtQuery, salesAtQuery, seatsAtQuery } from './queries'
import { soFar, type Line } from './timeline'

const looks = ['free', 'held', 'sold', 'blocked'] as const satisfies readonly SeatLook[]

/** The show as it stood at a position: places, money, door. */
export const MomentView = memo(function MomentView({
  show,
  at,
  line,
  onSeat,
}: {
  show: Show
  at: number
  line: Line
  /** Asks for the events of a seat. */
  onSeat: (address: string) => void
}) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const availability = useQuery(availabilityAtQuery(show.id, at))
  const { data: seating } = useQuery(seatingQuery(show.id))
  const plan = useMemo(() => (seating ? placeSeats(seating.sections.filter(isSeated)) : null), [seating])
  if (availability.error && !availability.data) return <ErrorNotice {...explain(availability.error)} />
  if (!availability.data) return <Skeleton className="h-72" />
  const then = readAvailability(availability.data)
  return (
    <div className="grid gap-4">
      <Figures show={show} at={at} line={line} availability={then} />
      {plan && plan.seats.length > 0 && <Seats show={show.id} at={at} plan={plan} onSeat={onSeat} />}
      <Sections availability={then} caption={t('audit.sections')} />
    </div>
  )
})

function Figures({
  show,
  at,
  line,
  availability,
}: {
  show: Show
  at: number
  line: Line
  availability: Availability
}) {
  const { t } = useTranslation()
  const may = useMay()
  const all = totals(availability)
  const seesDoor = may('get_attendance')
  const seesMoney = may('get_sales_report')
  const { data: door } = useQuery({ ...attendanceAtQuery(show.id, at), enabled: seesDoor })
  const { data: sales } = useQuery({ ...salesAtQuery(show.id, at), enabled: seesMoney })
  const counted = soFar(line, at)
  const money = sales?.totals.find((total) => total.gross.currency === show.currency)
  // What was taken off again is in no settlement either.
  const gross = (money?.gross.amount ?? 0) - (money?.cancelled.amount ?? 0)
  return (
    <section aria-label={t('audit.figures')}>
      <dl className="grid grid-cols-2 gap-2 sm:grid-cols-4">
        <Figure term={t('numbers.sold')}>
          {all ? `${count(all.sold)} / ${count(all.capacity)}` : count(counted.sold)}
        </Figure>
        {all && <Figure term={t('numbers.kept')}>{count(all.held + all.blocked)}</Figure>}
        {all && <Figure term={t('numbers.available')}>{count(all.available)}</Figure>}
        {seesMoney && (
          <Figure term={t('audit.gross')}>{formatMoney({ amount: gross, currency: show.currency })}</Figure>
        )}
        {door ? (
          <>
            <Figure term={t('numbers.inside')}>{count(door.inside)}</Figure>
            <Figure term={t('audit.admitted')}>{count(door.admitted)}</Figure>
            <Figure term={t('audit.refused')}>{count(door.refused)}</Figure>
          </>
        ) : (
          !seesDoor && (
            <>
              <Figure term={t('audit.let_in')}>{count(counted.admitted)}</Figure>
              <Figure term={t('audit.refused')}>{count(counted.refused)}</Figure>
            </>
          )
        )}
      </dl>
    </section>
  )
}

const count = (value: number) => value.toLocaleString('en')

function Figure({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="rounded-xl border border-line bg-surface px-3 py-2">
      <dt className="text-sm text-muted">{term}</dt>
      <dd className="text-lg font-bold tabular-nums">{children}</dd>
    </div>
  )
}

function Seats({
  show,
  at,
  plan,
  onSeat,
}: {
  show: string
  at: number
  plan: SeatPlan
  onSeat: (address: string) => void
}) {
  const { t } = useTranslation()
  const { data: then, error } = useQuery(seatsAtQuery(show, at))
  const [chosen, setChosen] = useState<PlacedSeat | null>(null)
  const lookOf = useCallback(
    (seat: PlacedSeat): SeatLook => {
      const state = then?.seats[seat.address]
      if (state === undefined) return 'free'
      return state === 'taken' ? 'sold' : state
    },
    [then],
  )
  const nameOf = useSeatOnMapName()
  const colourOf = useCallback(() => 'seats-by-state', [])
  if (!then && error) return <p className="text-muted">{t('dashboard.occupancy.no_map')}</p>
  if (!then) return <Skeleton className="h-72" />
  return (
    <Card className="overflow-hidden">
      <SeatMap
        readOnly
        className="h-72 sm:h-88"
        plan={plan}
        lookOf={lookOf}
        nameOf={nameOf}
        colourOf={colourOf}
        onToggle={setChosen}
        words={{
          map: t('audit.map'),
          help: t('dashboard.occupancy.help'),
          zoomIn: t('seat_map.zoom_in'),
          zoomOut: t('seat_map.zoom_out'),
          whole: t('seat_map.whole'),
          sections: t('seat_map.sections'),
          front: t('seat_map.front'),
        }}
      />
      <div className="border-t border-line px-4 py-2">
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
          {looks.map((look) => (
            <li key={look} className="flex items-center gap-1.5">
              <SeatSample look={look} colour="seats-by-state" />
              {t(`seat.state.${look}`)}
            </li>
          ))}
        </ul>
        <div className="flex min-h-11 flex-wrap items-center gap-x-3">
          <p role="status" className="text-sm font-medium">
            {chosen ? nameOf(chosen, lookOf(chosen)) : t('audit.choose_seat')}
          </p>
          {chosen && (
            <Button
              look="quiet"
              onClick={() => {
                onSeat(chosen.address)
              }}
            >
              {t('audit.why_seat')}
            </Button>
          )}
        </div>
      </div>
    </Card>
  )
}

function Sections({ availability, caption }: { availability: Availability; caption: string }) {
  const { t } = useTranslation()
  const rows = availability.sections.flatMap((section) => {
    const numbers = numbersOf(section)
    return numbers ? [{ name: section.name, ...numbers }] : []
  })
  if (rows.length === 0) return null
  const number = 'px-2 py-2 text-right tabular-nums last:pr-4'
  return (
    <Card className="overflow-hidden">
      <table className="w-full text-[0.95rem]">
        <caption className="px-4 pt-3 pb-1 text-left font-bold">{caption}</caption>
        <thead className="text-sm text-muted">
          <tr>
            <th scope="col" className="py-1 pl-4 text-left font-semibold">
              {t('event.section')}
            </th>
            <th scope="col" className="px-2 text-right font-semibold">
              {t('numbers.sold')}
            </th>
            <th scope="col" className="px-2 text-right font-semibold">
              {t('audit.held')}
            </th>
            <th scope="col" className="px-2 text-right font-semibold max-sm:hidden">
              {t('audit.blocked')}
            </th>
            <th scope="col" className="pr-4 pl-2 text-right font-semibold">
              {t('numbers.available')}
            </th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row" className="py-2 pl-4 text-left font-medium [overflow-wrap:anywhere]">
                {row.name}
              </th>
              <td className={number}>{count(row.sold)}</td>
              <td className={number}>{count(row.held)}</td>
              <td className={`${number} max-sm:hidden`}>{count(row.blocked)}</td>
              <td className={number}>{count(row.available)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}

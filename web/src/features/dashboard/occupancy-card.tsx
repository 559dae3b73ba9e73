import { useQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { seatingQuery, seatsQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { isSeated } from '@/api/types'
import { placeSeats, type PlacedSeat, type SeatPlan } from '@/lib/seat-map'
import { CheckField } from '@/ui/check-list'
import { SeatPicture, SeatSample, type SeatLook } from '@/ui/seat-look'
import { SeatMap } from '@/ui/seat-map'
import { useSeatOnMapName } from '@/ui/seat-name'
import { Skeleton } from '@/ui/surface'
import { usePrinting } from '@/ui/use-printing'
import { FigureTable } from './figure-table'
import { formatCount, formatShare, totalCount } from './figures'
import { admittedSeatsQuery, eventsLink, occupancyQuery, seatsThenQuery, type AsOf } from './queries'
import { ReportCard } from './report-card'

/** So many tickets are quickly asked for; whoever is in of more is shown when somebody wants to see it. */
const TICKETS_AT_ONCE = 2_000
const looks = ['free', 'held', 'sold', 'admitted', 'blocked'] as const satisfies readonly SeatLook[]

/** What became of the places: drawn on the seating, and by section. */
export function OccupancyCard({ show, asOf }: { show: string; asOf: AsOf }) {
  const { t } = useTranslation()
  const query = useQuery(occupancyQuery(show, asOf))
  return (
    <ReportCard
      title={t('dashboard.occupancy.title')}
      query={query}
      isEmpty={(report) => report.rows.length === 0}
      empty={t('dashboard.occupancy.none')}
      exports={{ report: 'occupancy', show, by: 'section', asOf }}
    >
      {(report) => {
        const sum = (name: 'capacity' | 'sold' | 'held' | 'blocked' | 'available' | 'admitted') =>
          totalCount(report.totals, name)
        return (
          <div className="grid gap-5 grid-cols-[minmax(0,1fr)] lg:grid-cols-2 print:grid-cols-1">
            <Seating show={show} asOf={asOf} sold={sum('sold')} someIn={sum('admitted') > 0} />
            <FigureTable
              caption={t('dashboard.occupancy.title')}
              roomy={[1, 2, 4]}
              head={[
                t('event.section'),
                t('numbers.sold'),
                t('dashboard.figure.held'),
                t('dashboard.figure.blocked'),
                t('numbers.available'),
                t('dashboard.figure.admitted'),
              ]}
              rows={[
                ...report.rows.map((row, at) => ({
                  key: String(at),
                  name: row.key.section ?? t('dashboard.none'),
                  share: row.capacity > 0 ? row.sold / row.capacity : 0,
                  cells: [
                    `${formatCount(row.sold)} / ${formatCount(row.capacity)}`,
                    formatCount(row.held),
                    formatCount(row.blocked),
                    formatCount(row.available),
                    formatCount(row.admitted),
                  ],
                  link: row.events,
                })),
                {
                  key: 'all',
                  name: t('dashboard.total', { share: formatShare(sum('sold'), sum('capacity')) }),
                  strong: true,
                  cells: [
                    `${formatCount(sum('sold'))} / ${formatCount(sum('capacity'))}`,
                    formatCount(sum('held')),
                    formatCount(sum('blocked')),
                    formatCount(sum('available')),
                    formatCount(sum('admitted')),
                  ],
                  link: eventsLink('occupancy', show, asOf),
                },
              ]}
            />
          </div>
        )
      }}
    </ReportCard>
  )
}

function Seating({ show, asOf, sold, someIn }: { show: string; asOf: AsOf; sold: number; someIn: boolean }) {
  const { data: seating } = useQuery(seatingQuery(show))
  const plan = useMemo(() => (seating ? placeSeats(seating.sections.filter(isSeated)) : null), [seating])
  if (!plan) return <Skeleton className="h-72" />
  if (plan.seats.length === 0) return null
  return <Plan show={show} asOf={asOf} plan={plan} sold={sold} someIn={someIn} />
}

function Plan({
  show,
  asOf,
  plan,
  sold,
  someIn,
}: {
  show: string
  asOf: AsOf
  plan: SeatPlan
  sold: number
  someIn: boolean
}) {
  const { t } = useTranslation()
  const may = useMay()
  const printing = usePrinting()
  const mayAsk = may('list_tickets') && someIn
  const [wanted, setWanted] = useState<boolean | null>(null)
  const withAdmitted = mayAsk && (wanted ?? sold <= TICKETS_AT_ONCE)
  const { data: now } = useQuery({ ...seatsQuery(show), enabled: asOf === null })
  const { data: then, error } = useQuery({ ...seatsThenQuery(show, asOf), enabled: asOf !== null })
  const admitted = useQuery({ ...admittedSeatsQuery(show, asOf), enabled: withAdmitted })
  const taken = asOf === null ? now : then
  const [note, setNote] = useState<string | null>(null)

  const lookOf = useCallback(
    (seat: PlacedSeat): SeatLook => {
      const state = taken?.seats[seat.address]
      if (state === undefined) return 'free'
      if (state === 'held' || state === 'blocked') return state
      return withAdmitted && admitted.data?.has(seat.address) === true ? 'admitted' : 'sold'
    },
    [taken, withAdmitted, admitted.data],
  )
  const nameOf = useSeatOnMapName()
  const colourOf = useCallback(() => 'seats-by-state', [])

  if (!taken && error) return <p className="text-muted">{t('dashboard.occupancy.no_map')}</p>
  if (!taken) return <Skeleton className="h-72" />
  return (
    <div className="min-w-0">
      <div className="overflow-hidden rounded-xl border border-line print:border-0">
        {printing ? (
          <SeatPicture plan={plan} lookOf={lookOf} colourOf={colourOf} label={t('seat_map.map')} />
        ) : (
          <SeatMap
            readOnly
            className="h-80 sm:h-104"
            plan={plan}
            lookOf={lookOf}
            nameOf={nameOf}
            colourOf={colourOf}
            onToggle={(seat) => {
              setNote(nameOf(seat, lookOf(seat)))
            }}
            words={{
              map: t('dashboard.occupancy.map'),
              help: t('dashboard.occupancy.help'),
              zoomIn: t('seat_map.zoom_in'),
              zoomOut: t('seat_map.zoom_out'),
              whole: t('seat_map.whole'),
              sections: t('seat_map.sections'),
              front: t('seat_map.front'),
            }}
          />
        )}
      </div>
      <ul className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {looks
          .filter((look) => look !== 'admitted' || withAdmitted)
          .map((look) => (
            <li key={look} className="flex items-center gap-1.5">
              <SeatSample look={look} colour="seats-by-state" />
              {t(`seat.state.${look}`)}
            </li>
          ))}
      </ul>
      <p role="status" className="min-h-6 text-sm font-medium print:hidden">
        {note}
      </p>
      {mayAsk && (
        <div className="mt-2 print:hidden">
          <CheckField
            label={t('dashboard.occupancy.who_is_in')}
            hint={admitted.isFetching && !admitted.data ? t('app.loading') : undefined}
            checked={withAdmitted}
            onChange={setWanted}
          />
        </div>
      )}
    </div>
  )
}

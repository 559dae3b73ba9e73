import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ArrowLeft, Printer } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '@/api/live'
import { attendanceQuery, showQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { formatMoment, formatWhen, zoneName } from '@/lib/time'
import { Button } from '@/ui/button'
import { LiveDot } from '@/ui/live-dot'
import { EmptyState } from '@/ui/surface'
import { useNow } from '@/ui/use-now'
import { arrivalsBy } from './arrival-series'
import { HoldsCard, NoShowsCard, RefusalsCard, SalesByCard } from './breakdown-cards'
import { CompareCard } from './compare-card'
import { EventsDrawer } from './events-drawer'
import { totalCount } from './figures'
import { FiguresRow } from './figures-row'
import { MomentChooser, PastBanner } from './moment-chooser'
import { OccupancyCard } from './occupancy-card'
import { ArrivalsCard, SalesCard } from './over-time-cards'
import {
  attendanceReportQuery,
  attendanceThenQuery,
  noShowsQuery,
  occupancyQuery,
  salesQuery,
  type AsOf,
} from './queries'
import type { Per } from './sales-series'
import { useFreshReports } from './use-fresh-reports'

const route = '/seller/events/$id/dashboard'

/** An event in figures and charts: as it is, or as it was. */
export function DashboardPage() {
  const { t } = useTranslation()
  const may = useMay()
  const { id } = useParams({ from: route })
  if (may('get_sales_report')) return <Dashboard key={id} id={id} />
  return (
    <div className="mx-auto max-w-3xl px-4 py-10">
      <EmptyState title={t('problem.code.forbidden')}>{t('dashboard.forbidden')}</EmptyState>
    </div>
  )
}

function Dashboard({ id: named }: { id: string }) {
  const { t } = useTranslation()
  const search = useSearch({ from: route })
  const navigate = useNavigate({ from: '/events/$id/dashboard' })
  const { data: show } = useSuspenseQuery(showQuery(named))
  // Reports know shows by their ids, the address of this page may have its slug.
  const { id } = show
  const asOf: AsOf = search.as_of ?? null
  const [per, setPer] = useState<Per>('day')
  const live = useLive(id, asOf !== null)
  useFreshReports(id, asOf !== null)
  const minute = useNow(60_000).getTime()
  const now = asOf === null ? minute : Date.parse(asOf)

  const sales = useQuery(salesQuery(id, per, asOf))
  const occupancy = useQuery(occupancyQuery(id, asOf))
  const entries = useQuery(attendanceReportQuery(id, arrivalsBy(show), asOf))
  const attendanceNow = useQuery({ ...attendanceQuery(id), enabled: asOf === null })
  const attendanceThen = useQuery({ ...attendanceThenQuery(id, asOf), enabled: asOf !== null })
  const attendance = asOf === null ? attendanceNow : attendanceThen
  // Persons, as those who come are counted; the attendance counts tickets.
  const { data: noShows } = useQuery(noShowsQuery(id, 'ticket_type', asOf))
  const expected = noShows && totalCount(noShows.totals, 'issued')

  useEffect(() => {
    // What a print is called when it is kept as a file.
    const before = document.title
    document.title = t('dashboard.title', { name: show.name })
    return () => {
      document.title = before
    }
  }, [show.name, t])

  const setAsOf = (moment: AsOf) =>
    void navigate({ search: (old) => ({ ...old, as_of: moment ?? undefined }), replace: false })
  const asked = { show: id, asOf }

  return (
    <EventsDrawer zone={show.timezone}>
      <div className="mx-auto w-full max-w-7xl px-4 py-5 sm:px-6 print:max-w-none print:p-0">
        <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
          <div className="min-w-0">
            <Link
              to="/events/$id"
              params={{ id }}
              className="inline-flex min-h-11 items-center gap-1.5 font-semibold text-muted hover:text-text print:hidden"
            >
              <ArrowLeft aria-hidden className="size-5" />
              {t('box_office.back')}
            </Link>
            <h1 className="text-2xl leading-tight font-bold sm:text-3xl">
              {t('dashboard.title', { name: show.name })}
            </h1>
            <p className="text-muted">
              <time dateTime={show.starts_at}>{formatWhen(show.starts_at, show.timezone)}</time>{' '}
              {zoneName(show.starts_at, show.timezone)} · {show.venue.name}
            </p>
            <p className="hidden text-muted print:block">
              {t('dashboard.printed', { when: formatMoment(new Date(minute).toISOString(), show.timezone) })}
            </p>
          </div>
          <div className="flex flex-wrap items-center gap-3 print:hidden">
            <LiveDot status={live} text={t(`live.${live}`)} />
            <MomentChooser asOf={asOf} zone={show.timezone} onChange={setAsOf} />
            <Button
              look="secondary"
              icon={<Printer aria-hidden className="size-5" />}
              onClick={() => {
                globalThis.print()
              }}
            >
              {t('dashboard.print')}
            </Button>
          </div>
        </div>

        {asOf !== null && (
          <PastBanner
            asOf={asOf}
            zone={show.timezone}
            onNow={() => {
              setAsOf(null)
            }}
          />
        )}

        <FiguresRow
          show={id}
          asOf={asOf}
          currency={show.currency}
          sales={sales}
          occupancy={occupancy}
          entries={entries}
          attendance={attendance}
          expected={expected}
        />

        <div className="mt-5 grid items-start gap-5 lg:grid-cols-2 print:block print:space-y-4">
          <SalesCard
            show={show}
            asOf={asOf}
            sales={sales}
            per={per}
            onPer={setPer}
            now={now}
            occupancy={occupancy}
          />
          <CompareCard
            mine={{ show, sales: sales.data, occupancy: occupancy.data, entries: entries.data }}
            per={per}
            asOf={asOf}
            now={now}
            other={search.with}
            onOther={(other) =>
              void navigate({ search: (old) => ({ ...old, with: other }), replace: true, resetScroll: false })
            }
          />
          <SalesByCard {...asked} choices={['ticket_type']} />
          <SalesByCard {...asked} choices={['channel']} />
          <SalesByCard {...asked} choices={['price', 'category', 'section', 'status']} />
          <HoldsCard {...asked} />
          <div className="lg:col-span-2">
            <OccupancyCard {...asked} />
          </div>
          <ArrivalsCard show={show} asOf={asOf} entries={entries} expected={expected ?? 0} />
          <RefusalsCard {...asked} />
          <NoShowsCard {...asked} />
        </div>
      </div>
    </EventsDrawer>
  )
}

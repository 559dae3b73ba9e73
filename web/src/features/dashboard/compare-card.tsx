import { useQuery } from '@tanstack/react-query'
import { useId, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { allShowsQuery } from '@/api/queries'
import type { AttendanceFigures, OccupancyFigures, Report, SalesFigures } from '@/api/reports'
import type { Show } from '@/api/types'
import { formatWhenShort } from '@/lib/time'
import { cx } from '@/ui/cx'
import { Choices, SelectField } from '@/ui/field'
import { Card } from '@/ui/surface'
import { arrivalsBy } from './arrival-series'
import { aligned, atThisPoint, type CompareMeasure, type Run } from './compare'
import { CompareChart, useBeforeLabel } from './compare-chart'
import { EventsText } from './events-drawer'
import { FigureTable } from './figure-table'
import { formatCount, formatMoney, formatShare, totalCount, totalIn } from './figures'
import {
  attendanceReportQuery,
  eventsLink,
  occupancyQuery,
  salesQuery,
  type AsOf,
  type ReportName,
} from './queries'
import { salesSeries, type Per } from './sales-series'

export interface Side {
  show: Show
  sales: Report<SalesFigures> | undefined
  occupancy: Report<OccupancyFigures> | undefined
  entries: Report<AttendanceFigures> | undefined
}

/** Until when an event's line is drawn: now, or its end. */
export const seriesEnd = (show: Show, now: number): number =>
  Math.min(now, Date.parse(show.ends_at ?? show.starts_at))

/** Chooses the event to compare with, and lays the two over each other. */
export function CompareCard({
  mine,
  per,
  asOf,
  now,
  other,
  onOther,
}: {
  mine: Side
  per: Per
  asOf: AsOf
  now: number
  other: string | undefined
  onOther: (show: string | undefined) => void
}) {
  const { t } = useTranslation()
  const id = useId()
  const { data: shows } = useQuery(allShowsQuery)
  const candidates = (shows ?? []).filter(
    ({ id: show, status }) => show !== mine.show.id && status !== 'draft',
  )
  const chosen = candidates.find((show) => show.id === other)
  return (
    <Card
      aria-labelledby={id}
      className={cx('report-card min-w-0 p-4 sm:p-5 lg:col-span-2', !chosen && 'print:hidden')}
    >
      <h2 id={id} className="text-lg font-bold">
        {t('dashboard.compare.title')}
      </h2>
      <p className="mb-3 text-sm text-muted print:hidden">{t('dashboard.compare.detail')}</p>
      <SelectField
        label={t('dashboard.compare.choose')}
        className="max-w-xl print:hidden"
        value={chosen?.id ?? ''}
        onChange={(event) => {
          onOther(event.target.value === '' ? undefined : event.target.value)
        }}
      >
        <option value="">{t('dashboard.compare.none')}</option>
        {candidates.map((show) => (
          <option key={show.id} value={show.id}>
            {show.name} · {formatWhenShort(show.starts_at, show.timezone)}
          </option>
        ))}
      </SelectField>
      {chosen && <Compared mine={mine} other={chosen} per={per} asOf={asOf} now={now} />}
    </Card>
  )
}

function Compared({
  mine,
  other,
  per,
  asOf,
  now,
}: {
  mine: Side
  other: Show
  per: Per
  asOf: AsOf
  now: number
}) {
  const { t } = useTranslation()
  const sales = useQuery(salesQuery(other.id, per, asOf))
  const occupancy = useQuery(occupancyQuery(other.id, asOf))
  const entries = useQuery(attendanceReportQuery(other.id, arrivalsBy(other), asOf))
  const beforeLabel = useBeforeLabel()
  const sameMoney = other.currency === mine.show.currency
  const measures: CompareMeasure[] = ['places', 'share', ...(sameMoney ? (['gross', 'net'] as const) : [])]
  const [measure, setMeasure] = useState<CompareMeasure>('places')
  const names = namesOf(mine.show, other)

  const [ownRun, otherRun] = useMemo(() => {
    const run = (show: Show, report: Side['sales'], places: Side['occupancy']): Run | null =>
      report?.by[0] === per
        ? {
            steps: salesSeries(report.rows, per, show.timezone, seriesEnd(show, now)),
            startsAt: show.starts_at,
            zone: show.timezone,
            capacity: places ? totalCount(places.totals, 'capacity') : null,
          }
        : null
    return [run(mine.show, mine.sales, mine.occupancy), run(other, sales.data, occupancy.data)]
  }, [mine, other, sales.data, occupancy.data, per, now])

  const point = ownRun && otherRun && atThisPoint(ownRun, otherRun, per)
  return (
    <div className="mt-4 grid grid-cols-[minmax(0,1fr)] gap-4">
      {point && (
        <p className="rounded-xl bg-accent-soft px-4 py-3 text-[0.95rem]">
          {t('dashboard.compare.point', {
            when: beforeLabel(point.before, per),
            mine: formatCount(point.mine),
            other: formatCount(point.other),
            name: names[1],
            difference: signed(point.mine - point.other),
          })}
        </p>
      )}
      <div className="print:hidden">
        <Choices
          legend={t('dashboard.measure')}
          hideLegend
          value={measures.includes(measure) ? measure : 'places'}
          onChange={setMeasure}
          options={measures.map((value) => ({ value, label: t(`dashboard.measures.${value}`) }))}
        />
      </div>
      {ownRun && otherRun && (
        <CompareChart
          lines={aligned(ownRun, otherRun, per, measures.includes(measure) ? measure : 'places')}
          per={per}
          measure={measures.includes(measure) ? measure : 'places'}
          currency={mine.show.currency}
          names={names}
        />
      )}
      {!sameMoney && <p className="text-sm text-muted">{t('dashboard.compare.currencies')}</p>}
      <SidesTable
        mine={mine}
        other={{ show: other, sales: sales.data, occupancy: occupancy.data, entries: entries.data }}
        names={names}
        asOf={asOf}
      />
    </div>
  )
}

/** Two events of one name are told apart by their day. */
function namesOf(mine: Show, other: Show): [string, string] {
  if (mine.name !== other.name) return [mine.name, other.name]
  const named = (show: Show) => `${show.name}, ${formatWhenShort(show.starts_at, show.timezone)}`
  return [named(mine), named(other)]
}

const signed = (count: number): string =>
  count > 0 ? `+${formatCount(count)}` : formatCount(count).replace('-', '−')

function SidesTable({
  mine,
  other,
  names,
  asOf,
}: {
  mine: Side
  other: Side
  names: [string, string]
  asOf: AsOf
}) {
  const { t } = useTranslation()
  const rows: SidesRow[] = [
    row(
      t('numbers.sold'),
      'occupancy',
      ['sold'],
      ({ occupancy }) =>
        occupancy &&
        written(occupancy, (sold, capacity) => `${formatCount(sold)} / ${formatCount(capacity)}`),
    ),
    row(
      t('dashboard.measures.share'),
      'occupancy',
      ['sold', 'capacity'],
      ({ occupancy }) => occupancy && written(occupancy, formatShare),
    ),
    ...(['gross', 'refunded', 'net'] as const).map((name) =>
      row(
        t(`dashboard.figure.${name}`),
        'sales',
        [name],
        ({ sales, show }) => sales && formatMoney(totalIn(sales.totals, name, show.currency)),
      ),
    ),
    ...(['admitted', 'refused'] as const).map((name) =>
      row(
        t(`dashboard.figure.${name}`),
        'attendance',
        [name],
        ({ entries }) => entries && formatCount(totalCount(entries.totals, name)),
      ),
    ),
  ]
  return (
    <FigureTable
      caption={t('dashboard.compare.table')}
      head={[t('dashboard.compare.figure'), ...names]}
      rows={rows.map(({ name, report, figures, write }) => ({
        key: name,
        name,
        cells: [mine, other].map((side, at) => {
          const value = write(side)
          if (value === undefined) return '…'
          const { id, timezone } = side.show
          return (
            <EventsText
              key={id}
              title={`${names[at] ?? side.show.name}: ${name}`}
              link={eventsLink(report, id, asOf)}
              figures={figures}
              zone={timezone}
            >
              {value}
            </EventsText>
          )
        }),
      }))}
    />
  )
}

/** A figure of both, with where its events are. */
interface SidesRow {
  name: string
  report: ReportName
  figures: readonly string[]
  write: (side: Side) => string | undefined
}

const row = (
  name: string,
  report: ReportName,
  figures: readonly string[],
  write: SidesRow['write'],
): SidesRow => ({ name, report, figures, write })

const written = (
  { totals }: Report<OccupancyFigures>,
  write: (sold: number, capacity: number) => string,
): string => write(totalCount(totals, 'sold'), totalCount(totals, 'capacity'))

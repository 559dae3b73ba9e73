/** The two cards with charts over time: sales, and arrivals at the door. */
import type { UseQueryResult } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { AttendanceFigures, OccupancyFigures, Report, SalesFigures } from '@/api/reports'
import type { Show } from '@/api/types'
import { Choices } from '@/ui/field'
import { ArrivalChart } from './arrival-chart'
import { arrivalsBy, arrivalSeries, MINUTES, usualMinutes, type Minutes } from './arrival-series'
import { seriesEnd } from './compare-card'
import { totalCount } from './figures'
import type { AsOf } from './queries'
import { ReportCard } from './report-card'
import { SalesChart } from './sales-chart'
import { salesSeries, type Measure, type Per } from './sales-series'

const MEASURES = ['places', 'gross', 'net'] as const satisfies readonly Measure[]

export function SalesCard({
  show,
  asOf,
  now,
  per,
  onPer,
  sales,
  occupancy,
}: {
  show: Show
  asOf: AsOf
  now: number
  per: Per
  onPer: (per: Per) => void
  sales: UseQueryResult<Report<SalesFigures>>
  occupancy: UseQueryResult<Report<OccupancyFigures>>
}) {
  const { t } = useTranslation()
  const [measure, setMeasure] = useState<Measure>('places')
  // While the other steps are on their way, the rows are still those of the steps before.
  const shown = sales.data?.by.includes('hour') === true ? 'hour' : 'day'
  const steps = useMemo(
    () => salesSeries(sales.data?.rows ?? [], shown, show.timezone, seriesEnd(show, now)),
    [sales.data, shown, show, now],
  )
  return (
    <ReportCard
      className="lg:col-span-2"
      title={t('dashboard.sales.title')}
      query={sales}
      isEmpty={() => steps.length === 0}
      empty={t(asOf === null ? 'dashboard.sales.none' : 'dashboard.sales.none_then')}
      exports={{ report: 'sales', show: show.id, by: per, asOf }}
      controls={
        <div className="flex flex-wrap gap-x-6 gap-y-3">
          <Choices
            legend={t('dashboard.measure')}
            hideLegend
            value={measure}
            onChange={setMeasure}
            options={MEASURES.map((value) => ({ value, label: t(`dashboard.measures.${value}`) }))}
          />
          <Choices
            legend={t('dashboard.steps')}
            hideLegend
            value={per}
            onChange={onPer}
            options={[
              { value: 'day', label: t('dashboard.sales.by_day') },
              { value: 'hour', label: t('dashboard.sales.by_hour') },
            ]}
          />
        </div>
      }
    >
      {() => (
        <SalesChart
          show={show.id}
          asOf={asOf}
          steps={steps}
          per={shown}
          measure={measure}
          zone={show.timezone}
          currency={show.currency}
          capacity={occupancy.data ? totalCount(occupancy.data.totals, 'capacity') : null}
        />
      )}
    </ReportCard>
  )
}

export function ArrivalsCard({
  show,
  asOf,
  entries,
  expected,
}: {
  show: Show
  asOf: AsOf
  entries: UseQueryResult<Report<AttendanceFigures>>
  /** Persons of valid tickets. */
  expected: number
}) {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState<Minutes | null>(null)
  const rows = useMemo(() => entries.data?.rows ?? [], [entries.data])
  const byHour = arrivalsBy(show) === 'hour,gate'
  const minutes = byHour ? 60 : (chosen ?? usualMinutes(rows))
  const arrivals = useMemo(() => arrivalSeries(rows, minutes), [rows, minutes])
  const marks = [
    ...(show.doors_at === null
      ? []
      : [{ at: Date.parse(show.doors_at), text: t('dashboard.arrivals.doors') }]),
    { at: Date.parse(show.starts_at), text: t('dashboard.arrivals.start') },
  ]
  return (
    <ReportCard
      className="lg:col-span-2"
      title={t('dashboard.arrivals.title')}
      query={entries}
      isEmpty={() => arrivals.steps.length === 0}
      empty={t('dashboard.arrivals.none')}
      exports={{ report: 'attendance', show: show.id, by: arrivalsBy(show), asOf }}
      controls={
        arrivals.steps.length === 0 || byHour ? undefined : (
          <Choices
            legend={t('dashboard.steps')}
            hideLegend
            value={String(minutes)}
            onChange={(value) => {
              setChosen(MINUTES.find((candidate) => String(candidate) === value) ?? null)
            }}
            options={MINUTES.map((count) => ({
              value: String(count),
              label: t('dashboard.arrivals.minutes', { count }),
            }))}
          />
        )
      }
    >
      {() => (
        <ArrivalChart
          show={show.id}
          asOf={asOf}
          arrivals={arrivals}
          minutes={minutes}
          zone={show.timezone}
          expected={expected}
          marks={marks}
        />
      )}
    </ReportCard>
  )
}

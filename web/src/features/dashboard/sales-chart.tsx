import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import {
  Area,
  Bar,
  BarChart,
  CartesianGrid,
  ComposedChart,
  ReferenceLine,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts'
import { AXIS_WIDTH, axis, ChartFrame, margin, Tip } from './chart'
import { useOpenEvents } from './events-drawer'
import { FigureTable } from './figure-table'
import { formatAxisCount, formatAxisMoney, formatCount, formatMoney } from './figures'
import { eventsLink, type AsOf } from './queries'
import { soFar, stepLabel, type Measure, type Per, type Step } from './sales-series'
import { niceAxis } from './ticks'

/** Hours of a longer time would be thinner than a pixel: the latest are shown. */
const HOURS_SHOWN = 7 * 24

/** What was sold so far, against what there is to sell; below it, what each day or hour brought. */
export function SalesChart({
  show,
  asOf,
  steps,
  per,
  measure,
  zone,
  currency,
  capacity,
}: {
  show: string
  asOf: AsOf
  steps: readonly Step[]
  per: Per
  measure: Measure
  zone: string
  currency: string
  capacity: number | null
}) {
  const { t } = useTranslation()
  const open = useOpenEvents()
  const shown = useMemo(() => (per === 'hour' ? steps.slice(-HOURS_SHOWN) : [...steps]), [steps, per])
  const inMoney = measure !== 'places'
  const sum = soFar[measure]
  const write = (value: number) => (inMoney ? formatMoney({ amount: value, currency }) : formatCount(value))
  const writeAxis = (value: number) => (inMoney ? formatAxisMoney(value, currency) : formatAxisCount(value))
  const label = (from: unknown) => stepLabel(Number(from), per, zone)
  const openStep = (step: Step | undefined) => {
    if (!step) return
    open({ title: t('dashboard.sales.of_step', { when: label(step.from) }), link: linkOf(step) })
  }
  const linkOf = (step: Step) => eventsLink('sales', show, asOf, step)

  const events = {
    onClick: (at: { activeTooltipIndex?: number | string | null | undefined }) => {
      const index = at.activeTooltipIndex
      if (index !== null && index !== undefined) openStep(shown[Number(index)])
    },
  }
  const tooltip = (
    <Tooltip
      isAnimationActive={false}
      cursor={{ fill: 'var(--accent-soft)', stroke: 'var(--edge)' }}
      content={({ active, label: from }) => {
        const step = active ? shown.find((candidate) => candidate.from === Number(from)) : undefined
        if (!step) return null
        const money = (amount: number) => formatMoney({ amount, currency })
        return (
          <Tip
            title={label(step.from)}
            lines={[
              [t('dashboard.measures.places'), formatCount(step.places)],
              [t('dashboard.so_far'), formatCount(step.placesSoFar)],
              [t('dashboard.figure.gross'), money(step.gross)],
              [t('dashboard.so_far_gross'), money(step.grossSoFar)],
              [t('dashboard.figure.net'), money(step.net)],
            ]}
          />
        )
      }}
    />
  )
  const x = (
    <XAxis
      dataKey="from"
      {...axis}
      tickFormatter={label}
      interval="equidistantPreserveStart"
      minTickGap={24}
    />
  )
  const top = measure === 'places' && capacity !== null && capacity > 0 ? capacity : null
  const last = steps.at(-1)

  return (
    <ChartFrame
      summary={t('dashboard.sales.summary', {
        sum: write(last ? last[sum] : 0),
        first: label(steps[0]?.from ?? 0),
        last: label(last?.from ?? 0),
      })}
      legend={[
        { text: t(`dashboard.sales.so_far.${measure}`), colour: 'var(--chart-1)', line: 'solid' },
        ...(top === null
          ? []
          : [
              {
                text: t('dashboard.sales.capacity', { capacity: top }),
                colour: 'var(--text)',
                line: 'dashed' as const,
              },
            ]),
        { text: t(`dashboard.sales.per_${per}`), colour: 'var(--chart-2)' },
      ]}
      chart={(width) => (
        <>
          <ComposedChart
            width={width}
            height={230}
            data={shown}
            margin={margin}
            syncId={`sales-${show}`}
            accessibilityLayer={false}
            {...events}
          >
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis dataKey="from" {...axis} tick={false} height={8} />
            <YAxis
              width={AXIS_WIDTH}
              {...axis}
              axisLine={false}
              tickFormatter={writeAxis}
              {...niceAxis([...shown.map((step) => step[sum]), top ?? 0], 5)}
            />
            {top !== null && <ReferenceLine y={top} stroke="var(--text)" strokeDasharray="6 4" />}
            <Area
              dataKey={sum}
              stroke="var(--chart-1)"
              strokeWidth={2.5}
              fill="var(--chart-1)"
              fillOpacity={0.14}
              dot={shown.length === 1}
              isAnimationActive={false}
            />
            {tooltip}
          </ComposedChart>
          <BarChart
            width={width}
            height={130}
            data={shown}
            margin={{ ...margin, top: 6 }}
            syncId={`sales-${show}`}
            accessibilityLayer={false}
            {...events}
          >
            <CartesianGrid vertical={false} stroke="var(--line)" />
            {x}
            <YAxis
              width={AXIS_WIDTH}
              {...axis}
              axisLine={false}
              tickFormatter={writeAxis}
              {...niceAxis(
                shown.map((step) => step[measure]),
                3,
              )}
            />
            <ReferenceLine y={0} stroke="var(--edge)" />
            <Bar dataKey={measure} fill="var(--chart-2)" maxBarSize={40} isAnimationActive={false} />
            <Tooltip isAnimationActive={false} cursor={{ fill: 'var(--accent-soft)' }} content={() => null} />
          </BarChart>
          {shown.length < steps.length && (
            <p className="mt-1 text-sm text-muted">{t('dashboard.sales.latest_hours')}</p>
          )}
        </>
      )}
      table={
        <FigureTable
          caption={t('dashboard.sales.title')}
          scroll
          roomy={[3]}
          head={[
            t(`dashboard.per.${per}`),
            t('dashboard.measures.places'),
            t('dashboard.so_far'),
            t('dashboard.figure.gross'),
            t('dashboard.figure.net'),
          ]}
          rows={steps
            .filter((step) => step.places !== 0 || step.gross !== 0 || step.net !== 0)
            .map((step) => ({
              key: String(step.from),
              name: label(step.from),
              cells: [
                formatCount(step.places),
                formatCount(step.placesSoFar),
                formatMoney({ amount: step.gross, currency }),
                formatMoney({ amount: step.net, currency }),
              ],
              link: linkOf(step),
            }))}
        />
      }
    />
  )
}

import { useTranslation } from 'react-i18next'
import { Bar, BarChart, CartesianGrid, Line, LineChart, ReferenceLine, Tooltip, XAxis, YAxis } from 'recharts'
import { toWallTime } from '@/lib/time'
import type { Arrival, Arrivals, Minutes } from './arrival-series'
import { AXIS_WIDTH, axis, ChartFrame, colours, margin, Tip } from './chart'
import { useOpenEvents } from './events-drawer'
import { FigureTable } from './figure-table'
import { formatAxisCount, formatCount } from './figures'
import { eventsLink, type AsOf } from './queries'
import { niceAxis } from './ticks'

/** So many gates have a colour of their own; the smaller ones are drawn as one. */
const GATES_DRAWN = 5

/** Who came in when, by gate; above it, how many had come so far. */
export function ArrivalChart({
  show,
  asOf,
  arrivals: { steps, gates },
  minutes,
  zone,
  expected,
  marks,
}: {
  show: string
  asOf: AsOf
  arrivals: Arrivals
  minutes: Minutes
  zone: string
  /** Persons of valid tickets. */
  expected: number
  /** Moments of the plan: doors, start. */
  marks: readonly { at: number; text: string }[]
}) {
  const { t } = useTranslation()
  const open = useOpenEvents()
  const days = new Set(steps.map(({ from }) => toWallTime(new Date(from).toISOString(), zone).slice(0, 10)))
  const label = (from: unknown) => {
    const wall = toWallTime(new Date(Number(from)).toISOString(), zone)
    return days.size > 1 ? `${wall.slice(8, 10)}.${wall.slice(5, 7)}. ${wall.slice(11)}` : wall.slice(11)
  }
  const linkOf = (step: Arrival) => eventsLink('attendance', show, asOf, step)
  const names = gates.map((gate) => gate ?? t('dashboard.arrivals.no_gate'))
  const drawn = names.slice(0, GATES_DRAWN)
  const rest = names.length > drawn.length
  const data = steps.map((step) => ({
    ...step,
    ...Object.fromEntries(drawn.map((_, at) => [`gate${at}`, step.byGate[at] ?? 0])),
    rest: step.byGate.slice(GATES_DRAWN).reduce((sum, people) => sum + people, 0),
  }))
  const bars = [
    ...drawn.map((text, at) => ({ key: `gate${at}`, text, colour: colours[at] ?? 'var(--edge)' })),
    ...(rest ? [{ key: 'rest', text: t('dashboard.arrivals.other_gates'), colour: 'var(--edge)' }] : []),
  ]
  const onClick = (at: { activeTooltipIndex?: number | string | null | undefined }) => {
    const index = at.activeTooltipIndex
    const step = index === null || index === undefined ? undefined : steps[Number(index)]
    if (step) open({ title: t('dashboard.arrivals.of_step', { when: label(step.from) }), link: linkOf(step) })
  }
  const tooltip = (
    <Tooltip
      isAnimationActive={false}
      cursor={{ fill: 'var(--accent-soft)', stroke: 'var(--edge)' }}
      content={({ active, label: from }) => {
        const step = active ? steps.find((candidate) => candidate.from === Number(from)) : undefined
        if (!step) return null
        return (
          <Tip
            title={`${label(step.from)}–${label(step.to)}`}
            lines={[
              [t('dashboard.figure.admitted'), formatCount(step.admitted)],
              [t('dashboard.so_far'), formatCount(step.soFar)],
              ...(gates.length > 1
                ? names.map((name, at) => [name, formatCount(step.byGate[at] ?? 0)] as const)
                : []),
            ]}
          />
        )
      }}
    />
  )
  /** The step in which a moment lies, which is where the axis can show it. */
  const stepOf = (at: number) => steps.find((step) => step.from <= at && at < step.to)?.from
  const drawnMarks = marks.flatMap(({ at, text }) => {
    const x = stepOf(at)
    return x === undefined ? [] : [{ x, text }]
  })
  const busiest = steps.reduce<Arrival | null>(
    (most, step) => (most === null || step.admitted > most.admitted ? step : most),
    null,
  )
  const total = steps.at(-1)?.soFar ?? 0

  return (
    <ChartFrame
      summary={t('dashboard.arrivals.summary', {
        admitted: total,
        most: busiest?.admitted ?? 0,
        when: label(busiest?.from ?? 0),
        minutes,
      })}
      legend={[
        { text: t('dashboard.arrivals.so_far'), colour: 'var(--text)', line: 'solid' },
        ...bars.map(({ text, colour }) => ({ text, colour })),
      ]}
      chart={(width) => (
        <>
          <LineChart
            width={width}
            height={150}
            data={data}
            margin={margin}
            syncId={`arrivals-${show}`}
            accessibilityLayer={false}
            onClick={onClick}
          >
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis dataKey="from" {...axis} tick={false} height={8} />
            <YAxis
              width={AXIS_WIDTH}
              {...axis}
              axisLine={false}
              tickFormatter={formatAxisCount}
              {...niceAxis([total, expected], 4)}
            />
            {expected > 0 && <ReferenceLine y={expected} stroke="var(--text)" strokeDasharray="6 4" />}
            {drawnMarks.map(({ x, text }) => (
              <ReferenceLine
                key={text}
                x={x}
                stroke="var(--edge)"
                label={{ value: text, position: 'insideTopLeft', fill: 'var(--muted)', fontSize: 12 }}
              />
            ))}
            <Line
              dataKey="soFar"
              stroke="var(--text)"
              strokeWidth={2.5}
              dot={steps.length === 1}
              isAnimationActive={false}
            />
            {tooltip}
          </LineChart>
          <BarChart
            width={width}
            height={180}
            data={data}
            margin={{ ...margin, top: 6 }}
            syncId={`arrivals-${show}`}
            accessibilityLayer={false}
            onClick={onClick}
          >
            <CartesianGrid vertical={false} stroke="var(--line)" />
            <XAxis
              dataKey="from"
              {...axis}
              tickFormatter={label}
              interval="equidistantPreserveStart"
              minTickGap={20}
            />
            <YAxis
              width={AXIS_WIDTH}
              {...axis}
              axisLine={false}
              tickFormatter={formatAxisCount}
              {...niceAxis(
                steps.map((step) => step.admitted),
                4,
              )}
            />
            {drawnMarks.map(({ x, text }) => (
              <ReferenceLine key={text} x={x} stroke="var(--edge)" />
            ))}
            {bars.map(({ key, colour }) => (
              <Bar
                key={key}
                dataKey={key}
                stackId="gates"
                fill={colour}
                stroke="var(--surface)"
                strokeWidth={0.5}
                maxBarSize={40}
                isAnimationActive={false}
              />
            ))}
            <Tooltip isAnimationActive={false} cursor={{ fill: 'var(--accent-soft)' }} content={() => null} />
          </BarChart>
          {expected > 0 && (
            <p className="mt-1 text-sm text-muted">{t('dashboard.arrivals.dashed', { count: expected })}</p>
          )}
        </>
      )}
      table={
        <FigureTable
          caption={t('dashboard.arrivals.title')}
          scroll
          head={[
            t('dashboard.arrivals.time'),
            t('dashboard.figure.admitted'),
            t('dashboard.so_far'),
            ...(gates.length > 1 ? names : []),
          ]}
          rows={steps
            .filter((step) => step.admitted !== 0)
            .map((step) => ({
              key: String(step.from),
              name: `${label(step.from)}–${label(step.to)}`,
              cells: [
                formatCount(step.admitted),
                formatCount(step.soFar),
                ...(gates.length > 1 ? step.byGate.map(formatCount) : []),
              ],
              link: linkOf(step),
            }))}
        />
      }
    />
  )
}

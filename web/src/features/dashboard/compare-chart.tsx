import { useTranslation } from 'react-i18next'
import { CartesianGrid, Line, LineChart, ReferenceLine, Tooltip, XAxis, YAxis } from 'recharts'
import { AXIS_WIDTH, axis, ChartFrame, margin, Tip } from './chart'
import type { Aligned, CompareMeasure } from './compare'
import { FigureTable } from './figure-table'
import { formatAxisCount, formatAxisMoney, formatCount, formatMoney } from './figures'
import type { Per } from './sales-series'
import { niceAxis } from './ticks'

/** Two events' sales so far, by how long before the start. */
export function CompareChart({
  lines,
  per,
  measure,
  currency,
  names,
}: {
  lines: readonly Aligned[]
  per: Per
  measure: CompareMeasure
  currency: string
  names: readonly [mine: string, other: string]
}) {
  const { t } = useTranslation()
  const beforeLabel = useBeforeLabel()
  const label = (before: unknown) => beforeLabel(Number(before), per)
  const write = (value: number | null) => {
    if (value === null) return '–'
    if (measure === 'share') return `${value.toLocaleString('en', { maximumFractionDigits: 1 })} %`
    return measure === 'places' ? formatCount(value) : formatMoney({ amount: value, currency })
  }
  const writeAxis = (value: number) => {
    if (measure === 'share') return `${formatAxisCount(value)} %`
    return measure === 'places' ? formatAxisCount(value) : formatAxisMoney(value, currency)
  }
  const [mine, other] = names
  return (
    <ChartFrame
      summary={t('dashboard.compare.summary', { mine, other })}
      legend={[
        { text: mine, colour: 'var(--chart-1)', line: 'solid' },
        { text: other, colour: 'var(--chart-3)', line: 'dashed' },
      ]}
      chart={(width) => (
        <LineChart width={width} height={280} data={[...lines]} margin={margin} accessibilityLayer={false}>
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="before"
            type="number"
            domain={['dataMin', 'dataMax']}
            {...axis}
            allowDecimals={false}
            tickFormatter={label}
            minTickGap={28}
          />
          <YAxis
            width={AXIS_WIDTH}
            {...axis}
            axisLine={false}
            tickFormatter={writeAxis}
            {...niceAxis(
              [...lines.flatMap(({ mine, other }) => [mine ?? 0, other ?? 0]), measure === 'share' ? 100 : 0],
              5,
            )}
          />
          {lines.some(({ before }) => before > 0) && <ReferenceLine x={0} stroke="var(--edge)" />}
          <Line
            dataKey="other"
            stroke="var(--chart-3)"
            strokeWidth={2.5}
            strokeDasharray="6 4"
            dot={lines.filter((line) => line.other !== null).length === 1 && { r: 4, strokeDasharray: '0' }}
            isAnimationActive={false}
          />
          <Line
            dataKey="mine"
            stroke="var(--chart-1)"
            strokeWidth={2.5}
            dot={lines.filter((line) => line.mine !== null).length === 1 && { r: 4, strokeDasharray: '0' }}
            isAnimationActive={false}
          />
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: 'var(--edge)' }}
            content={({ active, label: before }) => {
              const line = active ? lines.find((one) => one.before === Number(before)) : undefined
              return line ? (
                <Tip
                  title={label(line.before)}
                  lines={[
                    [mine, write(line.mine)],
                    [other, write(line.other)],
                  ]}
                />
              ) : null
            }}
          />
        </LineChart>
      )}
      table={
        <FigureTable
          caption={t('dashboard.compare.title')}
          scroll
          head={[t('dashboard.compare.before'), mine, other]}
          rows={lines.map((line) => ({
            key: String(line.before),
            name: label(line.before),
            cells: [write(line.mine), write(line.other)],
          }))}
        />
      }
    />
  )
}

/** "3 days before", "At the start". */
export function useBeforeLabel(): (before: number, per: Per) => string {
  const { t } = useTranslation()
  return (before, per) => {
    if (before === 0) return t(`dashboard.compare.at_start.${per}`)
    const count = Math.abs(before)
    return before < 0
      ? t(`dashboard.compare.before_start.${per}`, { count })
      : t(`dashboard.compare.after_start.${per}`, { count })
  }
}

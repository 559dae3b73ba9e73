/** What the charts share: their frame with the same as a table, their colours, and what a pointer is told. */
import { ChartColumn, Table2 } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from '@/ui/cx'
import { useWidth } from '@/ui/use-width'

export const axis = {
  stroke: 'var(--edge)',
  tick: { fill: 'var(--muted)', fontSize: 12 },
  tickLine: false,
} as const
export const AXIS_WIDTH = 52
export const margin = { top: 16, right: 10, bottom: 0, left: 0 } as const

/** Colours in the order of what they stand for; each is told apart in grey too. */
export const colours = [
  'var(--chart-1)',
  'var(--chart-2)',
  'var(--chart-3)',
  'var(--chart-4)',
  'var(--chart-5)',
  'var(--chart-6)',
] as const

/**
 * A drawing for the eye and its figures as a table, for who reads rather than looks. `summary` is what the drawing says
 * in a sentence.
 */
export function ChartFrame({
  summary,
  legend,
  chart,
  table,
}: {
  summary: string
  legend?: readonly LegendItem[]
  chart: (width: number) => ReactNode
  table: ReactNode
}) {
  const { t } = useTranslation()
  const [asTable, setAsTable] = useState(false)
  const [ref, width] = useWidth()
  const Icon = asTable ? ChartColumn : Table2
  return (
    <div>
      <div className="mb-1 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        {legend && !asTable ? <Legend items={legend} /> : <span />}
        <button
          type="button"
          className="inline-flex min-h-9 items-center gap-1.5 rounded-lg px-2 text-sm font-semibold text-muted hover:bg-sunken hover:text-text print:hidden"
          onClick={() => {
            setAsTable(!asTable)
          }}
        >
          <Icon aria-hidden className="size-4.5" />
          {t(asTable ? 'dashboard.as_chart' : 'dashboard.as_table')}
        </button>
      </div>
      <div ref={ref} className="min-w-0">
        {asTable ? (
          table
        ) : (
          <div role="img" aria-label={summary} className="chart overflow-hidden">
            {chart(width)}
          </div>
        )}
      </div>
    </div>
  )
}

export interface LegendItem {
  text: string
  colour: string
  line?: 'solid' | 'dashed'
}

function Legend({ items }: { items: readonly LegendItem[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-sm">
      {items.map(({ text, colour, line }) => (
        <li key={text} className="flex items-center gap-1.5">
          <svg aria-hidden viewBox="0 0 20 12" className="h-3 w-5 shrink-0">
            {line === undefined ? (
              <rect x="4" width="12" height="12" rx="2" fill={colour} />
            ) : (
              <path
                d="M0 6h20"
                stroke={colour}
                strokeWidth="3"
                strokeDasharray={line === 'dashed' ? '5 3' : undefined}
              />
            )}
          </svg>
          {text}
        </li>
      ))}
    </ul>
  )
}

/** What the pointer is on. */
export function Tip({ title, lines }: { title: string; lines: readonly (readonly [string, string])[] }) {
  return (
    <div className="rounded-xl border border-line bg-surface px-3 py-2 text-sm shadow-card">
      <p className="font-semibold">{title}</p>
      <dl className="grid grid-cols-[auto_auto] gap-x-4">
        {lines.map(([name, value], at) => (
          <div key={name} className={cx('contents', at === 0 && 'font-semibold')}>
            <dt className="text-muted">{name}</dt>
            <dd className="text-right tabular-nums">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

import type { ReportEvent } from '@/api/reports'
import type { Money } from '@/api/types'

/** "TicketsIssued", "no_shows" → "Tickets issued", "No shows". */
export function words(name: string): string {
  const spaced = name
    .replaceAll('_', ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

const isMoney = (value: unknown): value is Money =>
  typeof value === 'object' &&
  value !== null &&
  'amount' in value &&
  'currency' in value &&
  typeof value.amount === 'number' &&
  typeof value.currency === 'string'

const NO_FIGURES: ReadonlySet<string> = new Set(['position', 'at', 'version'])

export interface Figure {
  figure: string
  value: number | Money
}

/** What an event adds to the figures of its report, without those that it does not change. */
export function figuresOf(event: ReportEvent): Figure[] {
  return Object.entries(event).flatMap(([figure, value]): Figure[] => {
    if (NO_FIGURES.has(figure)) return []
    if (typeof value === 'number') return value === 0 ? [] : [{ figure, value }]
    return isMoney(value) && value.amount !== 0 ? [{ figure, value }] : []
  })
}

/** What events add to each of these figures, which in money are all of one currency. */
export function sumsOf(events: readonly ReportEvent[], figures: readonly string[]): Figure[] {
  const added = events.flatMap(figuresOf)
  return figures.flatMap((figure): Figure[] => {
    const values = added.filter((one) => one.figure === figure).map(({ value }) => value)
    const counts = values.filter((value) => typeof value === 'number')
    const [first, ...rest] = values.filter((value) => typeof value === 'object')
    if (first === undefined) return [{ figure, value: counts.reduce((sum, count) => sum + count, 0) }]
    const amount = rest.reduce((sum, money) => sum + money.amount, first.amount)
    return [{ figure, value: { amount, currency: first.currency } }]
  })
}

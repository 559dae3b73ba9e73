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

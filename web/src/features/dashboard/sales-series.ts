/**
 * Sales over time: from the rows of a report, which leaves out times in which nothing was sold, to one step after
 * another with what was sold so far. A ticket for a family takes several places, and places are what there is a number of. Steps are days or hours of the show's own clock: a day may have 23 or 25 hours,
 * and an hour that the clocks repeat is two steps. Amounts are integers throughout.
 */
import type { Row, SalesFigures } from '@/api/reports'
import { fromWallTime, toWallTime, zoneName } from '@/lib/time'

export type Per = 'day' | 'hour'
export type Measure = 'places' | 'gross' | 'net'

export interface Step {
  from: number
  to: number
  places: number
  gross: number
  net: number
  placesSoFar: number
  grossSoFar: number
  netSoFar: number
}

export const soFar = {
  places: 'placesSoFar',
  gross: 'grossSoFar',
  net: 'netSoFar',
} as const satisfies Record<Measure, keyof Step>

const HOUR_MS = 3_600_000
/** A chart of more steps than pixels shows nothing more. */
const STEPS_MAX = 5_000

interface Span {
  from: number
  to: number
}

/** The step that begins where this one ends. */
export function following(from: number, per: Per, zone: string): Span {
  if (per === 'hour') return { from, to: from + HOUR_MS }
  const today = toWallTime(new Date(from).toISOString(), zone).slice(0, 10)
  const tomorrow = new Date(Date.parse(`${today}T00:00:00Z`) + 24 * HOUR_MS).toISOString().slice(0, 10)
  const midnight = fromWallTime(`${tomorrow}T00:00`, zone)
  return { from, to: midnight === null ? from + 24 * HOUR_MS : Date.parse(midnight) }
}

type Sum = Span & Pick<Step, Measure>

/** What was sold in each time that the rows name; rows of one time, split by something else, belong together. */
function sums(rows: readonly Row<SalesFigures>[], per: Per): Sum[] {
  const found = new Map<string, Sum>()
  for (const row of rows) {
    const bucket = row.key[per]
    if (!bucket) continue
    const known = found.get(bucket.from)
    found.set(bucket.from, {
      from: Date.parse(bucket.from),
      to: Date.parse(bucket.to),
      places: (known?.places ?? 0) + row.persons,
      gross: (known?.gross ?? 0) + row.gross.amount,
      net: (known?.net ?? 0) + row.net.amount,
    })
  }
  return [...found.values()].sort((a, b) => a.from - b.from)
}

/** One step after another from the first sale until the time given, or until the last sale if that was later. */
export function salesSeries(
  rows: readonly Row<SalesFigures>[],
  per: Per,
  zone: string,
  until: number,
): Step[] {
  const steps: Step[] = []
  const add = (sum: Sum) => {
    const before = steps.at(-1)
    steps.push({
      ...sum,
      placesSoFar: (before?.placesSoFar ?? 0) + sum.places,
      grossSoFar: (before?.grossSoFar ?? 0) + sum.gross,
      netSoFar: (before?.netSoFar ?? 0) + sum.net,
    })
  }
  const nothingUntil = (end: number) => {
    for (let at = steps.at(-1)?.to; at !== undefined && at < end; at = steps.at(-1)?.to) {
      if (steps.length >= STEPS_MAX) return
      add({ ...following(at, per, zone), places: 0, gross: 0, net: 0 })
    }
  }
  for (const sum of sums(rows, per)) {
    nothingUntil(sum.from)
    add(sum)
  }
  nothingUntil(until)
  return steps
}

/** "Sun 28 Mar"; hours also with their time, and with the zone's name where the clocks show it twice. */
export function stepLabel(from: number, per: Per, zone: string, locale = 'en-GB'): string {
  const instant = new Date(from)
  const day = { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' } as const
  if (per === 'day') return new Intl.DateTimeFormat(locale, day).format(instant)
  const text = new Intl.DateTimeFormat(locale, {
    ...day,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(instant)
  const wall = (at: number) => toWallTime(new Date(at).toISOString(), zone)
  const twice = wall(from) === wall(from - HOUR_MS) || wall(from) === wall(from + HOUR_MS)
  return twice ? `${text} ${zoneName(instant.toISOString(), zone, locale)}` : text
}

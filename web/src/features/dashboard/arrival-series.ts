/**
 * Who came when: admissions by steps of some minutes, with how many came so far, and split by gate. Admissions that were
 * taken back are taken off when that was.
 */
import type { AttendanceFigures, Row } from '@/api/reports'
import type { Show } from '@/api/types'

export interface Arrival {
  from: number
  to: number
  admitted: number
  soFar: number
  /** In the order of `gates`. */
  byGate: number[]
}

export interface Arrivals {
  steps: Arrival[]
  /** Most people first; null: where no gate was named. */
  gates: (string | null)[]
}

export const MINUTES = [1, 5, 15, 60] as const
export type Minutes = (typeof MINUTES)[number]

const STEPS_MAX = 3_000
/** So many bars still can be told apart. */
const STEPS_GOOD = 90

const LONG_MS = 24 * 3_600_000

/** By what arrivals are asked for: a festival of days has too many minutes for one answer. */
export function arrivalsBy(show: Pick<Show, 'starts_at' | 'ends_at'>): 'minute,gate' | 'hour,gate' {
  const long = show.ends_at !== null && Date.parse(show.ends_at) - Date.parse(show.starts_at) > LONG_MS
  return long ? 'hour,gate' : 'minute,gate'
}

function minuteOf(row: Row<AttendanceFigures>): number | null {
  const bucket = row.key.minute ?? row.key.hour
  return bucket ? Date.parse(bucket.from) : null
}

function span(rows: readonly Row<AttendanceFigures>[]): [number, number] | null {
  const times = rows.flatMap((row) => {
    const at = minuteOf(row)
    return at === null || row.admitted === 0 ? [] : [at]
  })
  if (times.length === 0) return null
  return [
    times.reduce((low, time) => Math.min(low, time)),
    times.reduce((high, time) => Math.max(high, time)),
  ]
}

/** The finest steps whose bars can still be told apart. */
export function usualMinutes(rows: readonly Row<AttendanceFigures>[]): Minutes {
  const found = span(rows)
  if (!found) return 5
  const [first, last] = found
  return MINUTES.find((minutes) => (last - first) / (minutes * 60_000) <= STEPS_GOOD) ?? 60
}

export function arrivalSeries(rows: readonly Row<AttendanceFigures>[], minutes: Minutes): Arrivals {
  const found = span(rows)
  if (!found) return { steps: [], gates: [] }
  const length = minutes * 60_000
  const begin = Math.floor(found[0] / length) * length
  const count = Math.min(STEPS_MAX, Math.floor((found[1] - begin) / length) + 1)

  const sizes = new Map<string | null, number>()
  for (const row of rows) {
    const gate = row.key.gate ?? null
    if (row.admitted !== 0) sizes.set(gate, (sizes.get(gate) ?? 0) + row.admitted)
  }
  const gates = [...sizes].sort(([, a], [, b]) => b - a).map(([gate]) => gate)

  const byGate = Array.from({ length: count }, () => gates.map(() => 0))
  for (const row of rows) {
    const at = minuteOf(row)
    const gate = gates.indexOf(row.key.gate ?? null)
    if (at === null || gate < 0) continue
    const slot = byGate[Math.min(count - 1, Math.floor((at - begin) / length))]
    if (slot) slot[gate] = (slot[gate] ?? 0) + row.admitted
  }
  let soFar = 0
  const steps = byGate.map((slot, at) => {
    const admitted = slot.reduce((sum, people) => sum + people, 0)
    soFar += admitted
    return { from: begin + at * length, to: begin + (at + 1) * length, admitted, soFar, byGate: slot }
  })
  return { steps, gates }
}

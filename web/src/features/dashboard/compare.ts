/**
 * Two events side by side: each time is told by how long before its own event's start it was, in whole days of that
 * event's calendar or in whole hours, so that events of other dates and zones lie over each other.
 */
import { toWallTime } from '@/lib/time'
import { soFar, type Measure, type Per, type Step } from './sales-series'

export interface Run {
  steps: readonly Step[]
  startsAt: string
  zone: string
  capacity: number | null
}

/** −3: three days (or hours) before its start; 0: the day, or the hour, in which it starts. */
export function beforeStart(from: number, per: Per, startsAt: string, zone: string): number {
  if (per === 'hour') return Math.floor((from - Date.parse(startsAt)) / 3_600_000) || 0
  const day = (instant: string) => Date.parse(`${toWallTime(instant, zone).slice(0, 10)}T00:00:00Z`)
  return Math.round((day(new Date(from).toISOString()) - day(startsAt)) / 86_400_000)
}

export interface Aligned {
  before: number
  /** Null where an event's sales had not come to this time yet. */
  mine: number | null
  other: number | null
}

export type CompareMeasure = Measure | 'share'

/** What was sold so far, by how long before the start that was. */
function course(run: Run, per: Per, measure: CompareMeasure): Map<number, number> {
  const found = new Map<number, number>()
  for (const step of run.steps) {
    const at = beforeStart(step.from, per, run.startsAt, run.zone)
    if (measure !== 'share') found.set(at, step[soFar[measure]])
    else if (run.capacity !== null && run.capacity > 0) found.set(at, (step.placesSoFar * 100) / run.capacity)
  }
  return found
}

export function aligned(mine: Run, other: Run, per: Per, measure: CompareMeasure): Aligned[] {
  const [a, b] = [course(mine, per, measure), course(other, per, measure)]
  const times = [...a.keys(), ...b.keys()]
  if (times.length === 0) return []
  const first = times.reduce((low, time) => Math.min(low, time))
  const last = times.reduce((high, time) => Math.max(high, time))
  const [endA, endB] = [lastOf(a), lastOf(b)]
  const lines: Aligned[] = []
  let [soFarA, soFarB] = [0, 0]
  for (let before = first; before <= last; before += 1) {
    soFarA = a.get(before) ?? soFarA
    soFarB = b.get(before) ?? soFarB
    lines.push({
      before,
      mine: endA !== null && before <= endA ? soFarA : null,
      other: endB !== null && before <= endB ? soFarB : null,
    })
  }
  return lines
}

function lastOf(course: Map<number, number>): number | null {
  return course.size === 0 ? null : [...course.keys()].reduce((high, time) => Math.max(high, time))
}

/** How many places each had sold when this event was where it is now. */
export function atThisPoint(
  mine: Run,
  other: Run,
  per: Per,
): { before: number; mine: number; other: number } | null {
  const now = mine.steps.at(-1)
  if (!now) return null
  const before = beforeStart(now.from, per, mine.startsAt, mine.zone)
  const then = other.steps.findLast(
    (step) => beforeStart(step.from, per, other.startsAt, other.zone) <= before,
  )
  return { before, mine: now.placesSoFar, other: then?.placesSoFar ?? 0 }
}

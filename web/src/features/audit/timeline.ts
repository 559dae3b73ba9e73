/**
 * Where a position of the log stands on a show's timeline, and what position a point of it is. The line is time, in equal
 * parts; within a part, positions are spread evenly, so that a drag meets them one after the other.
 */
import type { Bucket, Timeline } from '@/api/history'

export interface Line {
  first: number
  last: number
  from: number
  to: number
  events: number
  parts: number
  /** Those with events, ascending; `part` is which one of the line's. */
  buckets: readonly (Bucket & { part: number })[]
}

export function layOut(timeline: Timeline, parts: number): Line {
  const from = Date.parse(timeline.from)
  const to = Math.max(Date.parse(timeline.to), from + 1)
  const partOf = (moment: string) =>
    Math.min(parts - 1, Math.max(0, Math.floor(((Date.parse(moment) - from) / (to - from)) * parts)))
  // Told all of them or only those with events; a time that is cut to the millisecond must not fall into the part before.
  const all = timeline.buckets.length === parts
  const placed: Line['buckets'][number][] = []
  for (const [at, bucket] of timeline.buckets.entries()) {
    if (bucket.events === 0) continue
    const least = (placed.at(-1)?.part ?? -1) + 1
    placed.push({ ...bucket, part: all ? at : Math.max(least, partOf(bucket.recorded_at)) })
  }
  return {
    first: timeline.first_position,
    last: timeline.last_position,
    from,
    to,
    events: timeline.events,
    parts,
    buckets: placed,
  }
}

/** The last position that had happened at this point of the line, 0 to 1. */
export function positionAt(line: Line, fraction: number): number {
  const point = Math.min(1, Math.max(0, fraction)) * line.parts
  const bucket = line.buckets.findLast(({ part }) => part <= point)
  if (!bucket) return line.first
  const into = Math.min(1, point - bucket.part)
  return Math.round(bucket.position + into * (bucket.to - bucket.position))
}

export function fractionOf(line: Line, position: number): number {
  const bucket = line.buckets.findLast((candidate) => candidate.position <= position)
  if (!bucket) return 0
  const width = bucket.to - bucket.position
  const into = width === 0 ? (bucket.to === line.last ? 1 : 0) : (position - bucket.position) / width
  return (bucket.part + Math.min(1, into)) / line.parts
}

/** About when it was, until the event itself is known. */
export function momentOf(line: Line, position: number): string {
  return new Date(line.from + fractionOf(line, position) * (line.to - line.from)).toISOString()
}

/** The end of the next part with events, or of the one before. */
export function neighbourPart(line: Line, position: number, direction: 1 | -1): number {
  const at = line.buckets.findLastIndex((bucket) => bucket.position <= position)
  if (direction === -1) return line.buckets[at - 1]?.to ?? line.first
  const here = line.buckets[at]
  if (here && position < here.to) return here.to
  return line.buckets[at + 1]?.to ?? line.last
}

/** What the timeline itself knows of the door: how many by the end of the part that this position is in. */
export function soFar(line: Line, position: number): { sold: number; admitted: number; refused: number } {
  const sum = { sold: 0, admitted: 0, refused: 0 }
  for (const bucket of line.buckets) {
    if (bucket.position > position) break
    sum.sold += bucket.sold
    sum.admitted += bucket.admitted
    sum.refused += bucket.refused
  }
  return sum
}

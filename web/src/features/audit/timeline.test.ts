import { describe, expect, it } from 'vitest'
import type { Bucket, Timeline } from '@/api/history'
import { fractionOf, layOut, momentOf, neighbourPart, positionAt, soFar } from './timeline'

const bucket = (position: number, to: number, second: number, rest: Partial<Bucket> = {}): Bucket => ({
  position,
  to,
  recorded_at: new Date(second * 1_000).toISOString(),
  events: 1 + Math.floor((to - position) / 2),
  sold: 0,
  admitted: 0,
  refused: 0,
  ...rest,
})

/** Ten parts of ten seconds each: much in the first, something in the fifth, the last event at the very end. */
const timeline: Timeline = {
  from: new Date(0).toISOString(),
  to: new Date(100_000).toISOString(),
  first_position: 10,
  last_position: 200,
  events: 53,
  buckets: [
    bucket(10, 110, 0, { sold: 40 }),
    bucket(150, 150, 45, { admitted: 1 }),
    bucket(200, 200, 100, { refused: 1 }),
  ],
}
const line = layOut(timeline, 10)

describe('the timeline', () => {
  it('is dragged from the first event to the last one', () => {
    expect(positionAt(line, -1)).toBe(10)
    expect(positionAt(line, 0)).toBe(10)
    expect(positionAt(line, 0.05)).toBe(60)
    expect(positionAt(line, 1)).toBe(200)
    expect(positionAt(line, 2)).toBe(200)
  })

  it('stands still where nothing happened', () => {
    expect(positionAt(line, 0.2)).toBe(110)
    expect(positionAt(line, 0.39)).toBe(110)
    expect(positionAt(line, 0.42)).toBe(150)
    expect(positionAt(line, 0.8)).toBe(150)
  })

  it('shows a position where it was dragged to', () => {
    for (const position of [10, 37, 60, 110])
      expect(positionAt(line, fractionOf(line, position))).toBe(position)
    expect(fractionOf(line, 10)).toBe(0)
    expect(fractionOf(line, 200)).toBe(1)
    expect(fractionOf(line, 5)).toBe(0)
    expect(momentOf(line, 60)).toBe(new Date(5_000).toISOString())
  })

  it('goes from part to part, never beyond its ends', () => {
    expect(neighbourPart(line, 10, 1)).toBe(110)
    expect(neighbourPart(line, 110, 1)).toBe(150)
    expect(neighbourPart(line, 150, 1)).toBe(200)
    expect(neighbourPart(line, 200, 1)).toBe(200)
    expect(neighbourPart(line, 200, -1)).toBe(150)
    expect(neighbourPart(line, 150, -1)).toBe(110)
    expect(neighbourPart(line, 60, -1)).toBe(10)
  })

  it('knows what had happened by then', () => {
    expect(soFar(line, 110)).toEqual({ sold: 40, admitted: 0, refused: 0 })
    expect(soFar(line, 199)).toEqual({ sold: 40, admitted: 1, refused: 0 })
    expect(soFar(line, 200)).toEqual({ sold: 40, admitted: 1, refused: 1 })
  })

  it('puts no two parts into one place, though times are cut to the millisecond', () => {
    const close = layOut({ ...timeline, buckets: [bucket(10, 20, 9.999), bucket(21, 30, 9.9999)] }, 10)
    expect(close.buckets.map(({ part }) => part)).toEqual([0, 1])
  })

  it('of a show of one event has one place', () => {
    const moment = new Date(0).toISOString()
    const one = layOut(
      {
        from: moment,
        to: moment,
        first_position: 7,
        last_position: 7,
        events: 1,
        buckets: [bucket(7, 7, 0)],
      },
      10,
    )
    expect([
      positionAt(one, 0),
      positionAt(one, 1),
      neighbourPart(one, 7, 1),
      neighbourPart(one, 7, -1),
    ]).toEqual([7, 7, 7, 7])
  })
})

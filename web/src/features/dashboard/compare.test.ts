import { describe, expect, it } from 'vitest'
import { aligned, atThisPoint, beforeStart, type Run } from './compare'
import { salesRow } from './example'
import { salesSeries } from './sales-series'

/** Sales of one Berlin or New York show by its days: how many on which day. */
function run(
  zone: string,
  startsAt: string,
  capacity: number,
  days: readonly [day: string, tickets: number][],
): Run {
  const rows = days.map(([day, tickets]) => {
    const from = new Date(Date.parse(`${day}T00:00:00Z`) + (zone === 'Europe/Berlin' ? -1 : 5) * 3_600_000)
    const to = new Date(from.getTime() + 24 * 3_600_000)
    return salesRow('day', from.toISOString(), to.toISOString(), tickets, tickets * 1000)
  })
  return { steps: salesSeries(rows, 'day', zone, 0), startsAt, zone, capacity }
}

const berlin = run('Europe/Berlin', '2027-01-20T19:00:00Z', 200, [
  ['2027-01-10', 10],
  ['2027-01-12', 20],
])
const newYork = run('America/New_York', '2026-12-16T00:30:00Z', 100, [
  ['2026-12-04', 5],
  ['2026-12-06', 15],
  ['2026-12-15', 60],
])

describe('two events side by side', () => {
  it('are aligned by the days before their own start, each in its own zone', () => {
    // 00:30 UTC on the 16th is the evening of the 15th in New York.
    expect(beforeStart(Date.parse('2026-12-15T05:00:00Z'), 'day', newYork.startsAt, newYork.zone)).toBe(0)
    const lines = aligned(berlin, newYork, 'day', 'places')
    expect(lines[0]).toEqual({ before: -11, mine: 0, other: 5 })
    expect(lines.find((line) => line.before === -10)).toEqual({ before: -10, mine: 10, other: 5 })
    expect(lines.find((line) => line.before === -9)).toEqual({ before: -9, mine: 10, other: 20 })
    expect(lines.find((line) => line.before === -8)).toEqual({ before: -8, mine: 30, other: 20 })
    expect(lines.find((line) => line.before === -7)).toEqual({ before: -7, mine: null, other: 20 })
    expect(lines.at(-1)).toEqual({ before: 0, mine: null, other: 80 })
  })
  it('count days of the calendar across a change of the clocks', () => {
    const starts = '2027-03-29T17:00:00Z'
    expect(beforeStart(Date.parse('2027-03-26T23:00:00Z'), 'day', starts, 'Europe/Berlin')).toBe(-2)
    expect(beforeStart(Date.parse('2027-03-27T23:00:00Z'), 'day', starts, 'Europe/Berlin')).toBe(-1)
    expect(beforeStart(Date.parse('2027-03-28T22:00:00Z'), 'day', starts, 'Europe/Berlin')).toBe(0)
  })
  it('count hours from the minute of the start', () => {
    expect(beforeStart(Date.parse('2027-01-20T18:00:00Z'), 'hour', berlin.startsAt, berlin.zone)).toBe(-1)
    expect(beforeStart(Date.parse('2027-01-20T19:00:00Z'), 'hour', berlin.startsAt, berlin.zone)).toBe(0)
  })
  it('are compared by their share of their places', () => {
    const line = aligned(berlin, newYork, 'day', 'share').find(({ before }) => before === -8)
    expect(line).toEqual({ before: -8, mine: 15, other: 20 })
  })
  it('say how far the other was at this point', () => {
    expect(atThisPoint(berlin, newYork, 'day')).toEqual({ before: -8, mine: 30, other: 20 })
    expect(atThisPoint({ ...berlin, steps: [] }, newYork, 'day')).toBeNull()
  })
})

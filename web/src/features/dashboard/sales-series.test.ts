import { describe, expect, it } from 'vitest'
import { salesRow } from './example'
import { following, salesSeries, stepLabel } from './sales-series'

const berlin = 'Europe/Berlin'
const hours = ({ from, to }: { from: number; to: number }) => (to - from) / 3_600_000

describe('sales over time', () => {
  it('fills the days on which nothing was sold, and adds up', () => {
    const rows = [
      salesRow('day', '2027-03-01T23:00:00Z', '2027-03-02T23:00:00Z', 4, 10_000),
      salesRow('day', '2027-03-04T23:00:00Z', '2027-03-05T23:00:00Z', 3, 7_500),
    ]
    const steps = salesSeries(rows, 'day', berlin, Date.parse('2027-03-06T12:00:00Z'))
    expect(steps.map((step) => step.places)).toEqual([4, 0, 0, 3, 0])
    expect(steps.map((step) => step.placesSoFar)).toEqual([4, 4, 4, 7, 7])
    expect(steps.at(-1)?.grossSoFar).toBe(17_500)
    for (const [at, step] of steps.entries()) {
      if (at > 0) expect(step.from).toBe(steps[at - 1]?.to)
    }
  })

  it('goes down where tickets were given back', () => {
    const rows = [
      salesRow('day', '2027-03-01T23:00:00Z', '2027-03-02T23:00:00Z', 4, 10_000),
      salesRow('day', '2027-03-02T23:00:00Z', '2027-03-03T23:00:00Z', -1, 0),
    ]
    expect(salesSeries(rows, 'day', berlin, 0).map((step) => step.placesSoFar)).toEqual([4, 3])
  })

  it('adds rows of one time that something else splits', () => {
    const rows = [
      salesRow('day', '2027-03-01T23:00:00Z', '2027-03-02T23:00:00Z', 4, 10_000),
      salesRow('day', '2027-03-01T23:00:00Z', '2027-03-02T23:00:00Z', 2, 3_000),
    ]
    const steps = salesSeries(rows, 'day', berlin, 0)
    expect(steps).toHaveLength(1)
    expect(steps[0]).toMatchObject({ places: 6, gross: 13_000 })
  })

  it('is nothing where nothing was sold', () => {
    expect(salesSeries([], 'day', berlin, Date.now())).toEqual([])
  })

  it('knows days of 23 and of 25 hours', () => {
    const spring = Date.parse('2027-03-27T23:00:00Z')
    expect(hours(following(spring, 'day', berlin))).toBe(23)
    const autumn = Date.parse('2027-10-30T22:00:00Z')
    expect(hours(following(autumn, 'day', berlin))).toBe(25)
    // Clocks that change at midnight.
    expect(hours(following(Date.parse('2027-03-27T22:00:00Z'), 'day', 'Asia/Beirut'))).toBe(23)
  })

  it('shows both of two hours that the clocks repeat, and tells them apart', () => {
    const rows = [
      salesRow('hour', '2027-10-31T00:00:00Z', '2027-10-31T01:00:00Z', 1, 100),
      salesRow('hour', '2027-10-31T01:00:00Z', '2027-10-31T02:00:00Z', 2, 200),
    ]
    const steps = salesSeries(rows, 'hour', berlin, 0)
    expect(steps.map((step) => step.places)).toEqual([1, 2])
    const labels = steps.map((step) => stepLabel(step.from, 'hour', berlin))
    expect(labels[0]).toMatch(/31 Oct.*02:00 (CEST|GMT\+2)$/)
    expect(labels[1]).toMatch(/31 Oct.*02:00 (CET|GMT\+1)$/)
    expect(stepLabel(Date.parse('2027-10-31T02:00:00Z'), 'hour', berlin)).toMatch(/03:00$/)
  })
})

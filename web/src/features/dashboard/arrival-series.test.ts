import { describe, expect, it } from 'vitest'
import { arrivalSeries, usualMinutes } from './arrival-series'
import { arrivalRow } from './example'

const rows = [
  arrivalRow('2027-01-20T18:01:00Z', 'North', 3),
  arrivalRow('2027-01-20T18:04:00Z', 'South', 5),
  arrivalRow('2027-01-20T18:04:00Z', 'North', 0),
  arrivalRow('2027-01-20T18:11:00Z', 'South', 2),
]

describe('the arrival curve', () => {
  it('has a bar for every step, and adds up', () => {
    const { steps, gates } = arrivalSeries(rows, 5)
    expect(gates).toEqual(['South', 'North'])
    expect(steps.map((step) => step.admitted)).toEqual([8, 0, 2])
    expect(steps.map((step) => step.soFar)).toEqual([8, 8, 10])
    expect(steps.map((step) => step.byGate)).toEqual([
      [5, 3],
      [0, 0],
      [2, 0],
    ])
    expect(new Date(steps[0]?.from ?? 0).toISOString()).toBe('2027-01-20T18:00:00.000Z')
  })
  it('can be looked at by the minute', () => {
    expect(arrivalSeries(rows, 1).steps).toHaveLength(11)
  })
  it('takes coarser steps for a longer time', () => {
    expect(usualMinutes(rows)).toBe(1)
    expect(usualMinutes([...rows, arrivalRow('2027-01-20T21:00:00Z', null, 1)])).toBe(5)
    expect(usualMinutes([...rows, arrivalRow('2027-01-22T21:00:00Z', null, 1)])).toBe(60)
    expect(usualMinutes([])).toBe(5)
  })
  it('is empty before anybody came', () => {
    expect(arrivalSeries([], 5)).toEqual({ steps: [], gates: [] })
  })
})

import { describe, expect, it } from 'vitest'
import { pageBefore } from './page-before'

/** A log in which only some positions are of the show. */
function logOf(positions: readonly number[]) {
  let asked = 0
  const list = (end: number) => (after: number, limit: number) => {
    asked += 1
    const found = positions.filter((position) => position > after && position < end)
    const items = found.slice(0, limit)
    return Promise.resolve({ items, next: found.length > limit ? String(items.at(-1)) : null })
  }
  return { list, asked: () => asked }
}
const every = (step: number, from: number, to: number) =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step)

describe('the page before a position', () => {
  it('is found at once where events stand evenly', async () => {
    const positions = every(3, 1, 900_000)
    const log = logOf(positions)
    const span = { first: 1, last: 900_000, events: positions.length }
    const { items, from } = await pageBefore(450_000, span, log.list(450_000))
    expect(items.at(-1)).toBe(449_998)
    expect(items.length).toBeGreaterThanOrEqual(15)
    expect(items.every((position) => position >= from)).toBe(true)
    expect(log.asked()).toBe(1)
  })

  it('is found in a crowd, behind a long silence, and when nearly nothing is like the filter', async () => {
    const crowd = [...every(500, 1, 100_000), ...every(1, 100_001, 140_000), 500_000]
    const rare = [17, 250_000, 499_999]
    for (const positions of [crowd, rare]) {
      for (const end of [500_000, 499_000, 139_500, 120_000, 90_000]) {
        const log = logOf(positions)
        const { items, from } = await pageBefore(
          end,
          { first: 1, last: 500_000, events: 40_201 },
          log.list(end),
        )
        const before = positions.filter((position) => position < end)
        expect(items).toEqual(before.filter((position) => position >= from))
        expect(items.length).toBeGreaterThan(0)
        expect(items.length).toBeLessThanOrEqual(100)
        expect(log.asked()).toBeLessThanOrEqual(24)
      }
    }
  })

  it('of the first event is empty, and says that there is nothing more', async () => {
    const log = logOf([10, 11, 12])
    const span = { first: 10, last: 12, events: 3 }
    expect(await pageBefore(10, span, log.list(10))).toEqual({ items: [], from: 10 })
    expect(await pageBefore(12, span, log.list(12))).toEqual({ items: [10, 11], from: 10 })
  })
})

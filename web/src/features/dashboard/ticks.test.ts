import { expect, it } from 'vitest'
import { niceTicks } from './ticks'

it('marks an axis at round numbers that hold all values', () => {
  expect(niceTicks(0, 367, 4)).toEqual([0, 100, 200, 300, 400])
  expect(niceTicks(0, 500, 5)).toEqual([0, 100, 200, 300, 400, 500])
  expect(niceTicks(0, 12_000, 4)).toEqual([0, 5000, 10_000, 15_000])
  expect(niceTicks(-2, 21, 3)).toEqual([-10, 0, 10, 20, 30])
})
it('marks whole numbers only', () => {
  expect(niceTicks(0, 2, 5)).toEqual([0, 1, 2])
  expect(niceTicks(0, 0, 4)).toEqual([0, 1])
})

import { QueryClient } from '@tanstack/react-query'
import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { keys } from '@/api/keys'
import { withCache } from '@/test/wrap'
import { REFRESH_MS, useFreshReports } from './use-fresh-reports'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** How often the reports of a show are asked again while something happens ten times a second for 20 seconds. */
async function asked(show: string, paused: boolean): Promise<number> {
  const cache = new QueryClient()
  const invalidate = vi.spyOn(cache, 'invalidateQueries')
  renderHook(
    () => {
      useFreshReports('here', paused)
    },
    { wrapper: withCache(cache) },
  )
  for (let step = 0; step < 200; step += 1) {
    await act(async () => {
      cache.setQueryData(keys.attendance(show), { step })
      await vi.advanceTimersByTimeAsync(100)
    })
  }
  return invalidate.mock.calls.length
}

it('asks reports again when something happens, at a bounded rate however much does', async () => {
  const times = await asked('here', false)
  expect(times).toBeGreaterThanOrEqual(3)
  expect(times).toBeLessThanOrEqual(20_000 / REFRESH_MS + 1)
})
it('does not while the past is shown, nor for what happens elsewhere', async () => {
  expect(await asked('here', true)).toBe(0)
  expect(await asked('elsewhere', false)).toBe(0)
})

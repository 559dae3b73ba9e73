import { act, renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { useThrottled } from './use-throttled'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = (milliseconds: number) => {
  act(() => {
    vi.advanceTimersByTime(milliseconds)
  })
}

function dragged() {
  const { result, rerender } = renderHook(({ at, waits }) => useThrottled(at, 100, waits), {
    initialProps: { at: 1, waits: false },
  })
  pass(1_000)
  return { result, rerender }
}

test('of what comes in between only the latest is passed on', () => {
  const { result, rerender } = dragged()
  rerender({ at: 2, waits: false })
  pass(0)
  expect(result.current).toBe(2)
  for (const at of [3, 4, 5]) {
    rerender({ at, waits: false })
    pass(10)
  }
  expect(result.current).toBe(2)
  pass(100)
  expect(result.current).toBe(5)
})

test('the next one comes when the one before is answered, and then it is the latest', () => {
  const { result, rerender } = dragged()
  rerender({ at: 2, waits: false })
  pass(0)
  for (const at of [3, 4, 5]) {
    rerender({ at, waits: true })
    pass(1_000)
  }
  expect(result.current).toBe(2)
  rerender({ at: 5, waits: false })
  pass(0)
  expect(result.current).toBe(5)
})

import { useEffect, useRef, useState } from 'react'

/**
 * The latest value, but never more often than this, and none while it `waits`: while a handle is dragged the server is asked only for
 * some of its places, and for the next one when it has answered.
 */
export function useThrottled<T>(value: T, milliseconds: number, waits = false): T {
  const [passed, setPassed] = useState(value)
  const last = useRef(0)
  useEffect(() => {
    if (waits) return
    const wait = Math.max(0, last.current + milliseconds - performance.now())
    const timer = setTimeout(() => {
      last.current = performance.now()
      setPassed(value)
    }, wait)
    return () => {
      clearTimeout(timer)
    }
  }, [value, milliseconds, waits])
  return passed
}

import { useEffect, useRef, useState } from 'react'

/** The latest value, but never more often than this: while a handle is dragged the server is asked only for some of its places. */
export function useThrottled<T>(value: T, milliseconds: number): T {
  const [passed, setPassed] = useState(value)
  const last = useRef(0)
  useEffect(() => {
    const wait = Math.max(0, last.current + milliseconds - performance.now())
    const timer = setTimeout(() => {
      last.current = performance.now()
      setPassed(value)
    }, wait)
    return () => {
      clearTimeout(timer)
    }
  }, [value, milliseconds])
  return passed
}

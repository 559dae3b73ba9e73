import { useCallback, useState, useSyncExternalStore, type RefCallback } from 'react'
import { usePrinting } from './use-printing'

/** The width of what is printed on an upright A4 page, within its margins. */
export const PRINT_WIDTH = 660
/** Before anything is measured, and where nothing can be. */
const USUAL_WIDTH = 640

/** How wide an element is, for drawings that must know it; on paper as wide as the page. */
export function useWidth(): [RefCallback<HTMLElement>, number] {
  const printing = usePrinting()
  const [element, setElement] = useState<HTMLElement | null>(null)
  const watch = useCallback(
    (changed: () => void) => {
      if (!element || typeof ResizeObserver === 'undefined') return () => undefined
      const observer = new ResizeObserver(changed)
      observer.observe(element)
      return () => {
        observer.disconnect()
      }
    },
    [element],
  )
  const width = useSyncExternalStore(watch, () => Math.floor(element?.clientWidth ?? 0))
  return [setElement, printing ? PRINT_WIDTH : width > 0 ? width : USUAL_WIDTH]
}

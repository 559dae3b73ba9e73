/** How a plan is moved by hand: one finger or the mouse drags, two fingers pinch. What the plan shows is not known here. */
import { useRef, type PointerEvent } from 'react'
import { zoomAt, type View } from '@/lib/seat-map'

/** A press that moves less is a click. */
const MOVE_PX = 6

interface Gestures {
  handlers: {
    onPointerDown: (event: PointerEvent<SVGSVGElement>) => void
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => void
    onPointerUp: (event: PointerEvent<SVGSVGElement>) => void
    onPointerCancel: (event: PointerEvent<SVGSVGElement>) => void
  }
  /** Whether the press that just ended moved the plan, and so was no click. */
  wasDrag: () => boolean
  byFinger: () => boolean
}

export function useGestures(map: {
  svg: { current: SVGSVGElement | null }
  view: { current: View }
  show: (view: View, smooth?: boolean) => void
  smallest: () => number
  onMove: () => void
}): Gestures {
  const pointers = useRef(new Map<number, { x: number; y: number }>())
  const press = useRef({ x: 0, y: 0, dragged: false, finger: false })
  const { svg, view, show, smallest, onMove } = map

  const local = (event: PointerEvent) => {
    const box = svg.current?.getBoundingClientRect()
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) }
  }
  const end = (event: PointerEvent<SVGSVGElement>) => {
    pointers.current.delete(event.pointerId)
  }

  return {
    handlers: {
      onPointerDown(event) {
        const at = local(event)
        if (pointers.current.size === 0)
          press.current = { ...at, dragged: false, finger: event.pointerType === 'touch' }
        pointers.current.set(event.pointerId, at)
      },
      onPointerMove(event) {
        const before = pointers.current.get(event.pointerId)
        if (!before) return
        const at = local(event)
        if (pointers.current.size === 1) {
          if (!press.current.dragged && Math.hypot(at.x - press.current.x, at.y - press.current.y) < MOVE_PX)
            return
          if (!press.current.dragged) {
            press.current.dragged = true
            event.currentTarget.setPointerCapture(event.pointerId)
          }
          show({
            k: view.current.k,
            x: view.current.x + at.x - before.x,
            y: view.current.y + at.y - before.y,
          })
        } else {
          const other = [...pointers.current].find(([pointer]) => pointer !== event.pointerId)?.[1]
          if (!other) return
          press.current.dragged = true
          const factor =
            Math.hypot(at.x - other.x, at.y - other.y) /
            Math.max(1, Math.hypot(before.x - other.x, before.y - other.y))
          show(zoomAt(view.current, factor, { x: (at.x + other.x) / 2, y: (at.y + other.y) / 2 }, smallest()))
        }
        onMove()
        pointers.current.set(event.pointerId, at)
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
    wasDrag: () => press.current.dragged,
    byFinger: () => press.current.finger,
  }
}

import { useImperativeHandle, useLayoutEffect, useRef, type Ref } from 'react'
import { SEAT_RADIUS, STEP, type PlacedSeat, type Size, type View } from '@/lib/seat-map'
import type { SeatLook } from './seat-look'

export interface SeatCrowdHandle {
  paint: (view: View, size: Size) => void
}

interface Ink {
  seat: string
  taken: string
  cross: string
  sold: string
  mark: string
  ok: string
  surface: string
}

const TURN = 2 * Math.PI

/**
 * Thousands of seats as one picture: as elements, a hall of 20,000 takes the browser seconds to draw again, and a look at the past
 * draws it again several times a second. The shapes are those of `seat-look.tsx`. It is for the eye alone; whoever shows it says
 * the same in another way.
 */
export function SeatCrowd({
  seats,
  lookOf,
  className,
  ref,
}: {
  seats: readonly PlacedSeat[]
  lookOf: (seat: PlacedSeat) => SeatLook
  /** Sets the colours. */
  className: string
  ref: Ref<SeatCrowdHandle>
}) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const last = useRef<{ view: View; size: Size } | null>(null)
  const paint = (view: View, size: Size) => {
    last.current = { view, size }
    if (canvas.current) draw(canvas.current, seats, lookOf, view, size)
  }
  useImperativeHandle(ref, () => ({ paint }))
  useLayoutEffect(() => {
    if (canvas.current && last.current)
      draw(canvas.current, seats, lookOf, last.current.view, last.current.size)
  }, [seats, lookOf])
  return <canvas ref={canvas} aria-hidden className={`absolute inset-0 size-full ${className}`} />
}

function draw(
  canvas: HTMLCanvasElement,
  seats: readonly PlacedSeat[],
  lookOf: (seat: PlacedSeat) => SeatLook,
  { k, x, y }: View,
  { width, height }: Size,
): void {
  const scale = window.devicePixelRatio
  const [w, h] = [Math.round(width * scale), Math.round(height * scale)]
  if (canvas.width !== w) canvas.width = w
  if (canvas.height !== h) canvas.height = h
  const context = canvas.getContext('2d')
  if (!context) return
  context.clearRect(0, 0, w, h)
  const stamp = stamps(inkOf(canvas), k * scale)
  for (const seat of seats) {
    const [left, top] = [(seat.x * k + x) * scale, (seat.y * k + y) * scale]
    const image = stamp(lookOf(seat))
    const half = image.width / 2
    if (left < -half || top < -half || left > w + half || top > h + half) continue
    context.drawImage(image, Math.round(left - half), Math.round(top - half))
  }
}

/** Each look is drawn once and then stamped, which costs a copy of some pixels. */
function stamps(ink: Ink, k: number): (look: SeatLook) => HTMLCanvasElement {
  const made = new Map<SeatLook, HTMLCanvasElement>()
  return (look) => {
    const known = made.get(look)
    if (known) return known
    const stamp = document.createElement('canvas')
    stamp.width = stamp.height = Math.max(2, 2 * Math.ceil((STEP * k) / 2))
    const context = stamp.getContext('2d')
    if (context) {
      context.translate(stamp.width / 2, stamp.height / 2)
      context.scale(k, k)
      shape(context, look, ink)
    }
    made.set(look, stamp)
    return stamp
  }
}

function shape(context: CanvasRenderingContext2D, look: SeatLook, ink: Ink): void {
  const r = SEAT_RADIUS
  const circle = (radius: number, fill: string) => {
    context.fillStyle = fill
    context.beginPath()
    context.arc(0, 0, radius, 0, TURN)
    context.fill()
  }
  const stroke = (path: string, colour: string, width: number) => {
    context.strokeStyle = colour
    context.lineWidth = width
    context.lineCap = 'round'
    context.stroke(new Path2D(path))
  }
  switch (look) {
    case 'free':
    case 'chosen':
    case 'closed':
      circle(look === 'closed' ? r - 1 : r, ink.seat)
      break
    case 'held':
      circle(r, ink.sold)
      stroke(`M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`, ink.mark, 1.2)
      stroke(
        `M${-r * 0.9} 3L3 ${-r * 0.9}M${-r * 0.6} ${r * 0.6}L${r * 0.6} ${-r * 0.6}M-3 ${r * 0.9}L${r * 0.9} -3`,
        ink.mark,
        2,
      )
      break
    case 'sold':
      circle(r - 2, ink.taken)
      stroke('m-3.6-3.6 7.2 7.2m0-7.2-7.2 7.2', ink.cross, 1.8)
      break
    case 'admitted':
      circle(r, ink.ok)
      context.fillStyle = ink.surface
      context.fill(
        new Path2D('M-3.8-2.6a3.8 3.8 0 1 0 7.6 0a3.8 3.8 0 1 0-7.6 0M-6.4 6.6a6.4 5.4 0 0 1 12.8 0z'),
      )
      break
    case 'blocked':
      stroke(
        `M${2 - r} ${2 - r}h${2 * r - 4}v${2 * r - 4}h${4 - 2 * r}zM${4 - r} ${r - 4}L${r - 4} ${4 - r}`,
        ink.mark,
        1.6,
      )
      break
  }
}

function inkOf(canvas: HTMLCanvasElement): Ink {
  const style = getComputedStyle(canvas)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    seat: of('--seat'),
    taken: of('--seat-taken') || of('--seat-sold'),
    cross: of('--seat-cross') || of('--seat-mark'),
    sold: of('--seat-sold'),
    mark: of('--seat-mark'),
    ok: of('--ok'),
    surface: of('--surface'),
  }
}

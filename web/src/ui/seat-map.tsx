import {
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
} from 'react'
import { flushSync } from 'react-dom'
import { Maximize, Minus, Plus } from 'lucide-react'
import {
  bringIntoSight,
  fit,
  keepInSight,
  neighbour,
  seatAt,
  SEAT_RADIUS,
  STEP,
  zoomAt,
  type Box,
  type Direction,
  type PlacedSeat,
  type SeatPlan,
  type Size,
  type View,
} from '@/lib/seat-map'
import { IconButton } from './button'
import { cx } from './cx'
import { SeatCrowd, type SeatCrowdHandle } from './seat-crowd'
import { HeldPattern, SeatShape, type SeatLook } from './seat-look'
import { useGestures } from './use-gestures'

export interface SeatMapHandle {
  focusSeat: (address: string) => void
}

interface SeatMapProps {
  plan: SeatPlan
  lookOf: (seat: PlacedSeat) => SeatLook
  nameOf: (seat: PlacedSeat, look: SeatLook) => string
  /** A class that sets the colour of the seat's category. */
  colourOf: (category: string | null) => string
  onToggle: (seat: PlacedSeat) => void
  words: {
    map: string
    help: string
    zoomIn: string
    zoomOut: string
    whole: string
    sections: string
    front: string
  }
  /** Seats are looked at, not chosen. */
  readOnly?: boolean
  className?: string
  ref?: Ref<SeatMapHandle>
}

/** Below this scale numbers would be unreadable, and a fingertip would cover several seats. */
const NEAR = 0.72
const FINGER_RADIUS_PX = 9
/** More seats than these are drawn as one picture where they are only looked at. */
const CROWD = 2_000
/** The scale at which a fingertip covers one seat. */
const CLOSE = 1.2

const arrows: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/**
 * A seat map that is panned, zoomed, pinched and walked through by keyboard. The view moves outside React: a
 * drag changes one attribute and renders nothing. Seats render only when they themselves change. Of a crowd that is only
 * looked at, the one seat is an element that is walked to.
 */
export function SeatMap({
  plan,
  lookOf,
  nameOf,
  colourOf,
  onToggle,
  words,
  readOnly = false,
  className,
  ref,
}: SeatMapProps) {
  const id = useId()
  const frame = useRef<HTMLDivElement>(null)
  const svg = useRef<SVGSVGElement>(null)
  const layer = useRef<SVGGElement>(null)
  const view = useRef<View>({ k: 1, x: 0, y: 0 })
  const size = useRef<Size>({ width: 0, height: 0 })
  const moved = useRef(false)
  const [active, setActive] = useState(0)
  const crowd = useRef<SeatCrowdHandle>(null)
  const crowded = readOnly && plan.seats.length > CROWD

  const smallest = useCallback(() => Math.min(fit(plan.box, size.current).k, 1), [plan])

  const show = useCallback(
    (next: View, smooth = false) => {
      const v = keepInSight(next, plan.box, size.current)
      view.current = v
      const g = layer.current
      if (!g || !svg.current) return
      g.style.setProperty('--k', String(v.k))
      g.style.transition = smooth ? 'transform 220ms ease-out' : 'none'
      g.style.transform = `translate(${v.x}px, ${v.y}px) scale(${v.k})`
      crowd.current?.paint(v, size.current)
      svg.current.dataset.detail = v.k < NEAR ? 'far' : 'near'
      // On the whole plan a finger scrolls the page; closer up it moves the plan.
      svg.current.style.touchAction = v.k <= smallest() * 1.05 ? 'pan-y' : 'none'
    },
    [plan, smallest],
  )

  useLayoutEffect(() => {
    const element = frame.current
    if (!element) return
    const measure = () => {
      const { width, height } = element.getBoundingClientRect()
      size.current = { width, height }
      show(moved.current ? view.current : fit(plan.box, size.current))
    }
    measure()
    if (typeof ResizeObserver === 'undefined') return
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => {
      observer.disconnect()
    }
  }, [plan, show])

  useEffect(() => {
    const element = svg.current
    if (!element) return
    const onWheel = (event: WheelEvent) => {
      event.preventDefault()
      moved.current = true
      const box = element.getBoundingClientRect()
      const at = { x: event.clientX - box.left, y: event.clientY - box.top }
      show(zoomAt(view.current, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), at, smallest()))
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => {
      element.removeEventListener('wheel', onWheel)
    }
  }, [show, smallest])

  const zoom = (factor: number) => {
    moved.current = true
    const { width, height } = size.current
    show(zoomAt(view.current, factor, { x: width / 2, y: height / 2 }, smallest()), true)
  }
  const whole = () => {
    moved.current = false
    show(fit(plan.box, size.current), true)
  }
  const goTo = (box: Box) => {
    moved.current = true
    // With room for the section's name above its first row.
    show(fit({ ...box, y: box.y - STEP, height: box.height + STEP }, size.current), true)
  }

  const elementOf = (at: number) => svg.current?.querySelector<SVGGElement>(`[data-seat="${at}"]`) ?? null

  const walkTo = (at: number) => {
    const seat = plan.seats[at]
    if (!seat) return
    // Of a crowd, the element that takes the focus has to be there first.
    if (crowded)
      flushSync(() => {
        setActive(at)
      })
    else setActive(at)
    moved.current = true
    const { width, height } = size.current
    const near =
      view.current.k < NEAR ? { k: 1, x: width / 2 - seat.x, y: height / 2 - seat.y } : view.current
    show(bringIntoSight(near, seat, size.current))
    elementOf(at)?.focus({ preventScroll: true })
  }

  useImperativeHandle(ref, () => ({
    focusSeat(address) {
      const at = plan.index.get(address)
      if (at !== undefined) walkTo(at)
    },
  }))

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const direction = arrows[event.key]
    if (direction) {
      event.preventDefault()
      const next = neighbour(plan.seats, active, direction)
      if (next !== null) walkTo(next)
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      const seat = plan.seats[active]
      if (seat) onToggle(seat)
    } else if (event.key === '+') zoom(1.5)
    else if (event.key === '-') zoom(1 / 1.5)
    else if (event.key === '0') whole()
  }

  const gesture = useGestures({
    svg,
    view,
    show,
    smallest,
    onMove: () => {
      moved.current = true
    },
  })

  const onClick = (event: MouseEvent) => {
    if (gesture.wasDrag() || !svg.current) return
    const target = event.target instanceof Element ? event.target.closest('[data-seat]') : null
    const box = svg.current.getBoundingClientRect()
    const point = { x: event.clientX - box.left, y: event.clientY - box.top }
    const { k, x, y } = view.current
    // A finger on a small seat means "there": come closer first, then choose.
    if (gesture.byFinger() && SEAT_RADIUS * k < FINGER_RADIUS_PX) {
      const there = seatAt(plan.seats, (point.x - x) / k, (point.y - y) / k, Infinity)
      const seat = there === null ? undefined : plan.seats[there]
      if (!seat) return
      moved.current = true
      const { width, height } = size.current
      show({ k: CLOSE, x: width / 2 - seat.x * CLOSE, y: height / 2 - seat.y * CLOSE }, true)
      return
    }
    const at = target
      ? Number(target.getAttribute('data-seat'))
      : seatAt(plan.seats, (point.x - x) / k, (point.y - y) / k, STEP * 0.6)
    const seat = at === null ? undefined : plan.seats[at]
    if (at === null || !seat) return
    setActive(at)
    onToggle(seat)
  }

  // Who is active matters to a crowd alone.
  const only = crowded ? active : null
  const shapes = useMemo(
    () =>
      plan.seats.flatMap((seat, at) => {
        if (only !== null && at !== only) return []
        const look = lookOf(seat)
        return [{ seat, at, look, name: nameOf(seat, look), colour: colourOf(seat.category) }]
      }),
    [plan, lookOf, nameOf, colourOf, only],
  )

  return (
    <div className={cx('flex min-w-0 flex-col', className)}>
      {plan.sections.length > 1 && (
        <div role="group" aria-label={words.sections} className="flex gap-1.5 overflow-x-auto p-2">
          {plan.sections.map((section) => (
            <button
              key={section.name}
              type="button"
              onClick={() => {
                goTo(section.box)
              }}
              className="min-h-11 shrink-0 rounded-lg border border-line bg-surface px-3 text-sm font-semibold hover:border-edge"
            >
              {section.name}
            </button>
          ))}
        </div>
      )}
      <div ref={frame} className="relative min-h-0 flex-1 overflow-hidden bg-bg">
        {crowded && <SeatCrowd ref={crowd} seats={plan.seats} lookOf={lookOf} className={colourOf(null)} />}
        {/* The seats inside are the controls; the drawing only passes their keys and clicks on. */}
        <svg
          ref={svg}
          role="group"
          aria-label={words.map}
          aria-describedby={`${id}-help`}
          className="seat-map absolute inset-0 size-full select-none"
          data-detail="far"
          onClick={onClick}
          onKeyDown={onKeyDown}
          {...gesture.handlers}
        >
          <defs>
            <HeldPattern id={`${id}-held`} />
          </defs>
          <g ref={layer}>
            {!plan.positioned && (
              <g aria-hidden>
                <path
                  d={`M ${plan.box.x + plan.box.width / 2 - 90} ${plan.box.y + 8} h 180`}
                  stroke="var(--edge)"
                  strokeWidth="3"
                  strokeLinecap="round"
                />
                <text className="row-label" x={plan.box.x + plan.box.width / 2} y={plan.box.y + 20}>
                  {words.front}
                </text>
              </g>
            )}
            {plan.rows.map((label, at) => (
              <text key={at} aria-hidden className="row-label" x={label.x} y={label.y}>
                {label.text}
              </text>
            ))}
            {shapes.map(({ seat, at, look, name, colour }) => (
              <SeatShape
                key={seat.address}
                at={at}
                x={seat.x}
                y={seat.y}
                number={seat.seat}
                look={look}
                name={name}
                colour={colour}
                heldFill={`url(#${id}-held)`}
                accessible={seat.features.includes('accessible')}
                tabbable={at === active}
                readOnly={readOnly}
              />
            ))}
            {plan.sections.length > 1 &&
              plan.sections.map(({ name, box }) => (
                <text
                  key={name}
                  aria-hidden
                  className="section-label"
                  x={box.x + box.width / 2}
                  y={box.y - 4}
                >
                  {name}
                </text>
              ))}
          </g>
        </svg>
        <p id={`${id}-help`} className="sr-only">
          {words.help}
        </p>
        <div className="absolute right-2 bottom-2 flex flex-col overflow-hidden rounded-xl border border-line bg-surface shadow-card">
          <IconButton
            label={words.zoomIn}
            className="rounded-none"
            onClick={() => {
              zoom(1.6)
            }}
          >
            <Plus aria-hidden className="size-5" />
          </IconButton>
          <IconButton
            label={words.zoomOut}
            className="rounded-none"
            onClick={() => {
              zoom(1 / 1.6)
            }}
          >
            <Minus aria-hidden className="size-5" />
          </IconButton>
          <IconButton label={words.whole} className="rounded-none" onClick={whole}>
            <Maximize aria-hidden className="size-5" />
          </IconButton>
        </div>
      </div>
    </div>
  )
}

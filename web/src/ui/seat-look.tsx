/**
 * How a seat is drawn, wherever it is: on the map, on paper, in a legend. Nothing here moves, listens or asks the server.
 */
import { memo, useId } from 'react'
import { SEAT_RADIUS, STEP, type PlacedSeat, type SeatPlan } from '@/lib/seat-map'
import { cx } from './cx'

/** How a seat is drawn. `closed`: free, but not for what is being sold just now; `admitted`: its holder is in. */
export type SeatLook = 'free' | 'chosen' | 'held' | 'sold' | 'blocked' | 'closed' | 'admitted'

export const SeatShape = memo(function SeatShape({
  at,
  x,
  y,
  number,
  look,
  name,
  colour,
  heldFill,
  accessible,
  tabbable,
  readOnly,
}: {
  at: number
  x: number
  y: number
  number: string
  look: SeatLook
  name: string
  colour: string
  heldFill: string
  accessible: boolean
  tabbable: boolean
  readOnly: boolean
}) {
  const unavailable = look !== 'free' && look !== 'chosen'
  return (
    <g
      role="button"
      tabIndex={tabbable ? 0 : -1}
      aria-label={name}
      aria-pressed={readOnly ? undefined : look === 'chosen'}
      aria-disabled={(!readOnly && unavailable) || undefined}
      data-seat={at}
      data-look={look}
      className={cx('seat', colour)}
      transform={`translate(${x} ${y})`}
    >
      {/* The whole cell answers to a click, not only the drawn circle. */}
      <rect x={-STEP / 2} y={-STEP / 2} width={STEP} height={STEP} fill="transparent" />
      <LookShape look={look} number={number} heldFill={heldFill} accessible={accessible} />
      <circle className="seat-focus" r={SEAT_RADIUS + 4} />
    </g>
  )
})

function LookShape({
  look,
  number,
  heldFill,
  accessible,
}: {
  look: SeatLook
  number: string
  heldFill: string
  accessible: boolean
}) {
  switch (look) {
    case 'free':
      return (
        <>
          {accessible ? (
            <rect
              x={-SEAT_RADIUS}
              y={-SEAT_RADIUS}
              width={2 * SEAT_RADIUS}
              height={2 * SEAT_RADIUS}
              rx="3"
              fill="var(--seat)"
            />
          ) : (
            <circle r={SEAT_RADIUS} fill="var(--seat)" />
          )}
          <text className="seat-number" fill="var(--seat-text)">
            {number}
          </text>
        </>
      )
    case 'chosen':
      return (
        <>
          <circle r={SEAT_RADIUS + 3} fill="var(--text)" />
          <path
            d="m-5 0.5 3.4 3.6L5.4-3.6"
            fill="none"
            stroke="var(--bg)"
            strokeWidth="2.6"
            strokeLinecap="round"
            strokeLinejoin="round"
          />
        </>
      )
    case 'held':
      return <circle r={SEAT_RADIUS} fill={heldFill} stroke="var(--seat-mark)" strokeWidth="1.2" />
    case 'sold':
      return (
        <>
          <circle r={SEAT_RADIUS - 2} fill="var(--seat-taken, var(--seat-sold))" />
          <path
            d="m-3.6-3.6 7.2 7.2m0-7.2-7.2 7.2"
            stroke="var(--seat-cross, var(--seat-mark))"
            strokeWidth="1.8"
            strokeLinecap="round"
          />
        </>
      )
    case 'admitted':
      return (
        <>
          <circle r={SEAT_RADIUS} fill="var(--ok)" />
          <circle r="3.8" cy="-2.6" fill="var(--surface)" />
          <path d="M-6.4 6.6a6.4 5.4 0 0 1 12.8 0z" fill="var(--surface)" />
        </>
      )
    case 'blocked':
      return (
        <>
          <rect
            x={2 - SEAT_RADIUS}
            y={2 - SEAT_RADIUS}
            width={2 * SEAT_RADIUS - 4}
            height={2 * SEAT_RADIUS - 4}
            rx="3"
            fill="none"
            stroke="var(--seat-mark)"
            strokeWidth="1.6"
          />
          <path
            d={`M${4 - SEAT_RADIUS} ${SEAT_RADIUS - 4} L${SEAT_RADIUS - 4} ${4 - SEAT_RADIUS}`}
            stroke="var(--seat-mark)"
            strokeWidth="1.6"
          />
        </>
      )
    case 'closed':
      return (
        <circle
          r={SEAT_RADIUS - 1}
          fill="none"
          stroke="var(--seat)"
          strokeWidth="1.8"
          strokeDasharray="3 2.4"
          opacity="0.75"
        />
      )
  }
}

interface SeatPictureProps {
  plan: SeatPlan
  lookOf: (seat: PlacedSeat) => SeatLook
  /** A class that sets the colour of the seat's category. */
  colourOf: (category: string | null) => string
  label: string
}

/** The whole plan as a picture, for paper. */
export function SeatPicture({ plan, lookOf, colourOf, label }: SeatPictureProps) {
  const id = useId()
  const { box } = plan
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`}
      className="seat-map max-h-[16cm] w-full"
      data-detail="far"
    >
      <defs>
        <HeldPattern id={id} />
      </defs>
      {plan.seats.map((seat) => (
        <g
          key={seat.address}
          className={colourOf(seat.category)}
          transform={`translate(${seat.x} ${seat.y})`}
        >
          <LookShape
            look={lookOf(seat)}
            number=""
            heldFill={`url(#${id})`}
            accessible={seat.features.includes('accessible')}
          />
        </g>
      ))}
      {plan.sections.length > 1 &&
        plan.sections.map(({ name, box: around }) => (
          <text key={name} className="section-label" x={around.x + around.width / 2} y={around.y - 4}>
            {name}
          </text>
        ))}
    </svg>
  )
}

export function HeldPattern({ id }: { id: string }) {
  return (
    <pattern id={id} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="5" height="5" fill="var(--seat-sold)" />
      <rect width="2.2" height="5" fill="var(--seat-mark)" />
    </pattern>
  )
}

/** The same drawings, for a legend. */
export function SeatSample({ look, colour }: { look: SeatLook; colour: string }) {
  const id = useId()
  return (
    <svg aria-hidden viewBox="-15 -15 30 30" className={cx('size-6 shrink-0', colour)}>
      <defs>
        <HeldPattern id={id} />
      </defs>
      <LookShape look={look} number="" heldFill={`url(#${id})`} accessible={false} />
    </svg>
  )
}

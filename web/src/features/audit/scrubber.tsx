import { useRef, type KeyboardEvent, type PointerEvent } from 'react'
import { formatMoment } from '@/lib/time'
import { cx } from '@/ui/cx'
import { useWidth } from '@/ui/use-width'
import { fractionOf, neighbourPart, positionAt, type Line } from './timeline'

const HEIGHT = 84
/** Room for the handle at both ends. */
const MARGIN = 12

/**
 * A show's time from its first event to its last one, with how much happened when. Dragged, or by keyboard: arrows go
 * from event to event, Page Up and Page Down from part to part.
 */
export function Scrubber({
  line,
  at,
  zone,
  label,
  valueText,
  onDrag,
  onSettle,
  onStep,
}: {
  line: Line
  at: number
  zone: string
  label: string
  /** The moment, and what happened. */
  valueText: string
  /** While the handle is held. */
  onDrag: (position: number) => void
  onSettle: (position: number) => void
  onStep: (direction: 1 | -1) => void
}) {
  const [measure, width] = useWidth()
  const track = useRef<HTMLDivElement>(null)
  const inner = Math.max(1, width - 2 * MARGIN)
  const most = Math.max(1, ...line.buckets.map(({ events }) => Math.sqrt(events)))
  const x = MARGIN + fractionOf(line, at) * inner
  const part = inner / line.parts

  const pointed = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect()
    return positionAt(line, box ? (event.clientX - box.left - MARGIN) / inner : 0)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const go: Record<string, () => void> = {
      ArrowRight: () => {
        onStep(1)
      },
      ArrowUp: () => {
        onStep(1)
      },
      ArrowLeft: () => {
        onStep(-1)
      },
      ArrowDown: () => {
        onStep(-1)
      },
      PageUp: () => {
        onSettle(neighbourPart(line, at, 1))
      },
      PageDown: () => {
        onSettle(neighbourPart(line, at, -1))
      },
      Home: () => {
        onSettle(line.first)
      },
      End: () => {
        onSettle(line.last)
      },
    }
    const move = go[event.key]
    if (!move) return
    event.preventDefault()
    move()
  }

  return (
    <div ref={measure} className="min-w-0">
      <div
        ref={track}
        role="slider"
        tabIndex={0}
        aria-label={label}
        aria-valuemin={line.first}
        aria-valuemax={line.last}
        aria-valuenow={at}
        aria-valuetext={valueText}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          onDrag(pointed(event))
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) onDrag(pointed(event))
        }}
        onPointerUp={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) onSettle(pointed(event))
        }}
        onPointerCancel={() => {
          onSettle(at)
        }}
        className="touch-none cursor-ew-resize rounded-xl bg-sunken select-none"
      >
        <svg aria-hidden width={width} height={HEIGHT} className="block max-w-full">
          {line.buckets.map((bucket) => {
            const height = (Math.sqrt(bucket.events) / most) * (HEIGHT - 16)
            const door = (bucket.admitted + bucket.refused) / bucket.events
            return (
              <g key={bucket.part} className={cx(bucket.position > at && 'opacity-35')}>
                <rect
                  x={MARGIN + bucket.part * part}
                  y={HEIGHT - height}
                  width={Math.max(1.5, part - 0.5)}
                  height={height}
                  fill="var(--chart-1)"
                />
                {door > 0 && (
                  <rect
                    x={MARGIN + bucket.part * part}
                    y={HEIGHT - height * door}
                    width={Math.max(1.5, part - 0.5)}
                    height={height * door}
                    fill="var(--chart-4)"
                  />
                )}
              </g>
            )
          })}
          <line x1={x} x2={x} y1="0" y2={HEIGHT} stroke="var(--text)" strokeWidth="2" />
          <circle cx={x} cy="10" r="9" fill="var(--text)" stroke="var(--bg)" strokeWidth="2.5" />
        </svg>
      </div>
      <p className="mt-1 flex justify-between gap-4 text-sm text-muted tabular-nums">
        <span>{formatMoment(new Date(line.from).toISOString(), zone)}</span>
        <span className="text-right">{formatMoment(new Date(line.to).toISOString(), zone)}</span>
      </p>
    </div>
  )
}

/**
 * The geometry of a seat map: from sections, rows and seats to points on a plane, and from a point or an arrow
 * key to a seat. Seats are drawn where the plan puts them; a plan without positions is laid out row by row.
 * One step between neighbours is STEP units, whatever the plan's own scale was.
 */
export const STEP = 30
export const SEAT_RADIUS = 11

export interface PlanSeat {
  seat: string
  x: number | null
  y: number | null
  category: string | null
  features: readonly string[]
}
export interface PlanRow {
  label: string
  seats: readonly (PlanSeat | null)[]
}
export interface PlanSection {
  name: string
  rows: readonly PlanRow[]
}

export interface PlacedSeat {
  /** `Section-Row-Seat`, as the server addresses it. */
  address: string
  section: string
  row: string
  seat: string
  category: string | null
  features: readonly string[]
  x: number
  y: number
}
export interface PlacedLabel {
  text: string
  x: number
  y: number
}
export interface Box {
  x: number
  y: number
  width: number
  height: number
}
export interface SeatPlan {
  seats: readonly PlacedSeat[]
  index: ReadonlyMap<string, number>
  sections: readonly { name: string; box: Box }[]
  rows: readonly PlacedLabel[]
  box: Box
  /** Whether the plan had positions; where it had not, the first row is drawn in front. */
  positioned: boolean
}

export function placeSeats(sections: readonly PlanSection[]): SeatPlan {
  const all = sections.flatMap((section) => section.rows.flatMap((row) => row.seats))
  const positioned =
    all.length > 0 && all.every((seat) => seat === null || (seat.x !== null && seat.y !== null))
  const seats = positioned ? byPosition(sections) : byOrder(sections)

  const index = new Map(seats.map((seat, at) => [seat.address, at]))
  const boxes = sections
    .map(({ name }) => ({ name, box: around(seats.filter((seat) => seat.section === name)) }))
    .filter(({ box }) => box.width > 0)
  return { seats, index, sections: boxes, rows: rowLabels(seats), box: around(seats, 1.6 * STEP), positioned }
}

function place(section: PlanSection, row: PlanRow, seat: PlanSeat, x: number, y: number): PlacedSeat {
  return {
    address: `${section.name}-${row.label}-${seat.seat}`,
    section: section.name,
    row: row.label,
    seat: seat.seat,
    category: seat.category,
    features: seat.features,
    x,
    y,
  }
}

function byPosition(sections: readonly PlanSection[]): PlacedSeat[] {
  const scale = STEP / usualStep(sections)
  return sections.flatMap((section) =>
    section.rows.flatMap((row) =>
      row.seats.flatMap((seat) =>
        seat === null ? [] : [place(section, row, seat, (seat.x ?? 0) * scale, (seat.y ?? 0) * scale)],
      ),
    ),
  )
}

/** The median distance between neighbours of a row, in the plan's own units. */
function usualStep(sections: readonly PlanSection[]): number {
  const steps: number[] = []
  for (const section of sections) {
    for (const row of section.rows) {
      let last: PlanSeat | null = null
      for (const seat of row.seats) {
        if (seat && last) steps.push(Math.hypot((seat.x ?? 0) - (last.x ?? 0), (seat.y ?? 0) - (last.y ?? 0)))
        last = seat
      }
    }
  }
  steps.sort((a, b) => a - b)
  const median = steps[Math.floor(steps.length / 2)] ?? 0
  return median > 0 ? median : STEP
}

/** Between sections that are drawn below or beside each other, in steps. */
const SECTION_GAP = 2.2
/** So much higher than wide a plan may be; of one that is higher, a window shows a thread. */
const HEIGHT_MAX = 2.5

const widthOf = ({ rows }: PlanSection): number => Math.max(0, ...rows.map((row) => row.seats.length))

/** Sections below each other; where that would be a thread, beside each other too, as one reads. */
function byOrder(sections: readonly PlanSection[]): PlacedSeat[] {
  const width = Math.max(0, ...sections.map(widthOf)) + SECTION_GAP
  const height = sections.reduce((sum, { rows }) => sum + rows.length + SECTION_GAP, 0)
  const across = height <= HEIGHT_MAX * width ? 1 : Math.ceil(Math.sqrt(height / width))
  const placed: PlacedSeat[] = []
  let top = 0
  for (let first = 0; first < sections.length; first += across) {
    const abreast = sections.slice(first, first + across)
    for (const [at, section] of abreast.entries()) {
      const middle = (at - (across - 1) / 2) * width * STEP
      const widest = widthOf(section)
      for (const [line, row] of section.rows.entries()) {
        const half = widest % 2 === row.seats.length % 2 ? 0 : STEP / 2
        const left = middle - ((row.seats.length - 1) / 2) * STEP + half
        for (const [column, seat] of row.seats.entries()) {
          if (seat) placed.push(place(section, row, seat, left + column * STEP, top + line * STEP))
        }
      }
    }
    top += (Math.max(...abreast.map(({ rows }) => rows.length)) + SECTION_GAP) * STEP
  }
  return placed
}

function rowLabels(seats: readonly PlacedSeat[]): PlacedLabel[] {
  const first = new Map<string, PlacedSeat>()
  for (const seat of seats) {
    const key = `${seat.section}-${seat.row}`
    const known = first.get(key)
    if (!known || seat.x < known.x) first.set(key, seat)
  }
  return [...first.values()].map((seat) => ({ text: seat.row, x: seat.x - STEP * 0.8, y: seat.y }))
}

function around(seats: readonly PlacedSeat[], margin = 0.8 * STEP): Box {
  if (seats.length === 0) return { x: 0, y: 0, width: 0, height: 0 }
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y } of seats) {
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return {
    x: left - margin,
    y: top - margin,
    width: right - left + 2 * margin,
    height: bottom - top + 2 * margin,
  }
}

export type Direction = 'left' | 'right' | 'up' | 'down'

/**
 * The seat that an arrow key leads to: the nearest one in that direction, where going sideways counts three
 * times, so that the path follows rows and columns also where they are bent. Null at the edge.
 */
export function neighbour(seats: readonly PlacedSeat[], from: number, direction: Direction): number | null {
  const start = seats[from]
  if (!start) return null
  let best: number | null = null
  let bestCost = Infinity
  for (const [at, seat] of seats.entries()) {
    if (at === from) continue
    const dx = seat.x - start.x
    const dy = seat.y - start.y
    const [along, aside] = forward(direction, dx, dy)
    if (along < STEP * 0.25 || aside > along * 2.5) continue
    const cost = along + aside * 3
    if (cost < bestCost) {
      bestCost = cost
      best = at
    }
  }
  return best
}

function forward(direction: Direction, dx: number, dy: number): [along: number, aside: number] {
  switch (direction) {
    case 'left':
      return [-dx, Math.abs(dy)]
    case 'right':
      return [dx, Math.abs(dy)]
    case 'up':
      return [-dy, Math.abs(dx)]
    case 'down':
      return [dy, Math.abs(dx)]
  }
}

/** The seat at a point of the plane, within `reach`; null on bare floor. */
export function seatAt(seats: readonly PlacedSeat[], x: number, y: number, reach: number): number | null {
  let best: number | null = null
  let bestDistance = reach
  for (const [at, seat] of seats.entries()) {
    const distance = Math.hypot(seat.x - x, seat.y - y)
    if (distance <= bestDistance) {
      bestDistance = distance
      best = at
    }
  }
  return best
}

/** Screen = plane × k + (x, y). */
export interface View {
  k: number
  x: number
  y: number
}
export interface Size {
  width: number
  height: number
}

export const ZOOM_MAX = 4

export function fit(box: Box, size: Size, closest = 1.6): View {
  if (box.width <= 0 || box.height <= 0 || size.width <= 0 || size.height <= 0) return { k: 1, x: 0, y: 0 }
  const k = Math.min(size.width / box.width, size.height / box.height, closest)
  return {
    k,
    x: size.width / 2 - (box.x + box.width / 2) * k,
    y: size.height / 2 - (box.y + box.height / 2) * k,
  }
}

/** Zooms by a factor around a point of the screen, between the whole plan and a close look. */
export function zoomAt(view: View, factor: number, at: { x: number; y: number }, smallest: number): View {
  const k = Math.min(ZOOM_MAX, Math.max(smallest, view.k * factor))
  const real = k / view.k
  return { k, x: at.x - (at.x - view.x) * real, y: at.y - (at.y - view.y) * real }
}

/** Keeps some of the plan on the screen, however far it is pushed. */
export function keepInSight(view: View, box: Box, size: Size): View {
  const margin = 0.35
  const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high)
  return {
    k: view.k,
    x: clamp(
      view.x,
      size.width * margin - (box.x + box.width) * view.k,
      size.width * (1 - margin) - box.x * view.k,
    ),
    y: clamp(
      view.y,
      size.height * margin - (box.y + box.height) * view.k,
      size.height * (1 - margin) - box.y * view.k,
    ),
  }
}

/** Moves the view just so far that the point is comfortably inside. */
export function bringIntoSight(view: View, point: { x: number; y: number }, size: Size, margin = 36): View {
  const px = point.x * view.k + view.x
  const py = point.y * view.k + view.y
  const dx = px < margin ? margin - px : px > size.width - margin ? size.width - margin - px : 0
  const dy = py < margin ? margin - py : py > size.height - margin ? size.height - margin - py : 0
  return dx === 0 && dy === 0 ? view : { k: view.k, x: view.x + dx, y: view.y + dy }
}

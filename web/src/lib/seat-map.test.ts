import { describe, expect, it } from 'vitest'
import {
  bringIntoSight,
  fit,
  keepInSight,
  neighbour,
  placeSeats,
  seatAt,
  STEP,
  zoomAt,
  ZOOM_MAX,
  type PlanSeat,
  type PlanSection,
} from './seat-map'

const seat = (label: string, x: number | null = null, y: number | null = null): PlanSeat => ({
  seat: label,
  x,
  y,
  category: null,
  features: [],
})
const block: PlanSection = {
  name: 'Block A',
  rows: [
    { label: '1', seats: [seat('1'), seat('2'), null, seat('3'), seat('4')] },
    { label: '2', seats: [seat('1'), seat('2'), null, seat('3'), seat('4')] },
  ],
}

describe('placing seats', () => {
  it('lays a plan without positions out row by row, with its aisles', () => {
    const plan = placeSeats([block])
    expect(plan.positioned).toBe(false)
    expect(plan.seats.map(({ address }) => address)).toContain('Block A-2-3')
    const [one, two, three] = plan.seats
    expect((two?.x ?? 0) - (one?.x ?? 0)).toBe(STEP)
    expect((three?.x ?? 0) - (two?.x ?? 0)).toBe(2 * STEP)
    expect(one?.y).toBe(two?.y)
  })
  it('scales positions so that neighbours are one step apart, whatever the unit was', () => {
    const rows = [
      { label: '1', seats: [seat('1', 0, 0), seat('2', 47, 0), seat('3', 94, 0), seat('4', 188, 0)] },
    ]
    const plan = placeSeats([{ name: 'Hall', rows }])
    expect(plan.positioned).toBe(true)
    expect(plan.seats.map(({ x }) => Math.round(x))).toEqual([0, STEP, 2 * STEP, 4 * STEP])
  })
  it('puts sections below each other without overlap', () => {
    const plan = placeSeats([block, { ...block, name: 'Block B' }])
    const [a, b] = plan.sections
    expect((a?.box.y ?? 0) + (a?.box.height ?? 0)).toBeLessThan(b?.box.y ?? 0)
  })
  it('puts many sections beside each other too, each in a place of its own', () => {
    const names = Array.from({ length: 12 }, (_, at) => `Block ${at + 1}`)
    const rows = Array.from({ length: 24 }, (_, at) => ({
      label: String(at + 1),
      seats: Array.from({ length: 20 }, (__, place) => seat(String(place + 1))),
    }))
    const { box, sections } = placeSeats(names.map((name) => ({ name, rows })))
    expect(box.height).toBeLessThan(2.5 * box.width)
    expect(box.width).toBeLessThan(2.5 * box.height)
    for (const [at, { box: one }] of sections.entries()) {
      for (const { box: other } of sections.slice(at + 1)) {
        const beside = one.x + one.width <= other.x || other.x + other.width <= one.x
        expect(beside || one.y + one.height <= other.y).toBe(true)
      }
    }
  })
  it('copes with nothing at all', () => {
    expect(placeSeats([]).seats).toEqual([])
    expect(fit(placeSeats([]).box, { width: 100, height: 100 })).toEqual({ k: 1, x: 0, y: 0 })
  })
})

describe('walking by arrow keys', () => {
  const { seats, index } = placeSeats([block, { ...block, name: 'Block B' }])
  const from = (address: string, direction: Parameters<typeof neighbour>[2]) => {
    const at = neighbour(seats, index.get(address) ?? -1, direction)
    return at === null ? null : seats[at]?.address
  }
  it('follows the row, also across an aisle', () => {
    expect(from('Block A-1-1', 'right')).toBe('Block A-1-2')
    expect(from('Block A-1-2', 'right')).toBe('Block A-1-3')
    expect(from('Block A-1-3', 'left')).toBe('Block A-1-2')
  })
  it('goes from row to row and from section to section', () => {
    expect(from('Block A-1-4', 'down')).toBe('Block A-2-4')
    expect(from('Block A-2-4', 'down')).toBe('Block B-1-4')
  })
  it('stops at the edge', () => {
    expect(from('Block A-1-1', 'left')).toBeNull()
    expect(from('Block A-1-1', 'up')).toBeNull()
  })
  it('reaches every seat of a bent row', () => {
    const bent = placeSeats([
      {
        name: 'Arc',
        rows: [1, 2, 3].map((row) => ({
          label: String(row),
          seats: Array.from({ length: 20 }, (_, at) => {
            const angle = ((at - 9.5) / 20) * 1.2
            return seat(
              String(at + 1),
              Math.sin(angle) * (300 + row * 30),
              Math.cos(angle) * (300 + row * 30),
            )
          }),
        })),
      },
    ])
    let at = bent.index.get('Arc-2-1') ?? -1
    for (let step = 0; step < 19; step += 1) at = neighbour(bent.seats, at, 'right') ?? -1
    expect(bent.seats[at]?.address).toBe('Arc-2-20')
  })
})

describe('the view', () => {
  const plan = placeSeats([block])
  const size = { width: 300, height: 200 }
  it('fits the whole plan', () => {
    const view = fit(plan.box, size)
    for (const { x, y } of plan.seats) {
      expect(x * view.k + view.x).toBeGreaterThan(0)
      expect(x * view.k + view.x).toBeLessThan(300)
      expect(y * view.k + view.y).toBeGreaterThan(0)
      expect(y * view.k + view.y).toBeLessThan(200)
    }
  })
  it('zooms around the point under the finger, within limits', () => {
    const view = zoomAt({ k: 1, x: 0, y: 0 }, 2, { x: 50, y: 60 }, 0.5)
    expect(view).toEqual({ k: 2, x: -50, y: -60 })
    expect(zoomAt(view, 100, { x: 0, y: 0 }, 0.5).k).toBe(ZOOM_MAX)
    expect(zoomAt(view, 0.001, { x: 0, y: 0 }, 0.5).k).toBe(0.5)
  })
  it('never loses the plan', () => {
    const lost = keepInSight({ k: 1, x: 99_999, y: -99_999 }, plan.box, size)
    expect(plan.box.x + lost.x).toBeLessThan(300)
    expect(plan.box.y + plan.box.height + lost.y).toBeGreaterThan(0)
  })
  it('moves only as far as needed to show a seat', () => {
    const view = { k: 1, x: 0, y: 0 }
    expect(bringIntoSight(view, { x: 150, y: 100 }, size)).toBe(view)
    expect(bringIntoSight(view, { x: 400, y: 100 }, size, 20)).toEqual({ k: 1, x: -120, y: 0 })
  })
  it('finds the seat under a point, and none on bare floor', () => {
    const first = plan.seats[0]
    expect(seatAt(plan.seats, (first?.x ?? 0) + 5, first?.y ?? 0, 12)).toBe(0)
    expect(seatAt(plan.seats, 5_000, 5_000, 12)).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import { show } from '@/test/examples'
import {
  addQuantity,
  basketTotal,
  rejectedSeats,
  saleItems,
  ticketCount,
  toggleSeat,
  type Line,
} from './basket'

const seat = (address: string, category = 'Gold') => ({ address, category, type: 'adult' })

describe('the basket', () => {
  it('takes a seat once, and back', () => {
    const one = toggleSeat([], seat('A-1-1'))
    expect(one).toHaveLength(1)
    expect(toggleSeat(one, seat('A-1-1'))).toEqual([])
  })
  it('adds quantities of the same places together', () => {
    const places = { type: 'adult', category: null, section: 'Field', quantity: 2 }
    expect(addQuantity(addQuantity([], places), places)).toEqual([
      { kind: 'quantity', ...places, quantity: 4 },
    ])
  })
  it('counts and adds up by category', () => {
    const lines: readonly Line[] = [
      { kind: 'seat', ...seat('A-1-1') },
      { kind: 'quantity', type: 'adult', category: 'Silver', section: null, quantity: 3 },
    ]
    expect(ticketCount(lines)).toBe(4)
    expect(basketTotal(lines, show.ticket_types, 'EUR')).toEqual({ amount: 12_000, currency: 'EUR' })
  })
  it('becomes items: seats of one type together, each quantity for itself', () => {
    const lines: readonly Line[] = [
      { kind: 'seat', ...seat('A-1-1') },
      { kind: 'quantity', type: 'adult', category: 'Silver', section: null, quantity: 3 },
      { kind: 'seat', ...seat('A-1-2') },
    ]
    expect(saleItems(lines)).toEqual([
      { ticket_type: 'adult', seats: ['A-1-1', 'A-1-2'] },
      { ticket_type: 'adult', quantity: 3, category: 'Silver' },
    ])
  })
  it('knows which seats a rejection was about, by pointer or by name', () => {
    const items = [{ ticket_type: 'adult', seats: ['A-1-1', 'A-1-2', 'A-1-22'] }]
    expect([...rejectedSeats(items, [{ pointer: '/items/0/seats/1', detail: 'Taken.' }])]).toEqual(['A-1-2'])
    expect([...rejectedSeats(items, [{ pointer: '/items/0', detail: 'A-1-2 is sold.' }])]).toEqual(['A-1-2'])
  })
})

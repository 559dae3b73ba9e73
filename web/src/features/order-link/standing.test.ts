import { expect, it } from 'vitest'
import { order } from './example'
import { moneyRows, owed, standing } from './standing'

const now = new Date('2026-11-21T12:00:00Z')
const euros = (amount: number) => ({ amount, currency: 'EUR' })

it('says what is due and until when, as long as there is time', () => {
  const waiting = { ...order, status: 'awaiting_payment' as const, paid: euros(0), due: euros(9000) }
  const expires_at = '2026-11-22T12:00:00Z'
  expect(standing({ ...waiting, expires_at }, now)).toEqual({
    kind: 'pay_first',
    due: euros(9000),
    until: expires_at,
    late: false,
  })
  expect(standing({ ...waiting, expires_at: '2026-11-21T12:00:00Z' }, now)).toMatchObject({ late: true })
  expect(standing({ ...waiting, expires_at: null }, now)).toMatchObject({ until: null, late: false })
})

it('tells apart how it is to be paid', () => {
  const waiting = { ...order, status: 'awaiting_payment' as const, paid: euros(0), due: euros(9000) }
  expect(standing({ ...waiting, terms: 'pay_at_door' }, now)).toEqual({
    kind: 'pay_at_door',
    due: euros(9000),
  })
  expect(standing({ ...waiting, terms: 'on_account' }, now)).toEqual({ kind: 'on_account', due: euros(9000) })
})

it('asks for nothing once an order is paid or over', () => {
  expect(standing(order, now)).toEqual({ kind: 'paid' })
  expect(standing({ ...order, status: 'expired' }, now)).toEqual({ kind: 'expired' })
  expect(standing({ ...order, status: 'cancelled', due: euros(-9000) }, now)).toEqual({ kind: 'cancelled' })
})

it('turns what is less than nothing due into what is owed to the customer', () => {
  expect(owed(order)).toBeNull()
  expect(owed({ ...order, due: euros(-4500) })).toEqual(euros(4500))
})

it('lists the sums that say something', () => {
  expect(moneyRows(order)).toEqual([
    { row: 'total', money: euros(9000) },
    { row: 'tax', money: euros(588) },
    { row: 'paid', money: euros(9000) },
  ])
  const [line] = order.lines
  const halved = {
    ...order,
    lines: line ? [line] : [],
    total: euros(4500),
    refunded: euros(1000),
    due: euros(-3500),
  }
  expect(moneyRows(halved)).toEqual([
    { row: 'total', money: euros(4500) },
    { row: 'tax', money: euros(294) },
    { row: 'paid', money: euros(9000) },
    { row: 'refunded', money: euros(1000) },
    { row: 'owed', money: euros(3500) },
  ])
})

import type { Money, Order } from '@/api/types'

/** How an order stands, as its customer has to know it. */
export type Standing =
  | { kind: 'paid' }
  | { kind: 'cancelled' }
  | { kind: 'expired' }
  /** Tickets come with the payment; `late` once its time is over and the order about to end. */
  | { kind: 'pay_first'; due: Money; until: string | null; late: boolean }
  | { kind: 'pay_at_door'; due: Money }
  | { kind: 'on_account'; due: Money }

export function standing(order: Order, now: Date): Standing {
  if (order.status !== 'awaiting_payment') return { kind: order.status }
  const { due, terms, expires_at: until } = order
  if (terms !== 'pay_first') return { kind: terms, due }
  return { kind: terms, due, until, late: until !== null && Date.parse(until) <= now.getTime() }
}

/** What the seller has to pay back; null where nothing is. */
export function owed({ due }: Order): Money | null {
  return due.amount < 0 ? { ...due, amount: -due.amount } : null
}

export type MoneyRow = 'total' | 'tax' | 'paid' | 'refunded' | 'due' | 'owed'

/** The sums below the lines: those that say something. */
export function moneyRows(order: Order): { row: MoneyRow; money: Money }[] {
  const tax = { ...order.total, amount: order.lines.reduce((sum, line) => sum + line.tax.amount, 0) }
  const back = owed(order)
  const rows: { row: MoneyRow; money: Money; says: boolean }[] = [
    { row: 'total', money: order.total, says: true },
    { row: 'tax', money: tax, says: tax.amount !== 0 },
    { row: 'paid', money: order.paid, says: order.paid.amount !== 0 },
    { row: 'refunded', money: order.refunded, says: order.refunded.amount !== 0 },
    back === null
      ? { row: 'due', money: order.due, says: order.due.amount !== 0 }
      : { row: 'owed', money: back, says: true },
  ]
  return rows.filter(({ says }) => says).map(({ row, money }) => ({ row, money }))
}

/** Orders and their tickets, as their events left them (`domain/src/show/orders.rs`): as much of them as a settlement counts. */
import type { Fields } from './fields'

export interface Line {
  id: string
  kind: string
  amount: number
  tax: number
  ticket: string | null
}

export interface Order {
  lines: Line[]
  paid: number
  refunded: number
  complimentary: boolean
}

export interface Ticket {
  id: string
  line: string
  type: string
  category: string | null
  persons: number
  price: number
  void: boolean
}

export const readLine = (line: Fields): Line => ({
  id: line.text('id'),
  kind: line.text('kind'),
  amount: line.whole('amount'),
  tax: line.whole('tax'),
  ticket: line.maybeText('ticket'),
})

export const due = ({ lines, paid, refunded }: Order) =>
  lines.reduce((sum, line) => sum + line.amount, 0) - paid + refunded

/** A void ticket's line goes. Where the total falls by less than its amount, discounts shrink by the rest. */
export function takeOff(order: Order, line: string, price: number): void {
  const found = order.lines.find(({ id }) => id === line)
  if (!found) return
  order.lines.splice(order.lines.indexOf(found), 1)
  let rest = found.amount - price
  for (const discount of order.lines.filter(({ kind }) => kind === 'discount')) {
    const taken = Math.max(0, Math.min(rest, -discount.amount))
    discount.amount += taken
    rest -= taken
  }
  order.lines = order.lines.filter(({ kind, amount }) => kind !== 'discount' || amount !== 0)
}

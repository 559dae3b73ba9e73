import type { IssueTicketBody, Money, TicketType } from '@/api/types'
import { priceOf } from '@/api/types'
import { sumMoney } from '@/lib/money'

/** What is about to be sold: seats picked by hand, and quantities that the server places as best it can. */
export interface SeatLine {
  kind: 'seat'
  address: string
  category: string | null
  type: string
}
export interface QuantityLine {
  kind: 'quantity'
  type: string
  category: string | null
  section: string | null
  quantity: number
}
export type Line = SeatLine | QuantityLine

export function toggleSeat(lines: readonly Line[], seat: Omit<SeatLine, 'kind'>): readonly Line[] {
  const without = lines.filter((line) => !(line.kind === 'seat' && line.address === seat.address))
  return without.length < lines.length ? without : [...lines, { kind: 'seat', ...seat }]
}

export function addQuantity(lines: readonly Line[], added: Omit<QuantityLine, 'kind'>): readonly Line[] {
  const same = lines.find(
    (line): line is QuantityLine =>
      line.kind === 'quantity' &&
      line.type === added.type &&
      line.category === added.category &&
      line.section === added.section,
  )
  if (!same) return [...lines, { kind: 'quantity', ...added }]
  return lines.map((line) => (line === same ? { ...same, quantity: same.quantity + added.quantity } : line))
}

export function withoutSeats(lines: readonly Line[], addresses: ReadonlySet<string>): readonly Line[] {
  return lines.filter((line) => !(line.kind === 'seat' && addresses.has(line.address)))
}

export function chosenSeats(lines: readonly Line[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => (line.kind === 'seat' ? [line.address] : [])))
}

export function ticketCount(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + (line.kind === 'seat' ? 1 : line.quantity), 0)
}

export function linePrice(line: Line, types: readonly TicketType[]): number {
  const type = types.find(({ id }) => id === line.type)
  const price = type ? (priceOf(type, line.category)?.amount ?? 0) : 0
  return line.kind === 'seat' ? price : price * line.quantity
}

export function basketTotal(lines: readonly Line[], types: readonly TicketType[], currency: string): Money {
  return sumMoney(
    lines.map((line) => linePrice(line, types)),
    currency,
  )
}

/** Seats of one ticket type are one item; each quantity is its own. */
export function saleItems(lines: readonly Line[]): IssueTicketBody['items'] {
  const items: IssueTicketBody['items'] = []
  const seats = new Map<string, string[]>()
  for (const line of lines) {
    if (line.kind === 'seat') {
      const known = seats.get(line.type)
      if (known) known.push(line.address)
      else seats.set(line.type, [line.address])
    } else {
      items.push({
        ticket_type: line.type,
        quantity: line.quantity,
        ...(line.category === null ? {} : { category: line.category }),
        ...(line.section === null ? {} : { section: line.section }),
      })
    }
  }
  return [...[...seats].map(([ticket_type, addresses]) => ({ ticket_type, seats: addresses })), ...items]
}

/** The seats that a rejection was about: those that its pointers lead to, or that its texts name. */
export function rejectedSeats(
  items: IssueTicketBody['items'],
  errors: readonly { pointer: string; detail: string }[],
): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { pointer, detail } of errors) {
    const match = /^\/items\/(\d+)\/seats\/(\d+)/.exec(pointer)
    const pointed = match ? items[Number(match[1])]?.seats?.[Number(match[2])] : undefined
    if (pointed !== undefined) found.add(pointed)
    else {
      for (const address of items.flatMap((item) => item.seats ?? [])) {
        if (new RegExp(`(^|[^\\w])${escaped(address)}($|[^\\w])`).test(detail)) found.add(address)
      }
    }
  }
  return found
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

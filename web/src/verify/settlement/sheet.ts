/**
 * The settlement of a show as of its last event, by the definitions of `docs/settlement.md`. The same as
 * `projections/src/settlement/count.rs`; the order of members and rows is part of it.
 */
import { aDayLater, inUtc, inZone, isBefore } from './moments'
import { due, type Line, type Ticket } from './orders'
import type { Settling, Show } from './settling'

export interface Money {
  amount: number
  currency: string
}

interface Worth {
  gross: number
  tax: number
}

interface Row {
  place: number
  price: number
  category: string | null
  rate: number | null
  sold: number
  complimentary: number
  voided: number
  refunded: number
  persons: number
  admitted: number
  worth: Worth
}

export interface SettledCheckpoint {
  size: number
  root: string
}

export type Settlement = ReturnType<typeof settle>

/** What a ticket type that was never added is called, and where its rows stand. */
const NOBODY = '00000000-0000-0000-0000-000000000000'

export function settle(
  settling: Settling,
  show: Show,
  last: NonNullable<Settling['last']>,
  checkpoint: SettledCheckpoint | null,
) {
  const money = (amount: number): Money => ({ amount, currency: show.currency })
  const worth = ({ gross, tax }: Worth) => ({ gross: money(gross), net: money(gross - tax), tax: money(tax) })
  const { rows, lines, reserved, paid, refunded, outstanding, owed } = count(settling, show)
  const types = [...show.types]
  const totals = { sold: 0, complimentary: 0, voided: 0, refunded: 0, persons: 0, admitted: 0 }
  const whole: Worth = { gross: 0, tax: 0 }
  const taxes = new Map<number | null, Worth>()
  const taxed = (rate: number | null, more: Worth) => {
    const known = taxes.get(rate) ?? { gross: 0, tax: 0 }
    taxes.set(rate, { gross: known.gross + more.gross, tax: known.tax + more.tax })
    whole.gross += more.gross
    whole.tax += more.tax
  }
  const tickets = rows.map((row) => {
    const { place, category, price, rate, worth: of, ...counts } = row
    totals.sold += counts.sold
    totals.complimentary += counts.complimentary
    totals.voided += counts.voided
    totals.refunded += counts.refunded
    totals.persons += counts.persons
    totals.admitted += counts.admitted
    if (of.gross !== 0 || of.tax !== 0) taxed(rate, of)
    const [id, type] = types[place] ?? [NOBODY, null]
    const ticket_type = { id, name: type?.name ?? '' }
    return { ticket_type, category, price: money(price), tax_rate_bps: rate, ...counts, ...worth(of) }
  })
  for (const { worth: of } of lines) taxed(null, of)
  const kept = paid - refunded
  const total = whole.gross + reserved.worth.gross
  const over_at = show.ends_at ?? aDayLater(show.starts_at)
  return {
    show: {
      id: show.id,
      name: show.name,
      venue: show.venue,
      status: show.status,
      timezone: show.timezone,
      starts_at: inUtc(show.starts_at),
      starts_at_local: inZone(show.starts_at, show.timezone),
      ends_at: show.ends_at && inUtc(show.ends_at),
      currency: show.currency,
    },
    moment: {
      as_of: inUtc(last.recorded_at),
      as_of_local: inZone(last.recorded_at, show.timezone),
      provisional: isBefore(last.recorded_at, over_at),
      over_at: inUtc(over_at),
      position: last.position,
      events: last.version,
      recorded_at: inUtc(last.recorded_at),
    },
    checkpoint,
    tickets,
    lines: lines.map(({ kind, count: of, worth: sum }) => ({ kind, count: of, ...worth(sum) })),
    totals: { ...totals, ...worth(whole) },
    taxes: [...taxes]
      .toSorted(([one], [other]) => ascending(one, other))
      .map(([rate_bps, of]) => ({ rate_bps, ...worth(of) })),
    reserved: { orders: reserved.orders, tickets: reserved.tickets, ...worth(reserved.worth) },
    payments: [...settling.methods]
      .toSorted(([one], [other]) => byText(one, other))
      .map(([method, moved]) => ({
        method,
        paid: money(moved.paid),
        refunded: money(moved.refunded),
        kept: money(moved.paid - moved.refunded),
      })),
    money: {
      total: money(total),
      paid: money(paid),
      refunded: money(refunded),
      kept: money(kept),
      due: money(total - kept),
      outstanding: money(outstanding),
      owed: money(owed),
    },
    door: { entries: show.door.admitted, counted: show.door.counted, refusals: show.door.refused },
  }
}

function count(settling: Settling, show: Show) {
  const rows = rowsOf(settling, show)
  const lines = new Map<string, { kind: string; count: number; worth: Worth }>()
  const reserved = { orders: 0, tickets: 0, worth: { gross: 0, tax: 0 } }
  let [paid, refunded, outstanding, owed] = [0, 0, 0, 0]
  for (const order of show.orders.values()) {
    paid += order.paid
    refunded += order.refunded
    const open = due(order)
    outstanding += Math.max(0, open)
    owed += Math.max(0, -open)
    const waits = order.lines.some(({ kind, ticket }) => kind === 'ticket' && ticket === null)
    if (waits) reserved.orders += 1
    for (const line of order.lines) {
      const ticket = line.ticket === null ? undefined : show.tickets.get(line.ticket)
      if (line.kind === 'ticket' && ticket) {
        const row = rows.of(ticket)
        if (order.complimentary) row.complimentary += 1
        else row.sold += 1
        row.persons += ticket.persons
        if (!ticket.void) row.admitted += show.door.came(ticket.id, ticket.persons)
        add(row.worth, line)
      } else if (line.kind === 'ticket') {
        reserved.tickets += 1
        add(reserved.worth, line)
      } else if (waits) add(reserved.worth, line)
      else {
        const known = lines.get(line.kind) ?? { kind: line.kind, count: 0, worth: { gross: 0, tax: 0 } }
        lines.set(line.kind, known)
        known.count += 1
        add(known.worth, line)
      }
    }
  }
  const back = refundedTickets(settling)
  for (const ticket of show.tickets.values()) {
    if (!ticket.void) continue
    const row = rows.of(ticket)
    row.voided += 1
    if (back.has(ticket.id)) row.refunded += 1
  }
  const sorted = [...lines.values()].toSorted((one, other) => byText(one.kind, other.kind))
  return { rows: rows.sorted(), lines: sorted, reserved, paid, refunded, outstanding, owed }
}

function rowsOf(settling: Settling, show: Show) {
  const places = new Map([...show.types.keys()].map((id, place) => [id, place]))
  const rows = new Map<string, Row>()
  return {
    of({ type, price, category, line }: Ticket): Row {
      const place = places.get(type) ?? places.size
      const rate = settling.rates.get(line) ?? null
      const key = JSON.stringify([place, price, category, rate])
      const counts = { sold: 0, complimentary: 0, voided: 0, refunded: 0, persons: 0, admitted: 0 }
      const row = rows.get(key) ?? { place, price, category, rate, ...counts, worth: { gross: 0, tax: 0 } }
      rows.set(key, row)
      return row
    },
    /** Types as they were added, dear ones first. */
    sorted: (): Row[] =>
      [...rows.values()].toSorted(
        (one, other) =>
          one.place - other.place ||
          other.price - one.price ||
          maybe(one.category, other.category, byText) ||
          ascending(one.rate, other.rate),
      ),
  }
}

/** An order's refunds pay its void tickets in the order of voiding, as far as they reach. */
function refundedTickets({ voided, givenBack }: Settling): Set<string> {
  const left = new Map(givenBack)
  const tickets = new Set<string>()
  for (const { order, ticket, price } of voided) {
    const rest = left.get(order)
    if (rest === undefined || price <= 0 || rest < price) continue
    left.set(order, rest - price)
    tickets.add(ticket)
  }
  return tickets
}

function add(worth: Worth, { amount, tax }: Line): void {
  worth.gross += amount
  worth.tax += tax
}

/** Nothing stands before something. */
function maybe<T>(one: T | null, other: T | null, compare: (one: T, other: T) => number): number {
  if (one === null || other === null) return Number(one !== null) - Number(other !== null)
  return compare(one, other)
}

const ascending = (one: number | null, other: number | null) => maybe(one, other, (a, b) => a - b)

const encoder = new TextEncoder()

/** By the bytes of UTF-8, which is by the numbers of the characters. */
function byText(one: string, other: string): number {
  const [a, b] = [encoder.encode(one), encoder.encode(other)]
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

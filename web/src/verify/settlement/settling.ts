/**
 * A show on the way to its settlement: takes in its events, one after the other, and remembers what the sheet counts. The same
 * as `projections/src/settlement/fold.rs` and the fold of `domain/src/show`; vectors that those write hold the two together.
 */
import { Door } from './door'
import type { Fields } from './fields'
import { readMoment, type Moment } from './moments'
import { readLine, takeOff, type Order, type Ticket } from './orders'
import { understand } from './schemas'

export interface TakenLine {
  position: number
  version: number
  recorded_at: string
  type: string
  schema: number
  payload: string
}

interface Venue {
  name: string
  address: string
}

interface TicketType {
  name: string
  /** Of its tax, in basis points. */
  rate: number | null
}

export class Show {
  readonly id: string
  name: string
  venue: Venue
  readonly timezone: string
  readonly currency: string
  starts_at: Moment
  ends_at: Moment | null
  published = false
  paused = false
  closed = false
  cancelled = false
  readonly types = new Map<string, TicketType>()
  readonly orders = new Map<string, Order>()
  readonly tickets = new Map<string, Ticket>()
  readonly door = new Door()

  constructor(event: Fields) {
    this.id = event.text('show')
    this.name = event.text('name')
    this.venue = readVenue(event.fields('venue'))
    this.timezone = event.text('timezone')
    this.currency = event.text('currency')
    ;({ starts_at: this.starts_at, ends_at: this.ends_at } = readSchedule(event))
  }

  get status(): string {
    if (this.cancelled) return 'cancelled'
    if (!this.published) return 'draft'
    if (this.closed) return 'closed'
    return this.paused ? 'paused' : 'published'
  }

  evolve(type: string, event: Fields): void {
    switch (type) {
      case 'ShowRevised': {
        this.name = event.maybeText('name') ?? this.name
        const venue = event.maybeFields('venue')
        if (venue) this.venue = readVenue(venue)
        break
      }
      case 'ShowRescheduled':
        ;({ starts_at: this.starts_at, ends_at: this.ends_at } = readSchedule(event))
        break
      case 'TicketTypeAdded':
        this.types.set(event.text('ticket_type'), readTerms(event))
        break
      case 'TicketTypeRevised':
        if (this.types.has(event.text('ticket_type')))
          this.types.set(event.text('ticket_type'), readTerms(event))
        break
      case 'ShowPublished':
        this.published = true
        break
      case 'SalesPaused':
        if (event.maybeTexts('channels') === null) this.paused = true
        break
      case 'SalesResumed':
        if (event.maybeTexts('channels') === null) this.paused = false
        break
      case 'SalesClosed':
        this.closed = true
        break
      case 'ShowCancelled':
        this.cancelled = true
        break
      case 'OrderPlaced':
        this.orders.set(event.text('order'), {
          lines: event.list('lines').map(readLine),
          paid: 0,
          refunded: 0,
          complimentary: event.maybeText('complimentary') !== null,
        })
        break
      case 'PaymentRecorded': {
        const order = this.orders.get(event.text('order'))
        if (order) order.paid = event.whole('paid')
        break
      }
      case 'OrderCancelled':
      case 'OrderExpired': {
        const order = this.orders.get(event.text('order'))
        if (order) order.lines = []
        break
      }
      case 'RefundRecorded':
        this.#refunded(event)
        break
      case 'TicketIssued':
        this.#issued(event)
        break
      case 'TicketVoided':
        this.#voided(event)
        break
      case 'TicketMoved': {
        const ticket = this.tickets.get(event.text('ticket'))
        if (ticket) ticket.category = event.maybeText('category')
        break
      }
      case 'CheckedIn':
        this.door.checkedIn(event)
        break
      case 'CheckedOut':
        this.door.checkedOut(event)
        break
      case 'CheckInRefused':
        this.door.refused += 1
        break
      case 'CheckInUndone':
        this.door.undone(event)
        break
      case 'PersonsCounted':
        this.door.personsCounted(event)
        break
      // Nothing else is in a settlement; what it is was looked at when it was read.
    }
  }

  #refunded(event: Fields): void {
    const order = this.orders.get(event.text('order'))
    if (!order) return
    order.refunded = event.whole('refunded')
    const discount = event.maybeFields('discount')
    if (discount) order.lines.push(readLine(discount))
  }

  #issued(event: Fields): void {
    const [id, line] = [event.text('ticket'), event.text('line')]
    const bought = this.orders.get(event.text('order'))?.lines.find((one) => one.id === line)
    if (bought) bought.ticket = id
    this.tickets.set(id, {
      id,
      line,
      type: event.text('ticket_type'),
      category: event.maybeText('category'),
      persons: event.whole('persons'),
      price: event.whole('price'),
      void: false,
    })
  }

  #voided(event: Fields): void {
    const id = event.text('ticket')
    if (event.flag('holder_has_left')) this.door.ticketLeft(id)
    const ticket = this.tickets.get(id)
    if (!ticket) return
    ticket.void = true
    const order = this.orders.get(event.text('order'))
    if (order) takeOff(order, ticket.line, event.whole('price'))
  }
}

export class Settling {
  show: Show | null = null
  last: { position: number; version: number; recorded_at: Moment } | null = null
  /** The tax rate that the price of an item or line was made with. */
  readonly rates = new Map<string, number>()
  readonly methods = new Map<string, { paid: number; refunded: number }>()
  /** Void tickets in the order of voiding, with what each took off its order's total. */
  readonly voided: { order: string; ticket: string; price: number }[] = []
  /** What was refunded on an order beside discounts. */
  readonly givenBack = new Map<string, number>()

  take({ position, version, recorded_at, type, schema, payload }: TakenLine): void {
    const event = understand(type, schema, payload)
    this.last = { position, version, recorded_at: readMoment(recorded_at) }
    this.#remember(type, event)
    if (this.show) this.show.evolve(type, event)
    else if (type === 'ShowScheduled') this.show = new Show(event)
  }

  #remember(type: string, event: Fields): void {
    switch (type) {
      case 'HoldPlaced':
        this.#priced(event.list('items'))
        break
      case 'HoldChanged':
        this.#priced(event.list('added'))
        break
      case 'OrderPlaced':
        if (event.maybeText('hold') === null)
          this.#priced(event.list('lines').filter((line) => line.maybeText('ticket_type') !== null))
        break
      case 'PaymentRecorded':
        this.#method(event.text('method')).paid += event.whole('amount')
        break
      case 'RefundRecorded': {
        const [order, amount] = [event.text('order'), event.whole('amount')]
        this.#method(event.text('method')).refunded += amount
        const discount = event.maybeFields('discount')?.whole('amount') ?? 0
        this.givenBack.set(order, (this.givenBack.get(order) ?? 0) + amount + discount)
        break
      }
      case 'TicketVoided':
        this.voided.push({
          order: event.text('order'),
          ticket: event.text('ticket'),
          price: event.whole('price'),
        })
        break
    }
  }

  /** Prices were fixed, with the taxes as they are now. */
  #priced(items: readonly Fields[]): void {
    for (const item of items) {
      const rate = this.show?.types.get(item.text('ticket_type'))?.rate ?? null
      if (rate !== null) this.rates.set(item.text('id'), rate)
    }
  }

  #method(name: string): { paid: number; refunded: number } {
    const known = this.methods.get(name) ?? { paid: 0, refunded: 0 }
    this.methods.set(name, known)
    return known
  }
}

const readVenue = (venue: Fields): Venue => ({ name: venue.text('name'), address: venue.text('address') })

function readSchedule(event: Fields): { starts_at: Moment; ends_at: Moment | null } {
  const schedule = event.fields('schedule')
  const ends_at = schedule.maybeText('ends_at')
  return {
    starts_at: readMoment(schedule.text('starts_at')),
    ends_at: ends_at === null ? null : readMoment(ends_at),
  }
}

function readTerms(event: Fields): TicketType {
  const terms = event.fields('terms')
  return { name: terms.text('name'), rate: terms.maybeFields('tax')?.whole('rate_bps') ?? null }
}

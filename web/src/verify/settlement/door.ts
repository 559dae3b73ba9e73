/** Who came: the uses of tickets, area by area and day by day, and the figures of the door (`domain/src/show/presence.rs`, `attendance.rs`). */
import type { Fields } from './fields'

interface Stay {
  area: string
  day: string | null
  entered: number
  returned: number
  left: number
  inside: number
  out: number
}

const less = (count: number, by: number) => Math.max(0, count - by)

export class Door {
  admitted = 0
  refused = 0
  counted = 0
  readonly #stays = new Map<string, Stay[]>()

  /** How many persons of a ticket came at least once. */
  came(ticket: string, persons: number): number {
    const most = Math.max(0, ...(this.#stays.get(ticket) ?? []).map(({ inside, out }) => inside + out))
    return Math.min(most, persons)
  }

  checkedIn(event: Fields): void {
    const [persons, returning] = [event.whole('persons'), event.whole('returning')]
    this.admitted += less(persons, returning)
    const stay = this.#seen(event)
    if (!stay) return
    stay.entered += persons
    stay.returned += returning
    settle(stay)
  }

  checkedOut(event: Fields): void {
    const stay = this.#seen(event)
    if (stay) leave(stay, event.whole('persons'))
  }

  undone(event: Fields): void {
    const [persons, returning] = [event.whole('persons'), event.whole('returning')]
    const inwards = event.text('direction') === 'in'
    if (inwards) this.admitted = less(this.admitted, less(persons, returning))
    const ticket = event.maybeText('ticket')
    if (ticket === null) return
    const stay = this.#stay(ticket, event.text('area'), event.maybeText('day'))
    if (inwards) {
      stay.entered = less(stay.entered, persons)
      stay.returned = less(stay.returned, returning)
    } else stay.left = less(stay.left, persons)
    settle(stay)
  }

  personsCounted(event: Fields): void {
    this.counted += (event.text('direction') === 'in' ? 1 : -1) * event.whole('persons')
  }

  /** Everybody of a void ticket who was inside is taken to have left. */
  ticketLeft(ticket: string): void {
    for (const stay of this.#stays.get(ticket) ?? []) leave(stay, stay.inside)
  }

  #seen(event: Fields): Stay | null {
    const ticket = event.maybeFields('ticket')
    return ticket && this.#stay(ticket.text('id'), event.fields('scan').text('area'), event.maybeText('day'))
  }

  #stay(ticket: string, area: string, day: string | null): Stay {
    const stays = this.#stays.get(ticket) ?? []
    const known = stays.find((stay) => stay.area === area && stay.day === day)
    if (known) return known
    const stay = { area, day, entered: 0, returned: 0, left: 0, inside: 0, out: 0 }
    this.#stays.set(ticket, [...stays, stay])
    return stay
  }
}

/** Whoever goes out without having come in came in unseen. */
function leave(stay: Stay, persons: number): void {
  stay.entered += less(persons, stay.inside)
  stay.left += persons
  settle(stay)
}

function settle(stay: Stay): void {
  stay.inside = less(stay.entered, stay.left)
  stay.out = less(stay.left, stay.returned)
}

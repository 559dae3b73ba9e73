import { expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { changeHeaders } from '../e2e/api'

/**
 * A show with a long history, made over HTTP as sellers and doors make one, but with many tickets a command: seats are sold in
 * small orders, standing places in large ones, and some of the holders come.
 */
export interface Length {
  /** Seats, all of them sold. */
  seats: number
  standing: number
  /** Of those who stand. */
  admitted: number
}

const made = z.object({ id: z.string() })
const sold = z.object({ tickets: z.array(z.object({ id: z.string() })) })
const ROW_SEATS = 50
const SECTION_ROWS = 40
const SEATS_AN_ORDER = 4
const STANDING_AN_ORDER = 50
const SCANS_A_BATCH = 500
/** At once; the server gathers them into one append. */
const TOGETHER = 16

export async function makeShow(page: Page, name: string, length: Length): Promise<string> {
  const headers = await changeHeaders(page)
  const ask = async (method: string, path: string, data?: object): Promise<unknown> => {
    const answer = await page.request.fetch(`/api/v1${path}`, {
      method,
      headers,
      ...(data === undefined ? {} : { data }),
    })
    expect(answer.ok(), `${method} ${path}: ${answer.status()}`).toBe(true)
    return answer.json()
  }
  const { id } = made.parse(
    await ask('POST', '/shows', {
      name,
      description: '',
      venue: { name: 'Arena', address: '' },
      timezone: 'Europe/Berlin',
      starts_at: '2041-05-04T18:00:00Z',
      currency: 'EUR',
    }),
  )
  const rows = Array.from({ length: Math.ceil(length.seats / ROW_SEATS) }, (_, at) => at)
  const sections = Array.from({ length: Math.ceil(rows.length / SECTION_ROWS) }, (_, section) => ({
    name: `Block ${section + 1}`,
    rows: rows
      .slice(section * SECTION_ROWS, (section + 1) * SECTION_ROWS)
      .map((row) => ({ label: String((row % SECTION_ROWS) + 1), first: 1, last: ROW_SEATS })),
  }))
  await ask('PUT', `/shows/${id}/seating`, {
    sections: [...sections, { name: 'Field', capacity: length.standing }],
  })
  const type = async (kind: string, sections: string[]) =>
    made.parse(await ask('POST', `/shows/${id}/ticket-types`, { name: kind, price: 4500, sections })).id
  const seated = await type(
    'Seat',
    sections.map((section) => section.name),
  )
  const standing = await type('Standing', ['Field'])
  await ask('POST', `/shows/${id}/publish`)

  const sale = async (item: object): Promise<string[]> => {
    const answer = await ask('POST', `/shows/${id}/tickets`, { items: [item], payment: { method: 'cash' } })
    return sold.parse(answer).tickets.map((ticket) => ticket.id)
  }
  const addresses = sections.flatMap((section) =>
    section.rows.flatMap((row) =>
      Array.from({ length: ROW_SEATS }, (_, at) => `${section.name}-${row.label}-${at + 1}`),
    ),
  )
  await all(pieces(addresses, SEATS_AN_ORDER), (seats) => sale({ ticket_type: seated, seats }))
  const standingOrders = Math.ceil(length.standing / STANDING_AN_ORDER)
  const tickets = await all(
    Array.from({ length: standingOrders }, (_, at) =>
      Math.min(STANDING_AN_ORDER, length.standing - at * STANDING_AN_ORDER),
    ),
    (quantity) => sale({ ticket_type: standing, quantity }),
  )
  await all(pieces(tickets.flat().slice(0, length.admitted), SCANS_A_BATCH), (some) =>
    ask('POST', `/shows/${id}/check-ins/batch`, { scans: some.map((ticket) => ({ ticket })) }),
  )
  return id
}

function pieces<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) =>
    all.slice(at * size, (at + 1) * size),
  )
}

/** Some at a time, in order. */
async function all<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (const some of pieces(items, TOGETHER)) done.push(...(await Promise.all(some.map(work))))
  return done
}

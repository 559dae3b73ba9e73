import type { Page } from '@playwright/test'
import { z } from 'zod'
import { commands } from './api'
import { wallTime } from './pages'

/**
 * A show whose every figure is known, and none is another's: sold 9 of 56 places in 6 tickets, one of which is for four persons;
 * one ticket refunded, a seat held, another blocked; six persons in at two moments, one of them out again, two refused.
 */

const made = z.object({ id: z.string() })
const sold = z.object({
  order: z.string(),
  tickets: z.array(z.object({ id: z.string(), short_code: z.string() })),
})

/** Minutes before now at which somebody came in: a minute of their own each. */
export const CAME_FIRST = 20
export const CAME_MOST = 10

export interface FiguresShow {
  id: string
  /** When it was made, to the minute, from which `CAME_FIRST` and `CAME_MOST` count. */
  madeAt: number
  adult: string
  family: string
  standing: string
}

/** Sells at the box office. */
export async function sellPlaces(page: Page, show: string, item: object): Promise<z.infer<typeof sold>> {
  const command = await commands(page)
  return sold.parse(
    await command('POST', `/shows/${show}/tickets`, { items: [item], payment: { method: 'cash' } }),
  )
}

/** Somebody is looked at who has a code of nobody; the rest of the show's codes are not of that length. */
export async function showUnknownCode(page: Page, show: string): Promise<void> {
  const command = await commands(page)
  await command('POST', `/shows/${show}/check-ins`, { short_code: '12' })
}

export async function makeFiguresShow(page: Page, name: string): Promise<FiguresShow> {
  const command = await commands(page)
  const show = made.parse(
    await command('POST', '/shows', {
      name,
      description: '',
      venue: { name: 'Kaisersaal', address: '' },
      timezone: 'Europe/Berlin',
      starts_at: `${wallTime(20, '19:00')}:00Z`,
      currency: 'EUR',
    }),
  ).id
  const seats = (labels: string[]) => labels.map((seat) => ({ seat, category: 'Parquet' }))
  await command('PUT', `/shows/${show}/seating`, {
    sections: [
      { name: 'Stalls', rows: [{ label: '1', seats: seats(['1', '2', '3']) }] },
      { name: 'Circle', rows: [{ label: '1', seats: seats(['1', '2', '3']) }] },
      { name: 'Floor', capacity: 50 },
    ],
  })
  const type = async (data: object) =>
    made.parse(await command('POST', `/shows/${show}/ticket-types`, data)).id
  const adult = await type({
    name: 'Adult',
    price: 4760,
    sections: ['Stalls', 'Circle'],
    tax: { rate_bps: 1900, included: true },
  })
  const family = await type({ name: 'Family', price: 8000, persons: 4, sections: ['Floor'] })
  const standing = await type({ name: 'Standing', price: 1200, sections: ['Floor'] })
  await command('POST', `/shows/${show}/publish`)

  const seated = await sellPlaces(page, show, {
    ticket_type: adult,
    seats: ['Stalls-1-1', 'Stalls-1-2', 'Stalls-1-3'],
  })
  const families = await sellPlaces(page, show, { ticket_type: family, quantity: 1 })
  const standers = await sellPlaces(page, show, { ticket_type: standing, quantity: 3 })
  await command('POST', `/shows/${show}/orders/${standers.order}/refunds`, {
    amount: 1200,
    method: 'cash',
    tickets: [standers.tickets[0]?.id],
    reason: 'fell ill',
  })
  await command('POST', `/shows/${show}/holds`, { items: [{ ticket_type: adult, seats: ['Circle-1-1'] }] })
  await command('POST', `/shows/${show}/blocks`, {
    label: 'Broken',
    kind: 'broken',
    places: [{ seats: ['Circle-1-2'] }],
  })

  // By a door that was without the network, whose clock says when.
  const madeAt = Math.floor(Date.now() / 60_000) * 60_000
  const came = (ticket: string | undefined, minutes: number, sequence: number) => ({
    ticket,
    scan: crypto.randomUUID(),
    scanned_at: new Date(madeAt - minutes * 60_000).toISOString(),
    offline: { result: 'admitted', list_position: 0, sequence },
  })
  const [first, second] = seated.tickets
  await command('POST', `/shows/${show}/check-ins/batch`, {
    scans: [
      came(first?.id, CAME_FIRST, 1),
      came(second?.id, CAME_MOST, 2),
      came(families.tickets[0]?.id, CAME_MOST, 3),
    ],
  })
  await command('POST', `/shows/${show}/check-ins`, { ticket: second?.id, direction: 'out' })
  await command('POST', `/shows/${show}/check-ins`, { short_code: first?.short_code })
  await showUnknownCode(page, show)
  return { id: show, madeAt, adult, family, standing }
}

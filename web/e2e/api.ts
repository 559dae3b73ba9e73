import { expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { wallTime } from './pages'

/** What whoever is signed in to a page asks beside it, so that a test comes to its point. */

const made = z.object({ id: z.string() })
const sold = z.object({ tickets: z.array(z.object({ short_code: z.string() })) })

type Command = (method: 'POST' | 'PUT', path: string, data?: object) => Promise<unknown>

/** What a change by the session of this page has to carry. */
export async function changeHeaders(page: Page): Promise<Record<string, string>> {
  const me = await page.request.get('/api/v1/me')
  const { csrf } = z.object({ csrf: z.string() }).parse(await me.json())
  return { 'X-CSRF-Token': csrf }
}

export async function commands(page: Page): Promise<Command> {
  const headers = await changeHeaders(page)
  return async (method, path, data) => {
    const answer = await page.request.fetch(`/api/v1${path}`, {
      method,
      headers,
      ...(data === undefined ? {} : { data }),
    })
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true)
    const body: unknown = await answer.json()
    return body
  }
}

/** An event with as many tickets, sold to somebody or nobody in particular: its id, and their codes. */
export async function sell(
  page: Page,
  name: string,
  quantity: number,
  customer?: { name: string; email: string },
): Promise<{ show: string; codes: string[] }> {
  const command = await commands(page)
  const show = made.parse(
    await command('POST', '/shows', {
      name,
      description: '',
      venue: { name: 'Cellar', address: '' },
      timezone: 'Europe/Berlin',
      starts_at: `${wallTime(20, '19:00')}:00Z`,
      currency: 'EUR',
    }),
  ).id
  await command('PUT', `/shows/${show}/seating`, { sections: [{ name: 'Floor', capacity: 50 }] })
  const type = made.parse(
    await command('POST', `/shows/${show}/ticket-types`, { name: 'Standing', price: 1200 }),
  ).id
  await command('POST', `/shows/${show}/publish`)
  const sale = await command('POST', `/shows/${show}/tickets`, {
    items: [{ ticket_type: type, quantity }],
    payment: { method: 'cash' },
    ...(customer === undefined ? {} : { customer }),
  })
  return { show, codes: sold.parse(sale).tickets.map((ticket) => ticket.short_code) }
}

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, type APIRequestContext, type Browser, type Page } from '@playwright/test'
import { z } from 'zod'
import { look, SCREENS, signIn, test, wallTime } from './pages'

/** A customer and their order, by its secret link: nobody signs in. */
const run = Date.now().toString(36)
const event = `Chamber Music ${run}`

const made = z.object({ id: z.string() })
const held = made.extend({ secret: z.string() })
const placed = held.extend({ reference: z.string() })
const paid = z.object({ tickets: z.array(z.object({ id: z.string(), short_code: z.string() })) })

type Send = (method: 'POST' | 'PUT', path: string, data?: object) => Promise<unknown>

function sender(request: APIRequestContext, headers: Record<string, string>): Send {
  return async (method, path, data) => {
    const answer = await request.fetch(`/api/v1${path}`, {
      method,
      headers,
      ...(data === undefined ? {} : { data }),
    })
    expect(answer.ok(), `${method} ${path}: ${await answer.text()}`).toBe(true)
    // A page of somebody else has not seen it: whoever opens one from now on shall find it there.
    const position = answer.headers()['turnout-position']
    if (position)
      await request.get('/api/v1/shows', { headers: { ...headers, 'Turnout-Position': position } })
    const body: unknown = await answer.json()
    return body
  }
}

/** Whoever is signed in to this page. */
async function staffOf(page: Page): Promise<Send> {
  const me = await page.request.get('/api/v1/me')
  const { csrf } = z.object({ csrf: z.string() }).parse(await me.json())
  return sender(page.request, { 'X-CSRF-Token': csrf })
}

async function planned(staff: Send): Promise<{ show: string; type: string }> {
  const { id: show } = made.parse(
    await staff('POST', '/shows', {
      name: event,
      description: '',
      venue: { name: 'Kaisersaal', address: 'Futterstraße 15, Erfurt' },
      timezone: 'America/New_York',
      doors_at: `${wallTime(20, '23:30')}:00Z`,
      starts_at: `${wallTime(21, '00:30')}:00Z`,
      currency: 'EUR',
    }),
  )
  await staff('PUT', `/shows/${show}/seating`, {
    sections: [{ name: 'Stalls', rows: [{ label: '3', first: 1, last: 12 }] }],
  })
  const { id: type } = made.parse(
    await staff('POST', `/shows/${show}/ticket-types`, {
      name: 'Adult',
      price: 4500,
      tax: { rate_bps: 700, included: true },
    }),
  )
  await staff('POST', `/shows/${show}/publish`)
  return { show, type }
}

/** An order for two seats, as anybody places it. */
async function ordered(browser: Browser, show: string, type: string) {
  const { request } = await browser.newContext()
  const anybody = sender(request, {})
  const hold = held.parse(
    await anybody('POST', `/shows/${show}/holds`, {
      items: [{ ticket_type: type, seats: ['Stalls-3-5', 'Stalls-3-6'] }],
    }),
  )
  const customer = sender(request, { Authorization: `Bearer ${hold.secret}` })
  return placed.parse(
    await customer('POST', `/shows/${show}/orders`, {
      hold: hold.id,
      customer: { name: 'Carla Customer', email: `carla-${run}@example.org` },
    }),
  )
}

async function freshPage(browser: Browser): Promise<Page> {
  return (await browser.newContext({ acceptDownloads: true })).newPage()
}

/** What a camera would read off the ticket. */
async function readQr(page: Page, code: string): Promise<string> {
  const picture = `${SCREENS}/order-qr-${code}.png`
  const image = page.getByRole('img', { name: `QR code of ticket ${code}` })
  await expect(image).toHaveJSProperty('complete', true)
  await image.screenshot({ path: picture })
  return execFileSync('zbarimg', ['--quiet', '--raw', picture], { encoding: 'utf8' }).trim()
}

test('a customer follows an order by its link, from what is due to the tickets', async ({
  page,
  browser,
}) => {
  await signIn(page)
  const staff = await staffOf(page)
  const { show, type } = await planned(staff)
  const order = await ordered(browser, show, type)
  const link = `/o/${order.id}#${order.secret}`

  const customer = await freshPage(browser)
  const faults: string[] = []
  const asked: { path: string; bearer: string | undefined; cookie: string | undefined }[] = []
  customer.on('pageerror', (error) => faults.push(error.message))
  customer.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text()) || message.text().includes(order.secret))
      faults.push(message.text())
  })
  customer.on('request', (request) => {
    const { pathname } = new URL(request.url())
    expect(request.url().split('#')[0]).not.toContain(order.secret)
    const { authorization: bearer, cookie } = request.headers()
    if (pathname.startsWith('/api/')) asked.push({ path: pathname, bearer, cookie })
  })
  await customer.goto(link)
  await expect(customer.getByRole('heading', { name: event, level: 1 })).toBeVisible()
  await expect(customer.getByText('Waiting for payment')).toBeVisible()
  await expect(customer.getByText(/^€90\.00 is due by .*(EST|GMT-5|EDT|GMT-4)/)).toBeVisible()
  await expect(customer.getByText(order.reference, { exact: true })).toBeVisible()
  await expect(customer.getByText(/at (19|20):30$/)).toBeVisible()
  await look(customer, 'order-due')

  const { tickets } = paid.parse(
    await staff('POST', `/shows/${show}/orders/${order.id}/payments`, { method: 'cash', amount: 9000 }),
  )
  const [first, second] = tickets
  if (!first || !second) throw new Error('There should be two tickets')
  await customer.reload()
  await expect(customer.getByText('Nothing more is due.')).toBeVisible()
  await expect(customer.getByRole('heading', { name: 'Your 2 tickets' })).toBeVisible()
  const firstTicket = customer.getByRole('region', { name: `Ticket ${first.short_code}` })
  await expect(firstTicket.getByText('Stalls · row 3 · seat 5')).toBeVisible()
  await expect(firstTicket.getByText(first.short_code, { exact: true })).toBeVisible()
  const token = await readQr(customer, first.short_code)
  expect(token.split('.')).toHaveLength(3)
  expect(await readQr(customer, second.short_code)).not.toBe(token)
  await look(customer, 'order-paid')

  // To keep, by keyboard.
  for (const [label, ending, start] of [
    ['PDF', 'pdf', '%PDF'],
    ['Picture', 'png', '\u0089PNG'],
    ['Calendar', 'ics', 'BEGIN:VCALENDAR'],
  ] as const) {
    const download = customer.waitForEvent('download')
    await firstTicket.getByRole('button', { name: `${label} of ticket ${first.short_code}` }).press('Enter')
    const file = await download
    expect(file.suggestedFilename()).toMatch(new RegExp(`-${first.short_code}\\.${ending}$`))
    expect(readFileSync(await file.path(), 'latin1').startsWith(start)).toBe(true)
  }
  await customer.emulateMedia({ media: 'print' })
  await expect(firstTicket.getByRole('button').first()).toBeHidden()
  await expect(customer.getByRole('img', { name: `QR code of ticket ${first.short_code}` })).toBeVisible()
  await customer.pdf({ path: `${SCREENS}/order-print.pdf`, format: 'A4' })
  await customer.emulateMedia({ media: null })

  await staff('POST', `/shows/${show}/tickets/${second.id}/void`, { reason: 'Bought one too many' })
  await customer.reload()
  const voided = customer.getByRole('region', { name: `Ticket ${second.short_code}` })
  await expect(voided.getByText('Void', { exact: true })).toBeVisible()
  await expect(voided.getByRole('img')).toHaveCount(0)
  await expect(voided.getByRole('button')).toHaveCount(0)
  await expect(customer.getByText(/^€45\.00 is owed to you\./)).toBeVisible()
  await look(customer, 'order-void')

  // The link is still the customer's own, and is nowhere else.
  expect(customer.url().endsWith(link)).toBe(true)
  const kept = await customer.evaluate(() =>
    JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)]),
  )
  expect(kept).not.toContain(order.secret)
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.filter(({ bearer, cookie }) => bearer !== `Bearer ${order.secret}` || cookie)).toEqual([])
  expect(faults).toEqual([])

  // Whoever is signed in here sees the same as the customer.
  await page.goto(link)
  await expect(page.getByRole('heading', { name: 'Your 2 tickets' })).toBeVisible()
  await expect(page.getByRole('navigation')).toHaveCount(0)
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible()

  // In the same window: a changed secret, one that was cut off, and the right one again.
  const changed = (order.secret.startsWith('B') ? 'C' : 'B') + order.secret.slice(1)
  for (const fragment of [changed, order.secret.slice(0, -3), '']) {
    await customer.goto(`/o/${order.id}#${fragment}`)
    await expect(customer.getByRole('heading', { name: 'This link is not complete' })).toBeVisible()
    await expect(customer.getByText(/Open it again from your confirmation/)).toBeVisible()
    await expect(customer.getByText(event)).toHaveCount(0)
  }
  await look(customer, 'order-broken-link')
  await customer.goto(link)
  await expect(customer.getByRole('heading', { name: event, level: 1 })).toBeVisible()
  await customer.context().close()
})

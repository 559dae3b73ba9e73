import { expect, type Browser, type Page } from '@playwright/test'
import { look, signIn, test, wallTime } from './pages'

/** The main job, as people do it: plan an event, sell a seat, let its holder in, refuse a second time. */
test.describe.configure({ mode: 'serial' })

const name = `Winter Concert ${Date.now().toString(36)}`

/** Another window of the same person. */
async function secondWindow(browser: Browser, first: Page): Promise<Page> {
  const context = await browser.newContext({ storageState: await first.context().storageState() })
  return context.newPage()
}

async function planEvent(page: Page): Promise<string> {
  await page.getByRole('link', { name: 'Plan an event' }).first().click()
  await expect(page.getByRole('heading', { name: 'Plan an event' })).toBeVisible()
  await look(page, 'plan-details')
  await page.getByLabel('Name', { exact: true }).fill(name)
  await page.getByLabel('Description').fill('Strings, candles, and one surprise.')
  await page.getByLabel('Starts').fill(wallTime(30, '19:30'))
  await page.getByLabel('Ends').fill(wallTime(30, '22:00'))
  await page.getByLabel('Venue').fill('Kaisersaal')
  await page.getByLabel('Address').fill('Futterstraße 15, Erfurt')
  await page.getByRole('button', { name: 'Continue to seating' }).click()

  await page.getByLabel('Section', { exact: true }).fill('Stalls')
  await page.getByLabel('Rows', { exact: true }).fill('1–6')
  await page.getByLabel('Seats per row').fill('1–12')
  await page.getByLabel('Category').fill('Parquet')
  await page.getByLabel('Aisle after').fill('6')
  await page.getByRole('button', { name: 'Add a standing section' }).click()
  await page.getByLabel('Section', { exact: true }).nth(1).fill('Gallery')
  await page.getByLabel('Standing places').fill('50')
  await expect(page.getByText('72 seats, 50 standing places')).toBeVisible()
  await look(page, 'plan-seating')
  await page.getByRole('button', { name: 'Save seating' }).click()
  await expect(page.getByText('Seating saved: 72 seats, 50 standing places.')).toBeVisible()
  await page.getByRole('button', { name: 'Continue to tickets' }).click()

  await page.getByLabel('Name', { exact: true }).fill('Adult')
  await page.getByLabel('Parquet (EUR)').fill('45')
  await look(page, 'plan-tickets')
  await page.getByRole('button', { name: 'Save ticket type' }).click()
  await expect(page.getByRole('heading', { name: 'Adult' })).toBeVisible()
  await page.getByRole('button', { name: 'Add a ticket type' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Standing')
  await page.getByRole('radio', { name: 'One price' }).check()
  await page.getByLabel('Every place (EUR)').fill('18.50')
  await page.getByRole('checkbox', { name: 'Stalls' }).uncheck()
  await page.getByRole('button', { name: 'Save ticket type' }).click()
  await expect(page.getByRole('heading', { name: 'Standing' })).toBeVisible()
  await page.getByRole('button', { name: 'Continue to publishing' }).click()
  await look(page, 'plan-publish')
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await expect(page.getByRole('heading', { name: 'It is published' })).toBeVisible()
  return /\/events\/([^/]+)\//.exec(page.url())?.[1] ?? ''
}

test('a seller plans an event, sells a seat, and its holder is admitted once', async ({ page, browser }) => {
  await page.goto('/')
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await look(page, 'sign-in')
  await signIn(page)
  await look(page, 'events')
  const id = await planEvent(page)

  // Two windows at the box office.
  await page.goto(`/events/${id}/sell`)
  const other = await secondWindow(browser, page)
  await other.goto(`/events/${id}/sell`)
  const seat = (window: Page, state: string) =>
    window.getByRole('button', { name: new RegExp(`^Stalls row 3 seat 5\\b.*, ${state}$`) })
  await expect(seat(other, 'free')).toBeVisible()
  await expect(other.getByText('Live', { exact: true })).toBeVisible()

  await seat(page, 'free').click()
  await expect(seat(page, 'chosen')).toHaveAttribute('aria-pressed', 'true')
  await look(page, 'box-office')
  await page.getByRole('radio', { name: 'Card terminal' }).check()
  await page.getByRole('button', { name: 'Sell 1 ticket' }).click()
  await expect(page.getByRole('heading', { name: '1 ticket sold' })).toBeVisible()
  await expect(page.getByRole('img', { name: /QR code/ })).toHaveJSProperty('complete', true)
  await look(page, 'sold')
  const code = (await page.getByTestId('short-code').innerText()).trim()

  // The second window saw it, without a reload.
  await expect(seat(other, 'sold')).toBeVisible()
  await other.context().close()

  // A standing place, by quantity, from the same counter.
  await page.getByRole('button', { name: 'Next sale' }).click()
  await page.getByRole('radio', { name: /^Standing/ }).check()
  await page.getByRole('radio', { name: 'Quantity' }).check()
  await page.getByRole('radio', { name: /^Gallery/ }).check()
  await page.getByRole('button', { name: 'Add 2 tickets' }).click()
  await look(page, 'box-office-quantity')
  await page.getByRole('button', { name: 'Sell 2 tickets' }).click()
  await expect(page.getByRole('heading', { name: '2 tickets sold' })).toBeVisible()

  // The door.
  await page.goto(`/door/${id}`)
  await expect(page.getByRole('group', { name: 'Keypad' })).toBeVisible()
  await look(page, 'door')
  for (const digit of code) await page.getByRole('button', { name: digit, exact: true }).click()
  await expect(page.getByRole('heading', { name: 'Admitted' })).toBeVisible()
  await expect(page.getByText('Stalls · row 3 · seat 5')).toBeVisible()
  await look(page, 'door-admitted')
  await page.getByRole('button', { name: 'Next' }).click()
  await expect(page.getByText('in of 3')).toBeVisible()
  // This time from the physical keyboard.
  await page.keyboard.type(code)
  await expect(page.getByRole('heading', { name: 'Already in' })).toBeVisible()
  await expect(page.getByText(/Last in at \d\d:\d\d/)).toBeVisible()
  await look(page, 'door-refused')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('heading', { name: 'Already in' })).toBeHidden()

  // Undone by the door that admitted.
  await page.getByRole('button', { name: 'Undo last' }).click()
  await page.getByRole('button', { name: 'Typed by mistake' }).click()
  await page.getByRole('button', { name: 'Undo admission' }).click()
  await expect(page.getByText(`Admission ${code} undone.`).first()).toBeVisible()

  // What the seller sees afterwards.
  await page.goto(`/events/${id}`)
  await expect(page.getByRole('heading', { name })).toBeVisible()
  await look(page, 'event')
  await page.goto(`/events/${id}/tickets`)
  await expect(page.getByText(code)).toBeVisible()
  await look(page, 'tickets')
  await page.getByRole('button', { name: `Void ticket ${code}` }).click()
  await page.getByLabel('Reason').fill('Bought twice')
  await look(page, 'void')
  await page.getByRole('button', { name: 'Void the ticket' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  await page.goto(`/events/${id}/sell`)
  await expect(seat(page, 'free')).toBeVisible()

  await page.goto('/door')
  await expect(page.getByRole('link', { name: new RegExp(name) })).toBeVisible()
  await look(page, 'door-choose')
})

test('anybody sees the public page, without signing in', async ({ page, browser }) => {
  await signIn(page)
  await page.getByRole('link', { name }).click()
  const address = await page.getByRole('link', { name: 'Public page' }).getAttribute('href')
  const stranger = await (await browser.newContext()).newPage()
  await stranger.goto(address ?? '')
  await expect(stranger.getByRole('heading', { name, level: 1 })).toBeVisible()
  await expect(stranger.getByText('On sale now')).toBeVisible()
  await expect(stranger.getByText('€45.00')).toBeVisible()
  await look(stranger, 'public')
  await stranger.context().close()
})

test('a hall with positions is read from a pretix plan and walked through by keyboard', async ({ page }) => {
  const plan = {
    name: 'Hall',
    categories: [
      { name: 'Front', color: '#aa0000' },
      { name: 'Back', color: '#0000aa' },
    ],
    size: { width: 2000, height: 1200 },
    zones: ['North', 'South'].map((zone, z) => ({
      name: zone,
      zone_id: zone.toLowerCase(),
      uuid: `zone-${zone}`,
      position: { x: z * 1000, y: 0 },
      areas: [],
      rows: Array.from({ length: 25 }, (_row, r) => ({
        uuid: `row-${zone}-${r}`,
        row_number: String(r + 1),
        row_number_position: 'both',
        position: { x: 0, y: r * 40 },
        seats: Array.from({ length: 24 }, (_seat, s) => ({
          uuid: `seat-${zone}-${r}-${s}`,
          seat_guid: `seat-${zone}-${r}-${s}`,
          seat_number: String(s + 1),
          position: { x: s * 36, y: Math.abs(s - 12) * 3 },
          category: r < 8 ? 'Front' : 'Back',
        })),
      })),
    })),
  }
  await signIn(page)
  await page.goto('/events/new')
  await page.getByLabel('Name', { exact: true }).fill(`${name} in the hall`)
  await page.getByLabel('Starts').fill(wallTime(40, '20:00'))
  await page.getByLabel('Venue').fill('Hall')
  await page.getByRole('button', { name: 'Continue to seating' }).click()
  await page.getByRole('radio', { name: 'From a file' }).check()
  await page.getByLabel('Choose a file').setInputFiles({
    name: 'hall.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(plan)),
  })
  await expect(page.getByText('pretix seating plan: 2 zones, 1,200 seats.')).toBeVisible()
  await look(page, 'plan-file')
  await page.getByRole('button', { name: 'Use this seating' }).click()
  await expect(page.getByText('Seating saved: 1,200 seats, 0 standing places.')).toBeVisible()
  await page.getByRole('button', { name: 'Continue to tickets' }).click()
  await page.getByLabel('Name', { exact: true }).fill('Adult')
  await page.getByLabel('Front (EUR)').fill('30')
  await page.getByLabel('Back (EUR)').fill('20')
  await page.getByRole('button', { name: 'Save ticket type' }).click()
  await page.getByRole('button', { name: 'Continue to publishing' }).click()
  await page.getByRole('button', { name: 'Publish', exact: true }).click()
  await page.getByRole('link', { name: 'Sell tickets' }).click()

  const map = page.getByRole('group', { name: 'Seat map' })
  await expect(map.getByRole('button')).toHaveCount(1_200)
  await map.getByRole('button', { name: /^North row 1 seat 1,/ }).focus()
  for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(page.locator(':focus')).toHaveAccessibleName('North row 2 seat 4, €30.00, chosen')
  await expect(page.getByText('North · row 2 · seat 4')).toBeVisible()
  await look(page, 'box-office-hall', '.seat-map')

  await page.getByRole('radio', { name: 'List' }).check()
  await expect(page.getByRole('button', { name: /^North row 2 seat 5,/ })).toBeHidden()
  await page.locator('summary', { hasText: 'North' }).click()
  await page.getByRole('button', { name: /^North row 2 seat 5,/ }).click()
  await expect(page.getByRole('button', { name: 'Sell 2 tickets' })).toBeVisible()
  await look(page, 'box-office-list', 'details li')
})

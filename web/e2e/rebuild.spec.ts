import { expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { commands } from './api'
import { needed, signIn, test, wallTime } from './pages'
import { program, Rebuilds } from './rebuilds'

/** So many rebuilds begin and end between the first sale and the last one. */
const REBUILDS = 3
/** Sold at least; more until there were as many rebuilds, of which some take longer than others. */
const SALES = 12
const SEATS = 40
const made = z.object({ id: z.string() })
const listed = z.object({
  items: z.array(z.object({ short_code: z.string(), status: z.string() })),
  next: z.string().nullable(),
})

async function putOnSale(page: Page): Promise<string> {
  const command = await commands(page)
  const { id } = made.parse(
    await command('POST', '/shows', {
      name: `Rebuilt Concert ${Date.now().toString(36)}`,
      description: '',
      venue: { name: 'Kaisersaal', address: '' },
      timezone: 'Europe/Berlin',
      starts_at: `${wallTime(20, '19:00')}:00Z`,
      currency: 'EUR',
    }),
  )
  await command('PUT', `/shows/${id}/seating`, {
    sections: [{ name: 'Stalls', rows: ['1', '2', '3'].map((label) => ({ label, first: 1, last: SEATS })) }],
  })
  await command('POST', `/shows/${id}/ticket-types`, { name: 'Adult', price: 2500 })
  await command('POST', `/shows/${id}/publish`)
  return id
}

const seat = (page: Page, row: number, number: number, state: string) =>
  page.getByRole('button', { name: new RegExp(`^Stalls row ${row} seat ${number}\\b.*, ${state}$`) })

/** One ticket, from the map to its code. */
async function sellSeat(page: Page, row: number, number: number): Promise<string> {
  await seat(page, row, number, 'free').click()
  await page.getByRole('button', { name: 'Sell 1 ticket' }).click()
  await expect(page.getByRole('heading', { name: '1 ticket sold' })).toBeVisible()
  const code = (await page.getByTestId('short-code').innerText()).trim()
  await page.getByRole('button', { name: 'Next sale' }).click()
  await expect(seat(page, row, number, 'sold')).toBeVisible()
  return code
}

test('a seller goes on selling in the browser while every read model is rebuilt under them', async ({
  page,
}) => {
  test.setTimeout(600_000)
  needed('TURNOUT_PROGRAM')
  await signIn(page)
  const show = await putOnSale(page)
  await page.goto(`/events/${show}/sell`)
  const other = await page.context().newPage()
  await other.goto(`/events/${show}/sell`)
  await expect(other.getByText('Live', { exact: true })).toBeVisible()
  await expect(seat(page, 1, 1, 'free')).toBeVisible()

  const rebuilds = new Rebuilds()
  const sales: { code: string; row: number; number: number; began: number; ended: number }[] = []
  const first = performance.now()
  const places = [1, 2, 3].flatMap((row) =>
    Array.from({ length: SEATS }, (_, at) => ({ row, number: at + 1 })),
  )
  for (const { row, number } of places) {
    const began = performance.now()
    const code = await sellSeat(page, row, number)
    sales.push({ code, row, number, began, ended: performance.now() })
    // Whoever looks on sees it, without a reload.
    await expect(seat(other, row, number, 'sold')).toBeVisible()
    if (sales.length >= SALES && rebuilds.within({ began: first, ended: performance.now() }) >= REBUILDS)
      break
  }
  const last = performance.now()
  await rebuilds.stop()

  // They did meet.
  const overlapping = sales.filter((sale) => rebuilds.overlapped(sale)).length
  const within = rebuilds.within({ began: first, ended: last })
  test.info().annotations.push({
    type: 'rebuilds',
    description: `${within} whole rebuilds between the first sale and the last; ${overlapping} of ${sales.length} sales overlapped one`,
  })
  console.log(test.info().annotations.at(-1)?.description)
  expect(within).toBeGreaterThanOrEqual(REBUILDS)
  expect(overlapping).toBeGreaterThanOrEqual(SALES / 2)

  // Nothing was lost: every ticket is there, once, and the pages show what was sold and nothing else.
  const codes: string[] = []
  for (let cursor: string | null = ''; cursor !== null;) {
    const query = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`
    const answer = await page.request.get(`/api/v1/shows/${show}/tickets${query}`)
    const { items, next } = listed.parse(await answer.json())
    codes.push(...items.filter(({ status }) => status === 'valid').map(({ short_code }) => short_code))
    cursor = next
  }
  expect(codes.toSorted()).toEqual(sales.map(({ code }) => code).toSorted())
  for (const reload of [false, true]) {
    for (const window of [page, other]) {
      if (reload) await window.reload()
      const map = window.getByRole('group', { name: 'Seat map' })
      await expect(map.getByRole('button', { name: /, sold$/ })).toHaveCount(sales.length)
      await expect(map.getByRole('button', { name: /, free$/ })).toHaveCount(places.length - sales.length)
      for (const { row, number } of sales) await expect(seat(window, row, number, 'sold')).toBeVisible()
    }
  }
  await page.goto(`/events/${show}/tickets`)
  for (const { code } of sales) await expect(page.getByText(code, { exact: true })).toBeVisible()

  // What was rebuilt under them says what the log says, and the log is right.
  for (const asked of [['verify', '--read'], ['verify']]) {
    const said: unknown = JSON.parse(await program(...asked, '--json'))
    expect(said, asked.join(' ')).toMatchObject({ right: true, findings: 0 })
  }
})

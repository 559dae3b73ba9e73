import { expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { changeHeaders, commands, sell } from './api'
import { look, SCREENS, signIn, test } from './pages'

/** An event in figures: as it is, while it changes, compared, as it was, and on paper. */
const run = Date.now().toString(36)

const figure = (page: Page, name: string) =>
  page
    .getByRole('region', { name: 'Numbers' })
    .locator('section')
    .filter({ has: page.getByText(name, { exact: true }) })

async function sellMore(page: Page, show: string, quantity: number): Promise<void> {
  const command = await commands(page)
  const answer = await page.request.get(`/api/v1/shows/${show}`)
  const { ticket_types: types } = z
    .object({ ticket_types: z.array(z.object({ id: z.string() })) })
    .parse(await answer.json())
  await command('POST', `/shows/${show}/tickets`, {
    items: [{ ticket_type: types[0]?.id, quantity }],
    payment: { method: 'cash' },
  })
}

test('an event is looked at in figures, live, compared, as of a moment, and printed', async ({ page }) => {
  await signIn(page)
  const other = await sell(page, `Autumn Dance ${run}`, 2)
  const { show, codes } = await sell(page, `Spring Dance ${run}`, 5)
  const headers = await changeHeaders(page)
  // One comes in, and again; somebody else has a code of nobody.
  for (const code of [codes[0], codes[0]]) {
    await page.request.post(`/api/v1/shows/${show}/check-ins`, { headers, data: { short_code: code } })
  }

  await page.goto(`/events/${show}`)
  await page.getByRole('link', { name: 'Dashboard' }).click()
  await expect(page.getByRole('heading', { name: `Dashboard: Spring Dance ${run}` })).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(figure(page, 'Sold')).toContainText('of 50')
  await expect(figure(page, 'Gross')).toContainText('€60.00')
  await expect(figure(page, 'Refused')).toContainText('1')
  await expect(page.getByRole('img', { name: /^Sales from .*: 5 in all/ })).toBeVisible()

  // What happens is seen without a reload.
  await sellMore(page, show, 3)
  await expect(figure(page, 'Gross')).toContainText('€96.00', { timeout: 15_000 })
  await look(page, 'dashboard')

  // By keyboard, and for who does not see charts.
  const sales = page.getByRole('region', { name: 'Sales over time' }).first()
  await sales.getByRole('button', { name: 'As a table' }).press('Enter')
  await expect(sales.getByRole('cell', { name: '€96.00' }).first()).toBeVisible()
  await sales
    .getByRole('button', { name: /^The events behind/ })
    .first()
    .press('Enter')
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('listitem').first()).toContainText('€')
  await look(page, 'dashboard-events')
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await sales.getByRole('button', { name: 'As a chart' }).click()

  await page.getByLabel('Compare with').selectOption(other.show)
  await expect(page.getByText(/8 sold here, 2 at Autumn Dance/)).toBeVisible()
  await look(page, 'dashboard-compared')

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Sales over time as CSV' }).click(),
  ])
  expect(await file.failure()).toBeNull()

  // Before anything was sold.
  await page.getByRole('button', { name: 'Look back' }).click()
  await dialog.getByLabel('As of').fill('2026-01-01T12:00')
  await dialog.getByRole('button', { name: 'Show this moment' }).click()
  await expect(page.getByText(/^You are looking at the past, as of Thu,? 1 Jan 2026/)).toBeVisible()
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
  await expect(page.getByText('Nothing had been sold by then.')).toBeVisible()
  await look(page, 'dashboard-past')
  await page.getByRole('button', { name: 'Back to now' }).click()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(figure(page, 'Gross')).toContainText('€96.00')

  await page.pdf({ path: `${SCREENS}/dashboard.pdf`, format: 'A4' })
})

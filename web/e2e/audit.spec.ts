import { expect, type Page } from '@playwright/test'
import { z } from 'zod'
import { changeHeaders, commands, sell } from './api'
import { look, signIn, test } from './pages'
import { unzip } from '../src/verify/zip'

/** As an auditor who is new to it: who let a voided ticket in, when, and can the record be trusted? */
const run = Date.now().toString(36)
const tickets = z.object({ items: z.array(z.object({ id: z.string(), short_code: z.string() })) })

/** Two tickets of three are let in; one of them was void, and somebody knew better. */
async function prepare(page: Page): Promise<{ show: string; code: string; other: string }> {
  const { show, codes } = await sell(page, `Audit Night ${run}`, 3)
  const [code = '', other = ''] = codes
  const command = await commands(page)
  let ticket = ''
  await expect(async () => {
    const listed = tickets.parse(await (await page.request.get(`/api/v1/shows/${show}/tickets`)).json())
    ticket = listed.items.find(({ short_code }) => short_code === code)?.id ?? ''
    expect(ticket).not.toBe('')
  }).toPass()
  await command('POST', `/shows/${show}/tickets/${ticket}/void`, { reason: 'Reported lost' })
  await command('POST', `/shows/${show}/check-ins`, { short_code: other })
  await command('POST', `/shows/${show}/check-ins`, { short_code: code })
  await command('POST', `/shows/${show}/check-ins`, {
    short_code: code,
    override: { reason: 'Was at the box office' },
  })
  // Until the history has it all.
  await expect(async () => {
    const admitted = await page.request.get(`/api/v1/history?show=${show}&type=CheckedIn`)
    expect(z.object({ items: z.array(z.unknown()) }).parse(await admitted.json()).items).toHaveLength(2)
  }).toPass()
  return { show, code, other }
}

const list = (page: Page) => page.getByRole('list', { name: 'Events', exact: true })
const slider = (page: Page) => page.getByRole('slider', { name: 'Moment' })

test('who let a voided ticket in, when, and whether that can be trusted', async ({ page }) => {
  await signIn(page)
  const { show, code } = await prepare(page)

  // From the ticket, by one tap.
  await page.goto(`/events/${show}/tickets`)
  await page.getByRole('link', { name: `Why? History of ticket ${code}` }).click()
  await expect(page.getByRole('heading', { name: `History: Audit Night ${run}` })).toBeVisible()
  await expect(page.getByRole('button', { name: /^Remove the filter Ticket/ })).toBeVisible()
  const events = list(page).getByRole('listitem')
  await expect(events.filter({ hasText: 'Ticket voided' })).toHaveCount(1)
  await expect(events.filter({ hasText: 'Check in refused' })).toHaveCount(1)
  await look(page, 'audit-ticket')

  // The admission: who, when, and that the ticket was void by then.
  await events.filter({ hasText: 'Checked in' }).getByRole('link').click()
  await expect(page.getByRole('heading', { name: 'Why, and what followed' })).toBeVisible()
  await expect(page.getByRole('term').filter({ hasText: 'Who' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'As it is stored' })).toContainText('"overridden": "void"')
  await look(page, 'audit-event')

  // Whether it can be trusted; the second time this browser knows the log.
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  await expect(page.getByText('Proved: this is what was recorded')).toBeVisible()
  const steps = page.getByRole('list', { name: 'What was checked' })
  await expect(steps.locator('[data-outcome=holds]')).toHaveCount(5)
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  await expect(steps.locator('[data-outcome=holds]')).toHaveCount(7)
  await page.getByText('The stored text, byte for byte').click()
  await expect(page.getByText('"overridden":"void"')).toBeVisible()
  await look(page, 'audit-proved')

  // A server that tells something else than it recorded: in the page, or in the page and in the text that it proves.
  const address = page.url()
  const lie = (text: string) => text.replaceAll('void', 'open')
  await page.route(/\/api\/v1\/history\/\d+$/, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, body: lie(await answer.text()) })
  })
  await page.goto(address)
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  await expect(page.getByRole('alert')).toContainText('This could not be proved')
  await expect(steps.locator('[data-outcome=wrong]')).toHaveText(/something else than the stored text says/)
  await look(page, 'audit-not-proved')
  await page.route(/\/api\/v1\/history\/proof\?/, async (route) => {
    const answer = await route.fetch()
    await route.fulfill({ response: answer, body: lie(await answer.text()) })
  })
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  await expect(steps.locator('[data-outcome=wrong]')).toHaveText(/does not have the content hash/)
  await page.unrouteAll()
  await page.goto(address)
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  await expect(steps.locator('[data-outcome=holds]')).toHaveCount(7)

  // Another log in its place, as after somebody rewrote it: that is said loudly.
  await page.evaluate(() => {
    const known: unknown = JSON.parse(localStorage.getItem('turnout.log') ?? '{}')
    const root = btoa(String.fromCharCode(...new Uint8Array(32)))
    localStorage.setItem('turnout.log', JSON.stringify(Object.assign({}, known, { root })))
  })
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  await expect(page.getByRole('alert')).toContainText('This is not the log that was seen here before')
  await page.getByRole('button', { name: 'I know why: forget what was seen before' }).click()

  // Why it had been refused before: one tap to the void itself.
  await page.getByRole('link', { name: 'Back to the list' }).click()
  await events.filter({ hasText: 'Check in refused' }).getByRole('link').click()
  await page.getByRole('region', { name: 'Because of' }).getByRole('link').last().click()
  await expect(page.getByRole('definition').filter({ hasText: 'Ticket voided' })).toBeVisible()
  await page.getByRole('link', { name: 'Back to the list' }).click()
  await expect(list(page)).toBeVisible()
})

test('a show is dragged through, by keyboard as well, and any view is a link', async ({ page }) => {
  await signIn(page)
  const { show, code } = await prepare(page)
  await page.goto('/audit')
  await look(page, 'audit-home')
  await page
    .getByRole('link', { name: new RegExp(`Audit Night ${run}`) })
    .first()
    .click()
  await page.goto(`/audit/${show}`)
  const figures = page.getByRole('region', { name: 'Figures' })
  await expect(figures).toContainText('2 / 50')
  await look(page, 'audit')

  await slider(page).press('Home')
  await expect(figures).toContainText('Sold0')
  await expect(list(page).locator('[aria-current]')).toContainText('Show scheduled')
  await slider(page).press('ArrowRight')
  await expect(list(page).locator('[aria-current]')).toContainText('Seating adopted')
  await expect(slider(page)).toHaveAttribute('aria-valuetext', /\d\d:\d\d:\d\d .*\. ./)
  await slider(page).press('ArrowLeft')
  await expect(list(page).locator('[aria-current]')).toContainText('Show scheduled')
  await slider(page).press('PageUp')
  await slider(page).press('End')
  await expect(figures).toContainText('2 / 50')

  // With the pointer to the beginning.
  const box = await slider(page).boundingBox()
  if (!box) throw new Error('The slider is nowhere')
  await page.mouse.move(box.x + box.width - 12, box.y + 20)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width / 2, box.y + 20, { steps: 5 })
  await page.mouse.move(box.x + 2, box.y + 20, { steps: 5 })
  await page.mouse.up()
  await expect(list(page).locator('[aria-current]')).toContainText('Show scheduled')

  // Filtered; the address says it all, also to somebody else.
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.getByLabel('Type of event').selectOption('CheckedIn')
  await page.getByLabel('Ticket', { exact: true }).fill(code)
  await look(page, 'audit-filter')
  await page.getByRole('button', { name: 'Apply' }).click()
  await expect(page).toHaveURL(/type=CheckedIn/)
  await slider(page).press('End')
  await page.reload()
  await expect(list(page).getByRole('listitem')).toHaveCount(1)
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Events (NDJSON)' }).click(),
  ])
  expect(await file.failure()).toBeNull()
  for (const name of ['Bundle to verify', 'Settlement (PDF)', 'Settlement (CSV)']) {
    await expect(page.getByRole('link', { name })).toHaveAttribute('href', new RegExp(`/shows/${show}/`))
  }
})

test('what stands in the way of a sale, and what was refused at the door, lead to their events', async ({
  page,
}) => {
  await signIn(page)
  const { show, other } = await prepare(page)
  await page.goto(`/door/${show}`)
  await expect(page.getByRole('group', { name: 'Keypad' })).toBeVisible()
  await page.keyboard.type(other)
  await expect(page.getByRole('heading', { name: 'Already in' })).toBeVisible()
  await page.getByRole('link', { name: 'Why? The events behind it' }).click()
  await expect(page).toHaveURL(new RegExp(`/audit/${show}`))
  await expect(page.getByRole('heading', { name: `History: Audit Night ${run}` })).toBeVisible()

  const headers = await changeHeaders(page)
  await page.request.post(`/api/v1/shows/${show}/check-ins`, { headers, data: { short_code: other } })
  await page.goto(`/events/${show}/dashboard`)
  await page
    .getByRole('button', { name: /^The events behind Refused/ })
    .first()
    .click()
  await page
    .getByRole('dialog')
    .getByRole('link', { name: /^Why\?/ })
    .first()
    .click()
  await expect(page.getByRole('heading', { name: 'Why, and what followed' })).toBeVisible()
})

test('the bundle of a show is verified without the server, its settlement to the last digit', async ({
  page,
}) => {
  await signIn(page)
  const { show } = await prepare(page)
  const listed: unknown = await (await page.request.get(`/api/v1/history?show=${show}`)).json()
  const last = z
    .object({ items: z.array(z.object({ position: z.number() })) })
    .parse(listed)
    .items.at(-1)
  // A bundle has what is signed, which is a moment behind.
  await expect
    .poll(async () =>
      (await page.request.get(`/api/v1/history/proof?position=${last?.position ?? 0}`)).status(),
    )
    .toBe(200)
  const buffer = await (await page.request.get(`/api/v1/shows/${show}/bundle`)).body()
  await page.goto(new URL('../dist/verify.html', import.meta.url).href)
  const choose = page.getByLabel(/^Choose the bundle/)
  const finding = (text: RegExp) => page.getByRole('listitem').filter({ hasText: text })
  await choose.setInputFiles({ name: 'bundle.zip', mimeType: 'application/zip', buffer })
  await expect(page.getByText('The record holds, if the key is right')).toBeVisible()
  await expect(finding(/The settlement, as JSON and as CSV, is what follows from these events/)).toBeVisible()

  // Somebody writes a lower sum into the table that the city gets.
  const files = await unzip(new Blob([new Uint8Array(buffer)]))
  const spoilt = []
  for (const [name, file] of files) {
    const text = await file.text()
    const said = name === 'settlement.csv' ? text.replaceAll('24.00', '12.00') : text
    spoilt.push({ name, mimeType: 'text/plain', buffer: Buffer.from(said) })
  }
  await choose.setInputFiles(spoilt)
  await expect(page.getByText('The record does not hold')).toBeVisible()
  await expect(
    finding(/line 2 of settlement\.csv says “ticket,.*12\.00.*”, and from the events/),
  ).toBeVisible()
  await look(page, 'verify-bundle-settlement')
})

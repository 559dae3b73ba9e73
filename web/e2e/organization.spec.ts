import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { expect, type APIRequestContext, type Page } from '@playwright/test'
import { z } from 'zod'
import { changeHeaders, commands, sell } from './api'
import { look, needed, signIn, test } from './pages'

/** What an organization settles for itself: its keys, its settings, people's data; and a password that was forgotten. */
const run = Date.now().toString(36)

async function openSettings(page: Page, tab: string): Promise<void> {
  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: tab, exact: true }).click()
}

/** How the server answers whoever has this key, and no cookie. */
async function statusWith(request: APIRequestContext, key: string): Promise<number> {
  const answer = await request.get('/api/v1/me', { headers: { Authorization: `Bearer ${key}` } })
  return answer.status()
}

test('an API key is made, gives way to another, and is revoked', async ({ page, request }) => {
  await signIn(page)
  await openSettings(page, 'API keys')
  await expect(page.getByRole('heading', { name: 'API keys', exact: true })).toBeVisible()
  const name = `Website ${run}`
  const dialog = page.getByRole('dialog')
  await page.getByRole('button', { name: 'New key' }).click()
  await dialog.getByLabel('Name').fill(name)
  await dialog.getByRole('radio', { name: /^Auditor/ }).check()
  await look(page, 'api-key-form')
  await dialog.getByRole('button', { name: 'Make the key' }).click()
  await expect(dialog.getByRole('heading', { name: `Key “${name}” is made` })).toBeVisible()
  const first = await dialog.getByLabel('Key', { exact: true }).inputValue()
  expect(first).toMatch(/^tk_/)
  await look(page, 'api-key-token')
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('heading', { name })).toBeVisible()
  await expect(page.getByText(first)).toBeHidden()
  await look(page, 'api-keys')
  expect(await statusWith(request, first)).toBe(200)

  await page.getByRole('button', { name: `Rotate ${name}` }).click()
  await dialog.getByRole('radio', { name: 'Not at all' }).check()
  await look(page, 'api-key-rotation')
  await dialog.getByRole('button', { name: 'Make the new key' }).click()
  const second = await dialog.getByLabel('Key', { exact: true }).inputValue()
  expect(second).toMatch(/^tk_/)
  expect(second).not.toBe(first)
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect.poll(() => statusWith(request, first)).toBe(401)
  expect(await statusWith(request, second)).toBe(200)

  await page.getByRole('button', { name: `Revoke ${name}` }).click()
  await look(page, 'api-key-revocation')
  await dialog.getByRole('button', { name: 'Revoke the key' }).click()
  await expect(dialog).toBeHidden()
  await expect(page.getByRole('heading', { name })).toBeHidden()
  await expect.poll(() => statusWith(request, second)).toBe(401)
})

test('a setting changes, holds, and its history says who changed it', async ({ page }) => {
  await signIn(page)
  await openSettings(page, 'Organization')
  const minutes = page.getByLabel('Time to finish buying, in minutes')
  const before = await minutes.inputValue()
  const changes = page.getByRole('listitem').filter({ hasText: 'Time to finish buying' })
  await expect(changes.first().or(page.getByText('Nothing has been changed yet.'))).toBeVisible()
  const known = await changes.count()
  await minutes.fill('-1')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await expect(minutes).toHaveAttribute('aria-invalid', 'true')
  await look(page, 'settings-error')
  await minutes.fill('17')
  await page.getByRole('button', { name: 'Save changes' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible()
  await expect(changes).toHaveCount(known + 1)
  await expect(changes.first()).toContainText('you')
  await look(page, 'settings')
  await page.reload()
  await expect(minutes).toHaveValue('17')
  await minutes.fill(before)
  await page.getByRole('button', { name: 'Save changes' }).click()
  await expect(changes).toHaveCount(known + 2)
})

test('a person is found, given what is known of them, and erased', async ({ page }) => {
  await signIn(page)
  const person = { name: `Wilhelmina Wanderer ${run}`, email: `wilhelmina.${run}@example.org` }
  const event = `Farewell Concert ${run}`
  const { codes } = await sell(page, event, 2, person)
  await openSettings(page, 'Privacy')
  await expect(page.getByRole('heading', { name: 'People’s data' })).toBeVisible()
  await page.getByRole('searchbox').fill(`wanderer ${run}`)
  await expect(page.getByRole('link', { name: person.name })).toBeVisible()
  await look(page, 'privacy-search')
  await page.getByRole('link', { name: person.name }).click()
  await expect(page.getByRole('heading', { name: person.name })).toBeVisible()
  await expect(page.getByText(person.email)).toBeVisible()
  await expect(page.getByText(event).first()).toBeVisible()
  await look(page, 'privacy-person')

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download everything' }).click(),
  ])
  const exported = z
    .object({
      person: z.object({ name: z.string(), email: z.string() }),
      account: z.null(),
      tickets: z.array(z.object({ ticket: z.object({ short_code: z.string().nullable() }) })),
      events: z.array(z.object({ type: z.string() })),
    })
    .parse(JSON.parse(await readFile(await file.path(), 'utf8')))
  expect(exported.person).toEqual(person)
  expect(exported.tickets).toHaveLength(codes.length)
  expect(exported.events.map(({ type }) => type)).toContain('OrderPlaced')

  await page.getByRole('button', { name: 'Erase' }).click()
  const dialog = page.getByRole('dialog')
  await expect(dialog.getByRole('button', { name: 'Erase for good' })).toBeDisabled()
  await dialog.getByLabel('Reason').fill('Asked for it by letter')
  await look(page, 'privacy-erase')
  await dialog.getByRole('button', { name: 'Erase for good' }).click()
  await expect(page.getByText('The data is erased')).toBeVisible()
  await expect(page.getByText(person.email)).toBeHidden()
  await look(page, 'privacy-erased')
  await page.getByRole('link', { name: 'Back to the search' }).click()
  await expect(page.getByText(/^Nothing is kept of anybody like/)).toBeVisible()
})

test('a password that was forgotten is set anew by a link, once', async ({ page, browser }) => {
  await signIn(page)
  const email = `forgetful.${run}@example.org`
  const command = await commands(page)
  const invited = z
    .object({ link: z.string() })
    .parse(await command('POST', '/members', { email, role: 'seller' }))
  const forgetful = await (await browser.newContext()).newPage()
  await forgetful.goto(invited.link)
  await forgetful.getByLabel('Your name').fill('Fergus')
  await forgetful.getByLabel('Choose a password').fill('seven quiet geese at dawn')
  await forgetful.getByRole('button', { name: 'Join' }).click()
  await expect(forgetful.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible()

  const server = new URL(page.url()).origin
  const options = ['--data', needed('TURNOUT_SERVER_DATA'), '--public-url', server]
  const link = execFileSync(needed('TURNOUT_PROGRAM'), ['reset-password', email, ...options], {
    encoding: 'utf8',
  }).trim()
  const elsewhere = await (await browser.newContext()).newPage()
  await elsewhere.goto(link)
  await expect(elsewhere.getByRole('heading', { name: 'Set a new password' })).toBeVisible()
  expect(elsewhere.url()).not.toContain('tr_')
  await elsewhere.getByLabel('New password').fill('password123')
  await elsewhere.getByRole('button', { name: 'Set password' }).click()
  await expect(elsewhere.getByLabel('New password')).toHaveAttribute('aria-invalid', 'true')
  await look(elsewhere, 'reset-error')
  await elsewhere.getByLabel('New password').fill('copper lantern under rain')
  await elsewhere.getByRole('button', { name: 'Set password' }).click()
  await expect(elsewhere.getByText('Your password is set')).toBeVisible()
  await look(elsewhere, 'reset-done')
  await elsewhere.getByRole('link', { name: 'Sign in' }).click()
  await elsewhere.getByLabel('Email').fill(email)
  await elsewhere.getByLabel('Password').fill('seven quiet geese at dawn')
  await elsewhere.getByRole('button', { name: 'Sign in' }).click()
  await expect(elsewhere.getByText('This email and password do not belong together.')).toBeVisible()
  await elsewhere.getByLabel('Password').fill('copper lantern under rain')
  await elsewhere.getByRole('button', { name: 'Sign in' }).click()
  await expect(elsewhere.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible()

  // Whoever was signed in is not any more, and the link is used up.
  await forgetful.reload()
  await expect(forgetful.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await forgetful.goto(link)
  await forgetful.getByLabel('New password').fill('violet harbour before noon')
  await forgetful.getByRole('button', { name: 'Set password' }).click()
  await expect(forgetful.getByText('This link does not work any more')).toBeVisible()
  await look(forgetful, 'reset-dead')
  await forgetful.context().close()
  await elsewhere.context().close()
})

test('whoever guesses ticket codes is noticed on the page of the event', async ({ page }) => {
  await signIn(page)
  const { show, codes } = await sell(page, `Guessed Concert ${run}`, 1)
  await page.goto(`/events/${show}`)
  await expect(page.getByRole('heading', { name: `Guessed Concert ${run}` })).toBeVisible()
  await expect(page.getByRole('alert')).toBeHidden()
  // Until the server says that it is enough; meanwhile some are forgiven, one a second.
  const [code = ''] = codes
  const wrong = Array.from({ length: 300 }, (_, number) => String(number).padStart(code.length, '0'))
  const headers = await changeHeaders(page)
  let status = 200
  for (const guess of wrong.filter((one) => one !== code)) {
    const answer = await page.request.post(`/api/v1/shows/${show}/check-ins`, {
      headers,
      data: { short_code: guess },
    })
    status = answer.status()
    if (status !== 200) break
  }
  expect(status).toBe(429)
  await expect(async () => {
    await page.reload()
    await expect(page.getByRole('alert')).toContainText('Somebody may be guessing ticket codes', {
      timeout: 2_000,
    })
  }).toPass()
  await expect(page.getByRole('alert')).toContainText('They have to wait now.')
  await look(page, 'guessing')
})

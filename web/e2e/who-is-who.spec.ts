import { execFileSync } from 'node:child_process'
import { expect, type Browser, type Page } from '@playwright/test'
import { z } from 'zod'
import { sell } from './api'
import { look, needed, SCREENS, signIn, test } from './pages'

/** Who may come in: a device of the door at a server with events, people at one that waits to be set up. */
const run = Date.now().toString(36)

async function ofAnotherBrowser(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage()
}

/** What a camera would read off this page. */
async function readQr(page: Page, name: string): Promise<string> {
  const picture = `${SCREENS}/${name}.png`
  await page.getByRole('img', { name: /^QR code/ }).screenshot({ path: picture })
  return execFileSync('zbarimg', ['--quiet', '--raw', picture], { encoding: 'utf8' }).trim()
}

test('a device pairs by QR code, admits, is removed, and is refused', async ({ page, browser }) => {
  await signIn(page)
  const event = `Cellar Concert ${run}`
  const [first = '', second = ''] = (await sell(page, event, 2)).codes

  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Devices' }).click()
  await expect(page.getByRole('heading', { name: 'Devices', exact: true })).toBeVisible()
  await look(page, 'devices')
  await page.getByRole('button', { name: 'Pair a device' }).click()
  await page.getByLabel('Name of the device').fill(`Tablet ${run}`)
  await page.getByRole('checkbox', { name: new RegExp(event) }).check()
  await look(page, 'pair-form')
  await page.getByRole('button', { name: 'Show the code' }).click()
  await expect(page.getByText(/^Expires in (10:00|9:)/)).toBeVisible()
  await look(page, 'pair-code')
  const link = await readQr(page, 'pair-qr')
  expect(link).toMatch(/\/pair#tp_[\w-]{22}$/)

  const device = await ofAnotherBrowser(browser)
  await device.goto(link)
  await expect(device.getByRole('heading', { name: 'Pair this device' })).toBeVisible()
  expect(device.url()).not.toContain('tp_')
  await look(device, 'pair')
  await device.getByRole('button', { name: 'Pair this device' }).click()
  await expect(device.getByText(event)).toBeVisible()
  await look(device, 'paired')
  // The page that showed the code notices.
  await expect(page.getByText(`“Tablet ${run}” is paired.`)).toBeVisible()
  await page.getByRole('button', { name: 'Done' }).click()

  await device.getByRole('link', { name: 'Open the door' }).click()
  await expect(device.getByRole('group', { name: 'Keypad' })).toBeVisible()
  await expect(device.getByText('in of 2')).toBeVisible()
  // Live, without a session: a sale elsewhere does not need a reload, and a reload does not need a code.
  await device.reload()
  await expect(device.getByRole('group', { name: 'Keypad' })).toBeVisible()
  await device.keyboard.type(first)
  await expect(device.getByRole('heading', { name: 'Admitted' })).toBeVisible()
  await device.getByRole('button', { name: 'Next' }).click()
  await device.getByRole('link', { name: 'Choose another event' }).click()
  await expect(device.getByRole('link', { name: new RegExp(event) })).toBeVisible()
  await look(device, 'door-of-device')
  await device.getByRole('link', { name: new RegExp(event) }).click()
  await expect(device.getByRole('group', { name: 'Keypad' })).toBeVisible()

  // A code is good once.
  const late = await ofAnotherBrowser(browser)
  await late.goto(link)
  await late.getByRole('button', { name: 'Pair this device' }).click()
  await expect(late.getByText('A device has used this code already.')).toBeVisible()
  await late.context().close()

  await page.getByRole('button', { name: `Remove Tablet ${run}` }).click()
  await page.getByRole('button', { name: 'Remove the device' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  await expect(page.getByText(`Tablet ${run}`)).toBeHidden()
  await device.keyboard.type(second)
  await expect(device.getByText('This device was removed; pair it again.')).toBeVisible()
  await look(device, 'device-removed')
  await device.context().close()
})

test('a first owner sets up and invites; a role restricts, and a removal ends it', async ({
  page,
  browser,
}) => {
  const setUp = needed('TURNOUT_SETUP_LINK')
  const server = new URL(setUp).origin
  await page.goto(server)
  await expect(page.getByText('Turnout is not set up yet')).toBeVisible()
  await page.goto(setUp)
  await expect(page.getByRole('heading', { name: 'Set up Turnout' })).toBeVisible()
  expect(page.url()).toBe(`${server}/setup`)
  await page.getByLabel('Organization').fill('Kaisersaal')
  await page.getByLabel('Your name').fill('Olga Owner')
  await page.getByLabel('Email').fill('not an address')
  await page.getByLabel('Password', { exact: true }).fill('password123')
  await expect(page.getByLabel('Time zone')).toHaveValue('Europe/Berlin')
  await page.getByRole('button', { name: 'Set up' }).click()
  await expect(page.getByLabel('Email')).toHaveAttribute('aria-invalid', 'true')
  await look(page, 'set-up-errors')
  await page.getByLabel('Email').fill('olga@example.org')
  await page.getByRole('button', { name: 'Set up' }).click()
  await expect(page.getByLabel('Password', { exact: true })).toHaveAttribute('aria-invalid', 'true')
  await page.getByLabel('Password', { exact: true }).fill('copper lantern under rain')
  await page.getByRole('button', { name: 'Set up' }).click()
  await expect(page.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible()
  await expect(page.getByText('Kaisersaal')).toBeVisible()
  await look(page, 'first-page')

  const stranger = await ofAnotherBrowser(browser)
  await stranger.goto(setUp)
  await stranger.getByLabel('Organization').fill('Mine now')
  await stranger.getByLabel('Your name').fill('Mallory')
  await stranger.getByLabel('Email').fill('mallory@example.org')
  await stranger.getByLabel('Password', { exact: true }).fill('violet harbour before noon')
  await stranger.getByRole('button', { name: 'Set up' }).click()
  await expect(stranger.getByText('This link does not work any more')).toBeVisible()
  await stranger.context().close()

  await page.getByRole('link', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Members' }).click()
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByRole('dialog').getByLabel('Email').fill('dora@example.org')
  await page.getByRole('radio', { name: /^Door/ }).check()
  await look(page, 'invite')
  await page.getByRole('button', { name: 'Make the link' }).click()
  const invitation = await page.getByLabel('Link').inputValue()
  await look(page, 'invitation-link')
  await page.getByRole('button', { name: 'Done' }).click()

  const dora = await ofAnotherBrowser(browser)
  await dora.goto(invitation)
  await expect(dora.getByText('Kaisersaal invites you as Door.')).toBeVisible()
  expect(dora.url()).not.toContain('ti_')
  await look(dora, 'invitation')
  await dora.getByLabel('Your name').fill('Dora')
  await dora.getByLabel('Choose a password').fill('seven quiet geese at dawn')
  await dora.getByRole('button', { name: 'Join' }).click()
  await expect(dora.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible()
  await expect(dora.getByRole('link', { name: 'Door' })).toBeVisible()
  await expect(dora.getByRole('link', { name: 'Settings' })).toBeHidden()
  await expect(dora.getByRole('link', { name: 'Plan an event' })).toBeHidden()
  await dora.goto(`${server}/settings/members`)
  await expect(dora.getByText('Your role does not allow this.')).toBeVisible()

  // Another role holds at once, without signing in again.
  await page.reload()
  await expect(page.getByText('Dora', { exact: true })).toBeVisible()
  await look(page, 'members')
  await page.getByRole('button', { name: 'Change the role of Dora' }).click()
  await page.getByRole('radio', { name: /^Manager/ }).check()
  await page.getByRole('button', { name: 'Change role' }).click()
  await expect(page.getByRole('dialog')).toBeHidden()
  await dora.goto(server)
  await expect(dora.getByRole('link', { name: 'Plan an event' })).toBeVisible()

  // An organization keeps its last owner.
  await page.getByRole('button', { name: 'Remove Olga Owner' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('An organization needs an owner.', { exact: false })).toBeVisible()
  await look(page, 'last-owner')
  await page.keyboard.press('Escape')

  await page.getByRole('button', { name: 'Remove Dora' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('Dora', { exact: true })).toBeHidden()
  await dora.getByRole('link', { name: 'Plan an event' }).click()
  await expect(dora.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await dora.context().close()

  // In a second organization she sees nothing of the first.
  const { csrf } = z
    .object({ csrf: z.string() })
    .parse(await (await page.request.get(`${server}/api/v1/me`)).json())
  const founded = await page.request.post(`${server}/api/v1/organizations`, {
    headers: { 'X-CSRF-Token': csrf },
    data: { name: 'Jazz Club' },
  })
  expect(founded.status()).toBe(201)
  await page.reload()
  const organization = page.getByRole('combobox', { name: 'Organization' })
  await organization.selectOption('Jazz Club')
  await expect(page.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible()
  await expect(organization.locator('option:checked')).toHaveText('Jazz Club')
  await look(page, 'second-organization')
  await organization.selectOption('Kaisersaal')
  await expect(organization.locator('option:checked')).toHaveText('Kaisersaal')

  await page.getByRole('link', { name: 'Account' }).click()
  await expect(page.getByText('This browser')).toBeVisible()
  await look(page, 'account')
  await page.getByRole('button', { name: 'Sign out everywhere' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})

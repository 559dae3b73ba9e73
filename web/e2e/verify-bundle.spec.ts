import { fileURLToPath } from 'node:url'
import { expect, type Page } from '@playwright/test'
import { contentHash, makeBundle, withhold, type Bundle, type Line } from './bundle'
import { look, test } from './pages'

/** The page of a bundle, from the file system, without any server. */
const PAGE = new URL('../dist/verify.html', import.meta.url).href

async function verify(page: Page, { zip }: Bundle, key = ''): Promise<void> {
  await page.getByLabel('Verifier key from elsewhere').fill(key)
  await page
    .getByLabel(/^Choose the bundle/)
    .setInputFiles({ name: 'bundle.zip', mimeType: 'application/zip', buffer: zip })
}

const finding = (page: Page, text: RegExp) => page.getByRole('listitem').filter({ hasText: text })

/** Only the line at this place. */
const at = (place: number, change: (line: Line) => Line) => (lines: Line[]) =>
  lines.map((line, index) => (index === place ? change(line) : line))

test.beforeEach(async ({ page, context }) => {
  // Not even a request: the page has all it needs.
  await context.route(/^https?:/, (route) => {
    throw new Error(`Asked for ${route.request().url()}`)
  })
  await page.goto(PAGE)
})

test('a bundle is verified from the file system, with its own key and with one from elsewhere', async ({
  page,
}) => {
  const bundle = makeBundle(120)
  await verify(page, bundle)
  await expect(page.getByText('The record holds, if the key is right')).toBeVisible()
  await expect(finding(page, /All 120 events stand unchanged .* log of 240 events/)).toBeVisible()
  await expect(finding(page, /complete from the first one on/)).toBeVisible()
  await expect(page.getByText(bundle.key)).toBeVisible()
  await look(page, 'verify-bundle')

  await page.getByLabel('Verifier key from elsewhere').fill(bundle.key)
  await page.getByRole('button', { name: 'Verify again' }).click()
  await expect(page.getByText('The record holds', { exact: true })).toBeVisible()
  await expect(finding(page, /signed with the key that you gave/)).toBeVisible()

  // Its events can be read.
  await page.getByRole('button', { name: 'Later' }).click()
  await expect(page.getByText('51–100 of 120')).toBeVisible()
  await page.getByLabel('Version').fill('120')
  await page.getByLabel('Version').press('Enter')
  await page.getByText(/No\. 239 /).click()
  await expect(page.getByText('"holder": "Jörg 🎟"')).toBeVisible()
})

test('a key of somebody else is not the one that signed', async ({ page }) => {
  await verify(page, makeBundle(3), makeBundle(3).key)
  await expect(page.getByText('The record does not hold')).toBeVisible()
  await expect(finding(page, /not signed by this key/)).toBeVisible()
})

test('what was changed, taken out, moved or added is found, with its position', async ({ page }) => {
  const payload = JSON.stringify({ ticket: 'another' })
  const cases: [change: (lines: Line[]) => Line[], found: RegExp][] = [
    [at(4, (line) => ({ ...line, payload })), /Changed: what the event at position 9 says/],
    // Its hash as well: then only the tree tells.
    [
      at(4, (line) => ({ ...line, payload, content_hash: contentHash({ ...line, payload }) })),
      /do not lead to the signed root/,
    ],
    [
      at(6, (line) => ({ ...line, recorded_at: '2020-01-01T00:00:00.000000Z' })),
      /Recorded before .* position 13/,
    ],
    [(lines) => lines.filter(({ version }) => version !== 5), /Missing events of the show: version 5\./],
    [(lines) => lines.slice(2), /Missing events of the show: version 1–2\./],
    [(lines) => lines.toSpliced(3, 2, ...lines.slice(3, 5).reverse()), /Out of order: position 7/],
    [
      (lines) => [...lines, ...lines.slice(-1).map((line) => ({ ...line, position: 99, version: 21 }))],
      /not proved: position 99/,
    ],
    [at(2, (line) => ({ ...line, salt: null })), /Not an event: line 3/],
  ]
  for (const [change, found] of cases) {
    await verify(page, makeBundle(20, change))
    await expect(finding(page, found)).toBeVisible()
    await expect(page.getByText('The record does not hold')).toBeVisible()
  }
  await look(page, 'verify-bundle-wrong')
})

test('what is withheld is proved in its place, and said', async ({ page }) => {
  await verify(page, makeBundle(20, at(4, withhold)))
  await expect(finding(page, /Partly withheld.*position 9/)).toBeVisible()
  await expect(page.getByText('The record holds, if the key is right')).toBeVisible()
})

test('a file that is no bundle is said to be none', async ({ page }) => {
  await page
    .getByLabel(/^Choose the bundle/)
    .setInputFiles(fileURLToPath(new URL('../package.json', import.meta.url)))
  await expect(finding(page, /Missing from the bundle: checkpoint, keys/)).toBeVisible()
  await page
    .getByLabel(/^Choose the bundle/)
    .setInputFiles({ name: 'bundle.zip', mimeType: 'application/zip', buffer: Buffer.from('nothing') })
  await expect(page.getByText('This is not a zip file.')).toBeVisible()
})

test.describe('for whoever reads German', () => {
  test.use({ locale: 'de-DE' })

  test('the page is in German, and in English at a tap, whatever stands on it', async ({ page }) => {
    await expect(page.getByRole('heading', { name: 'Ein Bündel prüfen', level: 1 })).toBeVisible()
    await page.getByLabel(/^Bündel auswählen/).setInputFiles({
      name: 'bundle.zip',
      mimeType: 'application/zip',
      buffer: makeBundle(
        1_200,
        at(4, (line) => ({ ...line, payload: '{}' })),
      ).zip,
    })
    await expect(page.getByText('Die Aufzeichnung stimmt nicht')).toBeVisible()
    await expect(finding(page, /Geändert: Was das Ereignis an Position 9 sagt/)).toBeVisible()
    await expect(finding(page, /Alle 1\.200 Ereignisse .* Protokoll von 2\.400 Ereignissen/)).toBeVisible()
    await page.getByRole('button', { name: 'Spätere' }).click()
    await expect(page.getByText('51–100 von 1.200')).toBeVisible()
    await look(page, 'verify-bundle-german')
    await expect(page.locator('html')).toHaveAttribute('lang', 'de')

    await page.getByRole('button', { name: 'English' }).click()
    await expect(page.getByRole('button', { name: 'English' })).toBeFocused()
    await expect(page.locator('html')).toHaveAttribute('lang', 'en')
    await expect(finding(page, /Changed: what the event at position 9 says/)).toBeVisible()
    await expect(page.getByText('51–100 of 1,200')).toBeVisible()
    await expect(page.getByRole('heading', { name: 'Verify a bundle', level: 1 })).toBeVisible()
    await page.getByRole('button', { name: 'Verify again' }).click()
    await expect(page.getByText('The record does not hold')).toBeVisible()
  })
})

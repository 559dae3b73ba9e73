import { execFileSync } from 'node:child_process'
import { expect, type Locator, type Page } from '@playwright/test'
import { sell } from './api'
import { CAME_FIRST, CAME_MOST, makeFiguresShow, sellPlaces, showUnknownCode } from './figures-show'
import { look, SCREENS, signIn, test } from './pages'

/**
 * An event in figures: as it is, while it changes, compared, as it was, and on paper. Each figure opens to the events that made
 * it, and they add up to it.
 */
const run = Date.now().toString(36)

const figure = (page: Page, name: string) =>
  page
    .getByRole('region', { name: 'Numbers' })
    .locator('section')
    .filter({ has: page.getByText(name, { exact: true }) })

const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

/** A seat of row 1, whatever has become of it. */
const seat = (page: Page, section: string, number: number, state: string) =>
  page.getByRole('button', { name: `${section} row 1 seat ${number}, Parquet, ${state}`, exact: true })

/** What a row of a table says, cell by cell. */
const cells = (table: Locator, name: string | RegExp) =>
  table
    .getByRole('row')
    .filter({ has: table.page().getByRole('rowheader', { name, exact: true }) })
    .getByRole('cell')

/** The hour and minute that clocks of the show's zone showed. */
const clock = (instant: number) =>
  new Date(instant).toLocaleTimeString('en-GB', {
    timeZone: 'Europe/Berlin',
    hour: '2-digit',
    minute: '2-digit',
  })

async function open(page: Page, show: string, name: string): Promise<void> {
  await page.goto(`/events/${show}`)
  await page.getByRole('link', { name: 'Dashboard' }).click()
  await expect(page.getByRole('heading', { name: `Dashboard: ${name}` })).toBeVisible()
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
}

/** "Sold 4 · Held -4" → 4 of "Sold"; money in its major units. */
function added(text: string, name: string): number {
  const found = new RegExp(`(?:^|[\\s·])${name} ([-−]?€?[\\d,.]+)`).exec(text)?.[1]
  return found === undefined ? 0 : Number(found.replaceAll(/[€,]/g, '').replace('−', '-'))
}

/** Opens what a button opens, and adds up what the events in it add to each figure, of which it says as much where it is of figures. */
async function sums(
  page: Page,
  button: Locator,
  names: readonly string[],
  ofFigures = true,
): Promise<number[]> {
  await button.click()
  const dialog = page.getByRole('dialog')
  const items = dialog.getByRole('listitem')
  await expect(items.first()).toBeVisible()
  await expect(dialog.getByRole('button', { name: 'Show more' })).toBeHidden()
  const together = dialog.getByText(/^Together: /)
  if (ofFigures) for (const name of names) await expect(together).toContainText(`${name} `)
  else await expect(together).toBeHidden()
  const texts = await items.getByTestId('adds').allInnerTexts()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  const cents = (value: number) => Math.round(value * 100)
  return names.map((name) => texts.reduce((sum, text) => sum + cents(added(text, name)), 0) / 100)
}

test('an event is looked at in figures, live, compared, and as of a moment', async ({ page }) => {
  await signIn(page)
  const name = `Spring Dance ${run}`
  const other = await sell(page, `Autumn Dance ${run}`, 2)
  const show = await makeFiguresShow(page, name)
  await open(page, show.id, name)
  await expect(figure(page, 'Sold')).toContainText('of 56')
  await expect(figure(page, 'Gross')).toContainText('€258.80')
  await expect(figure(page, 'Refused')).toContainText('2')

  // Sales against what there is to sell: said in the legend, and drawn where the axis says as many.
  const sales = card(page, 'Sales over time')
  await expect(page.getByRole('img', { name: /^Sales from .*: 9 in all/ })).toBeVisible()
  await expect(sales.getByRole('listitem').filter({ hasText: '56 places' })).toBeVisible()
  expect(await heightOfDashedLine(sales)).toBeCloseTo(56, 0)

  // Who came when.
  const arrivals = card(page, 'Arrivals')
  const most = clock(show.madeAt - CAME_MOST * 60_000)
  await expect(
    arrivals.getByRole('img', {
      name: new RegExp(`^6 let in\\. The most, 5, came at (.* )?${most}, in steps of 1 min`),
    }),
  ).toBeVisible()
  await expect(arrivals.getByText('Dashed: 9 persons with valid tickets.')).toBeVisible()
  await arrivals.getByRole('button', { name: 'As a table' }).click()
  const steps = arrivals.getByRole('table', { name: 'Arrivals' })
  const at = (minutes: number) => new RegExp(`${clock(show.madeAt - minutes * 60_000)}–`)
  await expect(cells(steps, at(CAME_FIRST)).nth(0)).toHaveText('1')
  await expect(cells(steps, at(CAME_FIRST)).nth(1)).toHaveText('1')
  await expect(cells(steps, at(CAME_MOST)).nth(0)).toHaveText('5')
  await expect(cells(steps, at(CAME_MOST)).nth(1)).toHaveText('6')
  await arrivals.getByRole('button', { name: 'As a chart' }).click()

  // What became of the places, on the seating itself.
  await expect(seat(page, 'Stalls', 1, 'let in')).toBeVisible()
  await expect(seat(page, 'Stalls', 2, 'let in')).toBeVisible()
  await expect(seat(page, 'Stalls', 3, 'sold')).toBeVisible()
  await expect(seat(page, 'Circle', 1, 'held')).toBeVisible()
  await expect(seat(page, 'Circle', 2, 'blocked')).toBeVisible()
  await expect(seat(page, 'Circle', 3, 'free')).toBeVisible()

  const refusals = page.getByRole('table', { name: 'Refused at the door' })
  await expect(cells(refusals, 'Already in').first()).toHaveText('1')
  await expect(cells(refusals, 'Unknown code').first()).toHaveText('1')

  // What happens is seen without a reload.
  await page.evaluate(() => {
    document.body.dataset.loaded = 'once'
  })
  await sellPlaces(page, show.id, { ticket_type: show.adult, seats: ['Circle-1-3'] })
  await showUnknownCode(page, show.id)
  await expect(figure(page, 'Gross')).toContainText('€306.40', { timeout: 15_000 })
  await expect(seat(page, 'Circle', 3, 'sold')).toBeVisible()
  await expect(page.getByRole('img', { name: /^Sales from .*: 10 in all/ })).toBeVisible({ timeout: 15_000 })
  await expect(cells(refusals, 'Unknown code').first()).toHaveText('2', { timeout: 15_000 })
  await expect(page.locator('body')).toHaveAttribute('data-loaded', 'once')
  await look(page, 'dashboard')

  // By keyboard, and for who does not see charts.
  await sales.getByRole('button', { name: 'As a table' }).press('Enter')
  await expect(sales.getByRole('cell', { name: '€306.40' }).first()).toBeVisible()
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
  await expect(page.getByText(/10 sold here, 2 at Autumn Dance.*\(\+8\)/)).toBeVisible()
  const both = page.getByRole('table', { name: 'Both events in figures' })
  await expect(cells(both, 'Sold')).toHaveText(['10 / 56', '2 / 50'])
  await expect(cells(both, 'Gross')).toHaveText(['€306.40', '€24.00'])
  await expect(cells(both, 'Admitted')).toHaveText(['6', '0'])
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
  await expect(figure(page, 'Gross')).toContainText('€306.40')
})

/** At which of the axis's values the first chart of a card has its dashed line. */
async function heightOfDashedLine(within: Locator): Promise<number> {
  return within
    .locator('.recharts-wrapper')
    .first()
    .evaluate((chart) => {
      const middle = (element: Element) => {
        const { top, height } = element.getBoundingClientRect()
        return top + height / 2
      }
      const ticks = Array.from(
        chart.querySelectorAll('.recharts-yAxis-tick-labels .recharts-cartesian-axis-tick-value'),
        (tick) => ({
          value: Number(tick.textContent),
          y: middle(tick),
        }),
      )
      const [low, high] = [ticks.at(0), ticks.at(-1)]
      const line = chart.querySelector('.recharts-reference-line-line[stroke-dasharray]')
      if (!low || !high || !line) throw new Error('There is no dashed line, or no axis')
      return low.value + ((middle(line) - low.y) / (high.y - low.y)) * (high.value - low.value)
    })
}

test('each figure opens to the events that made it, which add up to it', async ({ page }) => {
  await signIn(page)
  const name = `Winter Dance ${run}`
  const other = await sell(page, `Small Dance ${run}`, 2)
  const show = await makeFiguresShow(page, name)
  await open(page, show.id, name)
  const behind = (within: Locator, title: string) =>
    within.getByRole('button', { name: `The events behind ${title}`, exact: true })
  const numbers = page.getByRole('region', { name: 'Numbers' })

  // A ticket for four is four places sold.
  for (const [title, shown, value] of [
    ['Sold', '9', 9],
    ['Gross', '€258.80', 258.8],
    ['Refunded', '€12.00', 12],
    ['Net', '€224.00', 224],
    ['Free', '45', 45],
    ['Admitted', '6', 6],
    ['Refused', '2', 2],
  ] as const) {
    await expect(figure(page, title).getByText(shown, { exact: true })).toBeVisible()
    expect(await sums(page, behind(numbers, title), [title]), title).toEqual([value])
  }
  await expect(figure(page, 'Inside now').getByText('5', { exact: true })).toBeVisible()
  expect(await sums(page, behind(numbers, 'Inside now'), ['Admitted', 'Came back', 'Went out'])).toEqual([
    6, 0, 1,
  ])

  // So do the figures in the small print.
  for (const [note, title, value] of [
    ['of 56 · 16 %', 'Places', 56],
    ['€12.00 taken off again', 'Taken off', 12],
    ['and €22.80 tax', 'Tax', 22.8],
    ['1 held', 'Held', 1],
    ['1 blocked', 'Blocked', 1],
    ['of 9', 'Valid tickets', 9],
    ['1 went out', 'Went out', 1],
  ] as const) {
    expect(await sums(page, numbers.getByRole('button', { name: note, exact: true }), [title]), note).toEqual(
      [value],
    )
  }
  await numbers.getByRole('button', { name: '0 let in anyway' }).click()
  await expect(page.getByRole('dialog')).toContainText('Nothing that adds to this figure has happened.')
  await page.keyboard.press('Escape')

  // All places together, and one section of them.
  const places = page.getByRole('table', { name: 'Places' })
  const columns = ['Places', 'Sold', 'Held', 'Blocked', 'Free', 'Admitted']
  await expect(cells(places, 'Together, 16 % sold').first()).toHaveText('9 / 56')
  expect(await sums(page, behind(places, 'Places: Together, 16 % sold'), columns, false)).toEqual([
    56, 9, 1, 1, 45, 6,
  ])
  await expect(cells(places, 'Floor').first()).toHaveText('6 / 50')
  expect(await sums(page, behind(places, 'Places: Floor'), columns, false)).toEqual([50, 6, 0, 0, 44, 4])

  // Those of the event that it is compared with.
  await page.getByLabel('Compare with').selectOption(other.show)
  const both = page.getByRole('table', { name: 'Both events in figures' })
  for (const [row, shown, title, values] of [
    ['Sold', ['9 / 56', '2 / 50'], 'Sold', [9, 2]],
    ['Share of places', ['16 %', '4 %'], 'Places', [56, 50]],
    ['Gross', ['€258.80', '€24.00'], 'Gross', [258.8, 24]],
    ['Net', ['€224.00', '€24.00'], 'Net', [224, 24]],
  ] as const) {
    await expect(cells(both, row)).toHaveText([...shown])
    for (const [side, value] of values.entries()) {
      expect(await sums(page, cells(both, row).nth(side).getByRole('button'), [title]), row).toEqual([value])
    }
  }
  await cells(both, 'Gross').nth(1).getByRole('button').click()
  await expect(page.getByRole('heading', { name: `Small Dance ${run}: Gross` })).toBeVisible()
  await expect(page.getByRole('dialog')).toContainText('Together: Gross €24.00')
})

test('on paper there are the figures and the seating, and nothing to press', async ({ page }) => {
  await signIn(page)
  const name = `Paper Dance ${run}`
  const show = await makeFiguresShow(page, name)
  await open(page, show.id, name)
  await expect(seat(page, 'Stalls', 1, 'let in')).toBeVisible()
  const controls = [
    page.getByRole('navigation'),
    page.getByRole('button', { name: 'Print' }),
    page.getByRole('button', { name: 'Look back' }),
    page.getByRole('button', { name: 'As a table' }).first(),
    page.getByRole('button', { name: 'The events behind Sold', exact: true }),
    page.getByRole('radio', { name: 'Gross' }).first(),
    page.getByRole('link', { name: 'Sales over time as CSV' }),
    page.getByLabel('Compare with'),
    page.getByLabel('Show on the map who has been let in'),
    page.getByRole('button', { name: 'Zoom in' }),
  ]
  for (const control of controls) await expect(control.first()).toBeVisible()

  await page.emulateMedia({ media: 'print' })
  for (const control of controls) await expect(control.first()).toBeHidden()
  await expect(page.getByRole('link')).toHaveCount(0)
  // Figures that open are printed as the text that they are.
  for (const text of await page.getByRole('button').allInnerTexts()) expect(text).toMatch(/\d/)
  for (const [title, value] of [
    ['Sold', '9'],
    ['Gross', '€258.80'],
    ['Net', '€224.00'],
    ['Admitted', '6'],
  ] as const) {
    await expect(figure(page, title).getByText(value, { exact: true })).toBeVisible()
  }
  await expect(figure(page, 'Free').getByText('1 blocked')).toBeVisible()
  await expect(page.getByRole('img', { name: /^Sales from .*: 9 in all/ })).toBeVisible()
  const picture = page.getByRole('img', { name: 'Seat map' })
  await expect(picture).toBeVisible()
  // Three are of tickets, of which two have come; one held, one blocked, one free.
  await expect(picture.locator('g.seats-by-state')).toHaveCount(6)
  await expect(picture.locator('circle[fill="var(--ok)"]')).toHaveCount(2)
  await expect(picture.locator('circle[fill^="var(--seat-taken"]')).toHaveCount(1)
  await expect(picture.locator('circle[fill="var(--seat)"]')).toHaveCount(1)
  await page.emulateMedia({ media: null })

  const path = `${SCREENS}/dashboard.pdf`
  await page.pdf({ path, format: 'A4' })
  const text = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' })
  const lines = text.split('\n').map((line) => line.trim().replaceAll(/\s+/g, ' '))
  expect(lines).toContainEqual(expect.stringContaining(`Dashboard: ${name}`))
  expect(lines).toContainEqual(expect.stringMatching(/^Printed /))
  // The figures at a glance stand in two rows of four.
  expect(lines).toContain('9 €258.80 €12.00 €224.00')
  expect(lines).toContain('45 6 5 2')
  for (const line of [
    '56 places',
    '€12.00 taken off',
    '1 blocked',
    'Dashed: 9 persons with valid tickets.',
  ]) {
    expect(lines).toContainEqual(expect.stringContaining(line))
  }
  // Whole rows of tables: places, and refusals by reason.
  expect(lines).toContain('Floor 6 / 50 0 0 44 4')
  expect(lines).toContain('Together, 16 % sold 9 / 56 1 1 45 6')
  expect(lines).toContainEqual(expect.stringMatching(/^Already in 1 50 % 0$/))
  expect(lines).toContainEqual(expect.stringMatching(/^Unknown code 1 50 % 0$/))
  expect(text).not.toMatch(/As a table|Look back|Compare with|Zoom in|\bCSV\b/i)
})

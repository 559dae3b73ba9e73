import { expect, test, type Page } from '@playwright/test'
import { signIn } from '../e2e/pages'
import { makeShow } from './long-show'

/**
 * How fluently a show's history is dragged through: the times between the browser's frames, and how long the server's answers
 * took, on a short show and a long one in the same run. Prints a table and asserts nothing of it.
 */
const SHORT = { seats: 200, standing: 100, admitted: 50 }
const LONG = { seats: 20_000, standing: 130_000, admitted: 130_000 }
/** There and back, a move of the pointer a frame. */
const MOVES = 200

interface Taken {
  events: number
  frames: number[]
  answers: Map<string, number[]>
  given_up: number
}

const slider = (page: Page) => page.getByRole('slider', { name: 'Moment' })

async function drag(page: Page, show: string): Promise<Taken> {
  await page.goto(`/audit/${show}`)
  // What the server has not folded yet takes its time; it is not what is measured.
  await expect(page.getByRole('region', { name: 'Figures' })).toBeVisible({ timeout: 60_000 })
  await expect(
    page.getByRole('list', { name: 'Events', exact: true }).getByRole('listitem').first(),
  ).toBeVisible()
  await page.waitForLoadState('networkidle')
  const events = Number(
    /· ([\d,]+) events/
      .exec(await page.getByText(/^Position .* events$/).innerText())?.[1]
      ?.replaceAll(',', ''),
  )
  const answers = new Map<string, number[]>()
  let given_up = 0
  page.on('requestfailed', () => (given_up += 1))
  page.on('requestfinished', (request) => {
    const { pathname } = new URL(request.url())
    if (!pathname.startsWith('/api/')) return
    const name = pathname.split('/').at(-1) ?? ''
    const { requestStart, responseEnd } = request.timing()
    answers.set(name, [...(answers.get(name) ?? []), responseEnd - requestStart])
  })
  const box = await slider(page).boundingBox()
  if (!box) throw new Error('The slider is nowhere')
  const y = box.y + 20
  const place = (share: number) => box.x + 12 + share * (box.width - 24)
  await page.mouse.move(place(1), y)
  await page.mouse.down()
  await page.evaluate(() => {
    const frames: number[] = []
    Object.assign(window, { frames })
    let last = performance.now()
    const next = (now: number) => {
      frames.push(now - last)
      last = now
      requestAnimationFrame(next)
    }
    requestAnimationFrame(next)
  })
  const began = performance.now()
  for (let move = 0; move <= MOVES; move += 1) {
    await page.mouse.move(place(Math.abs(1 - (2 * move) / MOVES)), y)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
  }
  await page.mouse.up()
  console.log(`Dragged for ${((performance.now() - began) / 1000).toFixed(1)} s`)
  const frames = await page.evaluate<number[]>('window.frames')
  await page.waitForLoadState('networkidle')
  page.removeAllListeners('requestfinished')
  page.removeAllListeners('requestfailed')
  return { events, frames, answers, given_up }
}

function row(name: string, values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0)
  return `  ${name.padEnd(24)} ${String(values.length).padStart(5)}   p50 ${at(0.5).padStart(5)}   p95 ${at(0.95).padStart(5)}   max ${at(1).padStart(5)} ms`
}

test('a long history is dragged through', async ({ page }) => {
  test.setTimeout(1_800_000)
  await signIn(page)
  const shows = process.env.TURNOUT_SHOWS?.split(',') ?? [
    await makeShow(page, 'A short history', SHORT),
    await makeShow(page, 'A long history', LONG),
  ]
  console.log(`TURNOUT_SHOWS=${shows.join(',')}`)
  for (const show of shows) {
    const { events, frames, answers, given_up } = await drag(page, show)
    console.log(`${events.toLocaleString('en')} events; ${given_up} questions given up`)
    console.log(row('frames', frames))
    for (const [name, times] of answers) console.log(row(name, times))
  }
})

import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'

const widths = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
] as const

/** A page on which no script fails and nothing offends against the content security policy. */
export const test = base.extend({
  page: async ({ page }, use) => {
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      if (message.type() === 'error' && /Content Security Policy/i.test(message.text()))
        faults.push(message.text())
    })
    await use(page)
    expect(faults).toEqual([])
  },
})

export const SCREENS = 'test-results/screens'

/**
 * Looks at a page as it is now: no serious accessibility violation, nothing wider than a phone; keeps pictures.
 * `skip` leaves a part out of the accessibility check, which takes half a minute for a thousand like seats.
 */
export async function look(page: Page, name: string, skip?: string): Promise<void> {
  const before = page.viewportSize()
  for (const size of widths) {
    await page.setViewportSize(size)
    await page.evaluate(() => {
      window.scrollTo(0, 0)
    })
    // Until what moves on a change of size has come to rest.
    await page.evaluate(async () => {
      const ending = document
        .getAnimations()
        .filter((animation) => animation.effect?.getComputedTiming().endTime !== Infinity)
      await Promise.all(ending.map((animation) => animation.finished.catch(() => null)))
    })
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    expect(overflow, `${name} is wider than ${size.width} px`).toBeLessThanOrEqual(0)
    await page.screenshot({ path: `${SCREENS}/${name}-${size.width}.png`, fullPage: true })
    const axe = new AxeBuilder({ page })
    if (skip !== undefined) axe.exclude(skip)
    const { violations } = await axe.analyze()
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(
      serious.map(
        ({ id, nodes }) =>
          `${id}: ${nodes
            .map((node) => node.html)
            .slice(0, 3)
            .join(' | ')}`,
      ),
      `${name} at ${size.width} px`,
    ).toEqual([])
  }
  if (before) await page.setViewportSize(before)
}

/** A setting that the tests cannot do without. */
export function needed(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`Set ${name}`)
  return value
}

export async function signIn(page: Page): Promise<void> {
  await page.goto('/')
  await page.getByLabel('Email').fill(needed('TURNOUT_EMAIL'))
  await page.getByLabel('Password').fill(needed('TURNOUT_PASSWORD'))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'Events', level: 1 })).toBeVisible()
}

/** A day far enough ahead, as a datetime-local input wants it; this early, no door is shut yet. */
export function wallTime(daysAhead: number, clock: string): string {
  const day = new Date(Date.now() + daysAhead * 24 * 3_600_000).toISOString().slice(0, 10)
  return `${day}T${clock}`
}

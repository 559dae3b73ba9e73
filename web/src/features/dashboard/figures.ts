/** How figures are written. */
import { formatMoney as written, minorDigits } from '@/lib/money'
import type { Money } from '@/api/types'

/** Nothing is of no currency where nothing was sold. */
export const formatMoney = (money: Money): string => (money.currency === '' ? '–' : written(money))

export const formatCount = (count: number): string => count.toLocaleString('en')

/** "31 %", "0.4 %": of a whole number of places; never broken over two lines. */
export function formatShare(part: number, of: number): string {
  const percent = of > 0 ? (part * 100) / of : 0
  return `${percent.toLocaleString('en', { maximumFractionDigits: percent < 10 ? 1 : 0 })}\u{a0}%`
}

/** For the axis of a chart: short, and exact enough to read a height by. */
export function formatAxisMoney(amount: number, currency: string): string {
  return new Intl.NumberFormat('en-IE', {
    style: 'currency',
    currency,
    notation: 'compact',
    maximumFractionDigits: 1,
    minimumFractionDigits: 0,
  }).format(amount / 10 ** minorDigits(currency))
}

export const formatAxisCount = (count: number): string =>
  new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(count)

/** The total in a currency; nothing sold is nought of it. */
export function totalIn<Name extends string>(
  totals: readonly Record<Name, Money>[],
  name: Name,
  currency: string,
): Money {
  const found = totals.find((total) => total[name].currency === currency)
  return found ? found[name] : { amount: 0, currency }
}

/** The total of a count, which is the same in whatever currencies the money was. */
export function totalCount<Name extends string>(totals: readonly Record<Name, number>[], name: Name): number {
  return totals.reduce((sum, total) => sum + total[name], 0)
}

/** Money is integer minor units of an ISO 4217 currency. */
export interface Money {
  amount: number
  currency: string
}

/** Those offered in forms, the most usual first. */
export const CURRENCIES = ['EUR', 'GBP', 'CHF', 'USD', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'JPY'] as const

const CURRENCY_IN: Readonly<Record<string, (typeof CURRENCIES)[number]>> = {
  'Europe/London': 'GBP',
  'Europe/Zurich': 'CHF',
  'Europe/Vaduz': 'CHF',
  'Europe/Stockholm': 'SEK',
  'Europe/Oslo': 'NOK',
  'Europe/Copenhagen': 'DKK',
  'Europe/Warsaw': 'PLN',
  'Europe/Prague': 'CZK',
  'Asia/Tokyo': 'JPY',
}

/** A first guess from the time zone, which says more of a place than the browser's language does. */
export function guessCurrency(zone: string): (typeof CURRENCIES)[number] {
  return CURRENCY_IN[zone] ?? (zone.startsWith('America/') ? 'USD' : 'EUR')
}

const formats = new Map<string, Intl.NumberFormat>()

function format(currency: string, locale: string): Intl.NumberFormat {
  const key = `${locale} ${currency}`
  let found = formats.get(key)
  if (!found) {
    found = new Intl.NumberFormat(locale, { style: 'currency', currency })
    formats.set(key, found)
  }
  return found
}

/** Digits after the point: 2 for EUR, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  return format(currency, 'en').resolvedOptions().maximumFractionDigits ?? 2
}

export function formatMoney(money: Money, locale = 'en-IE'): string {
  return format(money.currency, locale).format(money.amount / 10 ** minorDigits(money.currency))
}

/** "45", "45.5", "45,50" → 4500, 4550, 4550 for EUR; null when it is not an amount of this currency. */
export function parseMoney(text: string, currency: string): number | null {
  const digits = minorDigits(currency)
  const match = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim())
  if (!match) return null
  const whole = match[1] ?? '0'
  const fraction = match[2] ?? ''
  if (fraction.length > digits) return null
  return Number(whole + fraction.padEnd(digits, '0'))
}

/** The text that an input shows for an amount: "45.00". */
export function moneyInput(amount: number, currency: string): string {
  const digits = minorDigits(currency)
  if (digits === 0) return String(amount)
  const text = String(amount).padStart(digits + 1, '0')
  return `${text.slice(0, -digits)}.${text.slice(-digits)}`
}

export function sumMoney(amounts: readonly number[], currency: string): Money {
  return { amount: amounts.reduce((sum, amount) => sum + amount, 0), currency }
}

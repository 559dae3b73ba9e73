import { describe, expect, it } from 'vitest'
import { formatMoney, guessCurrency, minorDigits, moneyInput, parseMoney } from './money'

describe('money', () => {
  it('is shown with as many decimals as its currency has', () => {
    expect(formatMoney({ amount: 4500, currency: 'EUR' })).toBe('€45.00')
    expect(formatMoney({ amount: 1200, currency: 'JPY' })).toMatch(/1,200$/)
    expect(minorDigits('KWD')).toBe(3)
  })
  it('is read with point or comma', () => {
    expect(parseMoney('45', 'EUR')).toBe(4500)
    expect(parseMoney(' 45,5 ', 'EUR')).toBe(4550)
    expect(parseMoney('0', 'EUR')).toBe(0)
    expect(parseMoney('1200', 'JPY')).toBe(1200)
  })
  it('is refused when it is finer than the currency, negative or no number', () => {
    expect(parseMoney('1.005', 'EUR')).toBeNull()
    expect(parseMoney('1.5', 'JPY')).toBeNull()
    expect(parseMoney('-1', 'EUR')).toBeNull()
    expect(parseMoney('ten', 'EUR')).toBeNull()
  })
  it('comes back from its input as it was', () => {
    for (const amount of [0, 5, 99, 100, 123_456]) {
      expect(parseMoney(moneyInput(amount, 'EUR'), 'EUR')).toBe(amount)
      expect(parseMoney(moneyInput(amount, 'JPY'), 'JPY')).toBe(amount)
    }
  })
  it('is guessed from the time zone', () => {
    expect(guessCurrency('Europe/Zurich')).toBe('CHF')
    expect(guessCurrency('Europe/Berlin')).toBe('EUR')
    expect(guessCurrency('America/Chicago')).toBe('USD')
  })
})

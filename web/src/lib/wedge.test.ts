import { describe, expect, it } from 'vitest'
import { looksComplete, wedgeKey } from './wedge'

describe('a scanner that types', () => {
  it('leaves digits alone to the keypad, and takes what a letter starts', () => {
    expect(wedgeKey('', '7')).toEqual({ to: 'keypad' })
    expect(wedgeKey('', 'e')).toEqual({ to: 'token', buffer: 'e' })
    expect(wedgeKey('ey', '7')).toEqual({ to: 'token', buffer: 'ey7' })
    expect(wedgeKey('ey7', 'Enter')).toEqual({ to: 'submit', token: 'ey7' })
    expect(wedgeKey('', 'Enter')).toEqual({ to: 'keypad' })
    expect(wedgeKey('', 'Shift')).toEqual({ to: 'nobody' })
  })
  it('knows a whole token from stray letters', () => {
    expect(looksComplete(`eyJhbGciOiJ.eyJzdWIiOiJ.${'x'.repeat(86)}`)).toBe(true)
    expect(looksComplete('hello')).toBe(false)
  })
})

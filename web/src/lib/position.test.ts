import { beforeEach, describe, expect, it } from 'vitest'
import { forgetPosition, keepPosition, readPosition, seenPosition } from './position'

describe('the position', () => {
  beforeEach(forgetPosition)
  it('only ever grows', () => {
    keepPosition(new Headers({ 'Turnout-Position': '12' }))
    keepPosition(new Headers({ 'Turnout-Position': '7' }))
    keepPosition(new Headers())
    expect(seenPosition()).toBe(12)
  })
  it('is nothing where the header is no number', () => {
    expect(readPosition(new Headers({ 'Turnout-Position': 'x1' }))).toBeNull()
  })
})

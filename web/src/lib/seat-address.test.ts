import { describe, expect, it } from 'vitest'
import { seatParts } from './seat-address'

describe("a seat's address", () => {
  it('is read from the end, because only sections hold dashes', () => {
    expect(seatParts('Upper-Left-3-12')).toEqual({ section: 'Upper-Left', row: '3', seat: '12' })
    expect(seatParts('Field')).toBeNull()
  })
})

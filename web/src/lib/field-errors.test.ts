import { describe, expect, it } from 'vitest'
import { fieldErrors, readablePointer } from './field-errors'

describe('errors at fields', () => {
  it('go to the field with the longest claim; the rest is kept', () => {
    const found = fieldErrors(
      [
        { pointer: '/venue/name', detail: 'Too long.' },
        { pointer: '/venue/latitude', detail: 'Out of range.' },
        { pointer: '/color', detail: 'Unknown field.' },
      ],
      [
        ['/venue', 'venue'],
        ['/venue/name', 'venue_name'],
      ],
    )
    expect(found.fields).toEqual({ venue_name: 'Too long.', venue: 'Out of range.' })
    expect(found.rest).toEqual([{ pointer: '/color', detail: 'Unknown field.' }])
  })
  it('do not claim fields whose names only begin alike', () => {
    expect(fieldErrors([{ pointer: '/names', detail: 'x' }], [['/name', 'name']]).fields).toEqual({})
  })
  it('are readable for people, who count from one', () => {
    expect(readablePointer('/zones/0/rows/3/seats/7')).toBe('zones 1 › rows 4 › seats 8')
    expect(readablePointer('/a~1b/c~0d')).toBe('a/b › c~d')
  })
})

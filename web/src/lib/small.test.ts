import { beforeEach, describe, expect, it } from 'vitest'
import { fieldErrors, readablePointer } from './field-errors'
import { Intention } from './intention'
import { parseLabels } from './labels'
import { forgetPosition, keepPosition, readPosition, seenPosition } from './position'
import { seatParts } from './seat-address'
import { newUuid } from './uuid'
import { looksComplete, wedgeKey } from './wedge'

describe('labels of rows and seats', () => {
  const labels = (text: string) => {
    const parsed = parseLabels(text)
    return parsed.ok ? parsed.labels : parsed.problem
  }
  it('are written as ranges, downwards too, and as lists', () => {
    expect(labels('1–4')).toEqual(['1', '2', '3', '4'])
    expect(labels('3-1')).toEqual(['3', '2', '1'])
    expect(labels('A–C, H, 7')).toEqual(['A', 'B', 'C', 'H', '7'])
  })
  it('are refused with the reason', () => {
    expect(labels('')).toBe('empty')
    expect(labels('1–')).toBe('not_understood')
    expect(labels('A–12')).toBe('not_understood')
    expect(labels('1-3, 2')).toBe('twice')
    expect(labels('1-999999')).toBe('too_many')
  })
})

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

describe('an intention', () => {
  it('keeps its key while it is repeated, and gets a new one when it changes or is done', () => {
    const intention = new Intention()
    const first = intention.keyFor({ seats: ['A-1-1'] })
    expect(intention.keyFor({ seats: ['A-1-1'] })).toBe(first)
    const second = intention.keyFor({ seats: ['A-1-2'] })
    expect(second).not.toBe(first)
    intention.done()
    expect(intention.keyFor({ seats: ['A-1-2'] })).not.toBe(second)
  })
  it('has UUIDs for keys', () => {
    expect(newUuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

describe("a seat's address", () => {
  it('is read from the end, because only sections hold dashes', () => {
    expect(seatParts('Upper-Left-3-12')).toEqual({ section: 'Upper-Left', row: '3', seat: '12' })
    expect(seatParts('Field')).toBeNull()
  })
})

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

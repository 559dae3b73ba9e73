import { expect, it } from 'vitest'
import { mergePatch } from './merge-patch'

it('holds what differs, and nothing else', () => {
  const before = {
    name: 'A',
    days: { people: 180, money: 3650 },
    list: ['en'],
    tax: { bps: 1900 },
    length: 4,
  }
  expect(mergePatch(before, { ...before })).toEqual({})
  expect(
    mergePatch<Record<string, unknown>>(before, {
      name: 'A',
      days: { people: 90, money: 3650 },
      list: ['en', 'de'],
      tax: null,
      length: null,
    }),
  ).toEqual({ days: { people: 90 }, list: ['en', 'de'], tax: null, length: null })
})

it('sets a whole object where there was none', () => {
  expect(mergePatch<Record<string, unknown>>({ tax: null }, { tax: { bps: 700 } })).toEqual({
    tax: { bps: 700 },
  })
})

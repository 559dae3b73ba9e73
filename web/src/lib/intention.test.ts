import { describe, expect, it } from 'vitest'
import { Intention } from './intention'
import { newUuid } from './uuid'

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

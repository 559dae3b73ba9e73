// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { Recount } from '.'
import type { TakenLine } from './settling'
import vectors from './vectors.json'

/** What the server makes of these histories: `projections/tests/read_models/settlement_vectors.rs` writes them. */
const [first] = vectors
if (!first) throw new Error('There are no vectors')

function recounted(events: readonly TakenLine[]): Recount {
  const recount = new Recount()
  for (const event of events) recount.take(event)
  return recount
}

describe('a settlement that is made again from its events', () => {
  it('is the server’s, to the byte, behind any event', () => {
    expect(vectors.length).toBeGreaterThan(3)
    for (const { events, sheets } of vectors) {
      for (const { events: until, checkpoint, json, csv } of sheets) {
        const written = recounted(events.slice(0, until)).write(checkpoint)
        expect(written['settlement.json']).toBe(json)
        expect(written['settlement.csv']).toBe(csv)
      }
    }
  })

  const sheet = first.sheets.at(-1)
  const says = { 'settlement.json': sheet?.json ?? '', 'settlement.csv': sheet?.csv ?? '' }
  const checkpoint = sheet?.checkpoint ?? null

  it('is the same as the one that the bundle has', () => {
    expect(recounted(first.events).compare(says, checkpoint)).toEqual([{ outcome: 'same' }])
  })

  it('is another one where a digit was changed, or an event', () => {
    const csv = says['settlement.csv'].replace(/(total,.*\.)\d\d(,)/, '$177$2')
    const [found] = recounted(first.events).compare({ ...says, 'settlement.csv': csv }, checkpoint)
    expect(found).toMatchObject({ outcome: 'other', file: 'settlement.csv' })
    expect(JSON.stringify(found)).toMatch(/"says":"total,[^"]*\.77/)
    const cut = recounted(first.events.slice(0, -1)).compare(says, checkpoint)
    expect(cut.map(({ outcome }) => outcome)).toEqual(['other', 'other'])
    const other = { size: 9, root: 'b3RoZXI=' }
    expect(recounted(first.events).compare(says, other)).toMatchObject([
      { file: 'settlement.json' },
      { file: 'settlement.csv' },
    ])
    const more = { ...says, 'settlement.json': `${says['settlement.json']}\n` }
    expect(recounted(first.events).compare(more, checkpoint)).toMatchObject([
      { outcome: 'other', says: '', follows: null },
    ])
  })

  it('is not made from what is not understood', () => {
    const unknown = { position: 7, version: 3, recorded_at: '2026-11-22T00:00:00Z', schema: 1, payload: '{}' }
    const wrong = [
      { ...unknown, type: 'TicketEaten' },
      { ...unknown, type: 'PaymentRecorded' },
      { ...unknown, type: 'TicketIssued', schema: 3 },
      { ...unknown, type: 'ShowPublished', payload: '[]' },
      { ...unknown, type: 'ShowPublished', recorded_at: 'yesterday' },
    ]
    for (const event of wrong) {
      expect(recounted([...first.events, event]).compare(says, checkpoint)).toMatchObject([
        { outcome: 'not_made' },
      ])
    }
    expect(recounted([]).compare(says, checkpoint)).toMatchObject([{ outcome: 'not_made' }])
    const missed = recounted(first.events)
    missed.miss(4)
    expect(missed.compare(says, checkpoint)).toMatchObject([{ outcome: 'not_made' }])
  })
})

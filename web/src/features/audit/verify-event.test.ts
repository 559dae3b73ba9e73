// @vitest-environment node
import { describe, expect, it } from 'vitest'
import type { HistoryEvent, Proof, StoredEvent } from '@/api/history'
import { fromBase64, fromHex, toBase64 } from './proof/bytes'
import vectors from './proof/vectors.json'
import { verifyEvent, type Asked } from './verify-event'

const POSITION = 6
const SIZE = 13
const stored = vectors.events[POSITION - 1]
const path = vectors.inclusion.find(({ index, size }) => index === POSITION - 1 && size === SIZE)
if (!stored || !path) throw new Error('The vectors have no such event')
const root = vectors.roots['13']

const payloadOf = (text: string): HistoryEvent['payload'] => {
  const value: unknown = JSON.parse(text)
  return Object.assign({}, value)
}
const event: HistoryEvent = { ...stored, payload: payloadOf(stored.payload), sentence: '' }
const proof: Proof = {
  position: POSITION,
  size: SIZE,
  leaf: stored,
  event: stored,
  leaf_hash: toBase64(fromHex(stored.leaf_hash)),
  hashes: path.hashes,
  root,
  checkpoint: vectors.note,
}
const before = { key: vectors.key, size: 8, root: vectors.roots['8'], at: '2026-11-22T00:00:00Z' }
const asked: Asked = {
  event,
  proof,
  keys: vectors.key,
  before: null,
  now: new Date('2026-11-22T01:00:00Z'),
  consistency: (from, to) => {
    const found = vectors.consistency.find((one) => one.from === from && one.to === to)
    return Promise.resolve({ from, to, from_root: '', to_root: '', hashes: found?.hashes ?? [] })
  },
}
const outcomes = async (other: Partial<Asked>) => {
  const verdict = await verifyEvent({ ...asked, ...other })
  return Object.fromEntries(verdict.steps.map(({ step, outcome }) => [step, outcome]))
}
const fine = {
  shown: 'holds',
  content: 'holds',
  leaf: 'holds',
  included: 'holds',
  signed: 'holds',
  key: 'holds',
  continues: 'holds',
}

describe('an event', () => {
  it('is proved, and what was seen is remembered', async () => {
    const verdict = await verifyEvent(asked)
    expect(verdict.steps.map(({ outcome }) => outcome)).toEqual([
      ...['holds', 'holds', 'holds', 'holds', 'holds'],
      ...['first', 'first'],
    ])
    expect(verdict.text).toBe(stored.payload)
    expect(verdict.remember).toEqual({ key: vectors.key, size: SIZE, root, at: '2026-11-22T01:00:00.000Z' })
  })

  it('is proved in a log that continues what was seen before', async () => {
    expect(await outcomes({ before })).toEqual(fine)
    expect(await outcomes({ before: { ...before, size: SIZE, root } })).toEqual(fine)
  })

  it('that is shown otherwise than it is in the leaf is not proved', async () => {
    const others: Partial<HistoryEvent>[] = [
      { version: 9 },
      { recorded_at: '2026-11-22T01:20:56.420007Z' },
      { content_hash: '00'.repeat(32) },
      { stream: stored.organization },
      { position: 7 },
    ]
    for (const other of others) {
      expect(await outcomes({ event: { ...event, ...other } })).toMatchObject({ leaf: 'wrong' })
    }
    expect(await outcomes({ proof: { ...proof, leaf: { ...stored, salt: '00'.repeat(32) } } })).toMatchObject(
      {
        leaf: 'wrong',
      },
    )
  })

  it('of which the page shows something else than what is stored is not proved', async () => {
    const others: Partial<HistoryEvent>[] = [
      { payload: { ...event.payload, more: true } },
      { payload: {} },
      { type: 'TicketVoided' },
      { schema: 2 },
      { actor: 'member:nobody' },
      { device: stored.organization },
      { channel: 'a channel' },
      { command: stored.organization },
      { correlation: stored.organization },
      { causation: stored.organization },
    ]
    for (const other of others) {
      expect(await outcomes({ event: { ...event, ...other }, before })).toEqual({ ...fine, shown: 'wrong' })
    }
  })

  it('whose stored text is not what its content hash was made of is not proved', async () => {
    const others: Partial<StoredEvent>[] = [
      { payload: `${stored.payload} ` },
      { request_hmac: '00'.repeat(32) },
      { command: 'no id' },
    ]
    for (const other of others) {
      const verdict = await verifyEvent({ ...asked, proof: { ...proof, event: { ...stored, ...other } } })
      expect(verdict.steps).toContainEqual({ step: 'content', outcome: 'wrong' })
      expect(verdict).toMatchObject({ text: null, remember: null })
    }
    // Told in the page as well: only the hash gives it away.
    const payload = '{"forged":true}'
    const forged = { event: { ...event, payload: payloadOf(payload) }, before }
    expect(await outcomes({ ...forged, proof: { ...proof, event: { ...stored, payload } } })).toEqual({
      ...fine,
      content: 'wrong',
    })
    // And its hash made to match: then it is not what the leaf is made of.
    const { content_hash } = vectors.events[0] ?? stored
    const matching = { ...proof, event: vectors.events[0] ?? stored, leaf: { ...stored, content_hash } }
    expect(await outcomes({ event: { ...event, content_hash }, proof: matching })).toMatchObject({
      content: 'holds',
      leaf: 'wrong',
    })
  })

  it('whose code is masked is proved in its place alone', async () => {
    const masked = { ...proof, event: null, leaf: { ...stored, content_hash: null, salt: null } }
    expect(await outcomes({ event: { ...event, content_hash: null }, proof: masked, before })).toEqual({
      ...fine,
      shown: 'masked',
      content: 'masked',
      leaf: 'masked',
    })
  })

  it('that was masked when the page was read, and is not any more, is proved but for what is shown', async () => {
    const dots = { ...event, content_hash: null, payload: { ...event.payload, short_code: '•••' } }
    expect(await outcomes({ event: dots, before })).toEqual({ ...fine, shown: 'masked' })
  })

  it('whose stored text the server keeps to itself is proved in its place alone', async () => {
    expect(await outcomes({ proof: { ...proof, event: null }, before })).toEqual({
      ...fine,
      shown: 'masked',
      content: 'masked',
    })
  })

  it('that is in another tree than the signed one is not proved', async () => {
    const leaf_hash = toBase64(fromHex(vectors.events[0]?.leaf_hash ?? ''))
    expect(await outcomes({ proof: { ...proof, leaf_hash } })).toMatchObject({ included: 'wrong' })
    expect(await outcomes({ proof: { ...proof, hashes: ['no base64!'] } })).toMatchObject({
      included: 'wrong',
    })
  })

  it('in a log that is not signed, or signed by another key, raises the alarm and is not remembered', async () => {
    const unsigned = await verifyEvent({ ...asked, keys: '' })
    expect(unsigned).toMatchObject({ key: null, remember: null })
    const other = await verifyEvent({ ...asked, before: { ...before, key: 'another+00000000+key' } })
    expect(other.steps.filter(({ outcome }) => outcome === 'wrong')).toEqual([
      { step: 'key', outcome: 'wrong' },
    ])
    expect(other.remember).toBeNull()
  })

  it('in a log that does not continue what was seen before raises the alarm', async () => {
    const spoilt = fromBase64(before.root).with(3, 0)
    const changed = { ...before, root: toBase64(spoilt) }
    expect(await outcomes({ before: changed })).toMatchObject({ continues: 'wrong' })
    // Shorter than it was, as after an old copy was restored: the server cannot even ask for what it no longer has.
    const longer = { ...before, size: 20 }
    expect(await outcomes({ before: longer })).toMatchObject({ continues: 'wrong' })
  })
})

// @vitest-environment node
import { describe, expect, it } from 'vitest'
import { fromBase64, fromHex, toBase64, toHex, Writer } from './bytes'
import { contentHash, leafHash, micros, type Content } from './leaf'
import { fingerprint, readCheckpoint, readKey, readKeys, signedBy } from './note'
import { isConsistent, isIncluded, prunedRoot } from './tree'
import vectors from './vectors.json'

const leaves = vectors.events.map((event) => fromHex(event.leaf_hash))
const roots = new Map(Object.entries(vectors.roots).map(([size, root]) => [Number(size), fromBase64(root)]))
const root = (size: number) => roots.get(size) ?? new Uint8Array()
const hashes = (texts: readonly string[]) => texts.map(fromBase64)
const leaf = (index: number) => leaves[index] ?? new Uint8Array()
const spoilt = (bytes: Uint8Array) => Uint8Array.from(bytes, (byte, at) => (at === 7 ? byte ^ 1 : byte))

const event: Content = {
  type: 'TicketIssued',
  schema: 1,
  payload: '{"seat":"A-1-2"}',
  actor: 'admin',
  device: null,
  channel: 'box_office',
  command: '00000000-0000-0000-0000-000000000001',
  request_hmac: '07'.repeat(32),
  correlation: '00000000-0000-0000-0000-000000000002',
  causation: null,
}

describe('the hashes of an event', () => {
  it('are those of the event store', () => {
    expect(toHex(contentHash(event))).toBe('a38ff3aa0c277461216ca89f84ada49a486621e5848d382dd34556a7282c64de')
  })

  it('are those of another implementation', () => {
    for (const one of vectors.events) {
      expect(toHex(contentHash(one))).toBe(one.content_hash)
      expect(toHex(leafHash(one))).toBe(one.leaf_hash)
    }
  })

  it('tell an absent channel from an empty one', () => {
    expect(toHex(contentHash({ ...event, channel: null }))).not.toBe(
      toHex(contentHash({ ...event, channel: '' })),
    )
  })

  it('have room for a long payload after a short one', () => {
    const long = { ...event, payload: 'é'.repeat(100_000) }
    expect(toHex(contentHash(long))).toBe(toHex(contentHash({ ...long })))
  })

  it("write numbers in eight bytes, in two's complement", () => {
    const bytes = (value: number) => toHex(new Writer().i64(value).written())
    expect(bytes(1)).toBe('0000000000000001')
    expect(bytes(-1)).toBe('ffffffffffffffff')
    expect(bytes(Number.MAX_SAFE_INTEGER)).toBe('001fffffffffffff')
    expect(bytes(-4_294_967_297)).toBe('fffffffeffffffff')
    expect(() => bytes(2 ** 53)).toThrow()
  })

  it('are of digits and nothing else', () => {
    expect(fromHex('00fFa9')).toEqual(new Uint8Array([0, 255, 169]))
    for (const text of ['0', '0g', 'é0', '-1', '0x']) expect(() => fromHex(text)).toThrow()
  })

  it('keep microseconds, also before 1970', () => {
    expect(micros('2026-11-22T01:20:56.737643Z')).toBe(1_795_310_456_737_643)
    expect(micros('1970-01-01T00:00:00Z')).toBe(0)
    expect(micros('1969-12-31T23:59:59.999999Z')).toBe(-1)
    expect(() => micros('yesterday')).toThrow()
  })
})

describe('the tree', () => {
  it('has every leaf of every size, at its index alone', () => {
    for (const { index, size, hashes: texts } of vectors.inclusion) {
      const proof = hashes(texts)
      expect(isIncluded(index, size, leaf(index), proof, root(size))).toBe(true)
      expect(isIncluded(index, size, spoilt(leaf(index)), proof, root(size))).toBe(false)
      expect(isIncluded(index, size, leaf(index), proof, spoilt(root(size)))).toBe(false)
      expect(isIncluded(index, size, leaf(index), [...proof, leaf(0)], root(size))).toBe(false)
      expect(isIncluded(index, size, leaf(index), proof.slice(1), root(size))).toBe(size === 1)
      for (let other = 0; other < size; other += 1) {
        expect(isIncluded(other, size, leaf(index), proof, root(size))).toBe(other === index)
      }
      expect(isIncluded(size, size, leaf(index), proof, root(size))).toBe(false)
    }
  })

  it('continues each of its earlier sizes', () => {
    for (const { from, to, hashes: texts } of vectors.consistency) {
      const proof = hashes(texts)
      expect(isConsistent(from, to, proof, root(from), root(to))).toBe(true)
      expect(isConsistent(from, to, proof, spoilt(root(from)), root(to))).toBe(false)
      expect(isConsistent(from, to, proof, root(from), spoilt(root(to)))).toBe(false)
      expect(isConsistent(from, to, [...proof, leaf(0)], root(from), root(to))).toBe(false)
      for (const [at, hash] of proof.entries()) {
        expect(isConsistent(from, to, proof.with(at, spoilt(hash)), root(from), root(to))).toBe(false)
      }
    }
  })

  it('comes out of some of its leaves and what was cut off', () => {
    for (const { size, known, hashes: texts } of vectors.pruned) {
      const cut = hashes(texts)
      const some = (change: (index: number) => Uint8Array) => ({
        length: known.length,
        indexAt: (at: number) => known[at] ?? 0,
        hashAt: (at: number) => change(known[at] ?? 0),
      })
      expect(prunedRoot(size, some(leaf), cut)).toEqual(root(size))
      if (known.length > 0)
        expect(
          prunedRoot(
            size,
            some((index) => spoilt(leaf(index))),
            cut,
          ),
        ).not.toEqual(root(size))
      expect(prunedRoot(size, some(leaf), [...cut, leaf(0)])).toBeNull()
      if (cut.length > 0) expect(prunedRoot(size, some(leaf), cut.slice(1))).not.toEqual(root(size))
    }
  })
})

describe('a checkpoint', () => {
  it('is read, and its signature verified by its key', () => {
    const checkpoint = readCheckpoint(vectors.note)
    const keys = readKeys(`${vectors.key}\n`)
    expect(checkpoint).toMatchObject({ origin: 'tickets.example.org/log', size: 13 })
    expect(checkpoint.root).toEqual(root(13))
    expect(signedBy(checkpoint, keys)?.line).toBe(vectors.key)
    expect(fingerprint(readKey(vectors.key))).toMatch(/^([0-9a-f]{4} ){15}[0-9a-f]{4}$/)
  })

  it('of another size is not what was signed', () => {
    const forged = readCheckpoint(vectors.note.replace('\n13\n', '\n12\n'))
    expect(signedBy(forged, readKeys(vectors.key))).toBeNull()
  })

  it('is not signed by a key of another name', () => {
    const checkpoint = readCheckpoint(vectors.note)
    expect(() => readKey(vectors.key.replace('example.org', 'example.com'))).toThrow('not what its hash says')
    expect(signedBy(checkpoint, [])).toBeNull()
  })

  it('has nothing left out', () => {
    const [, size = '', rootLine = ''] = vectors.note.split('\n')
    expect(() => readCheckpoint('')).toThrow()
    expect(() => readCheckpoint(vectors.note.trimEnd())).toThrow()
    expect(() => readCheckpoint(vectors.note.replace(`\n${size}\n`, '\n013\n'))).toThrow()
    expect(() => readCheckpoint(vectors.note.replace(rootLine, toBase64(new Uint8Array(31))))).toThrow()
  })
})

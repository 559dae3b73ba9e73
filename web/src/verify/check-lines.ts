/**
 * Goes through a bundle's events, a piece of the file at a time: computes each leaf, counts what is settled, and finds what
 * cannot be so. Keeps of each event only its position, its leaf's hash, and where its line stands in the file.
 */
import { fromHex } from '@/features/audit/proof/bytes'
import { isContentOf, leafHash, micros } from '@/features/audit/proof/leaf'
import type { KnownLeaves } from '@/features/audit/proof/tree'
import { readLine, type ExportLine } from './export-line'
import { Recount } from './settlement'

const PIECE_BYTES = 1 << 20
const HASH_BYTES = 32
const LINE_FEED = 0x0a

export interface Lines {
  /** Where each line begins in the file, and behind the last one where the file ends. */
  starts: Float64Array
  leaves: KnownLeaves
  /** What the settlement is made of. */
  recount: Recount
  show: string | null
  first: ExportLine | null
  last: ExportLine | null
  /** Numbers of lines, from 1. */
  unreadable: number[]
  /** Positions. */
  changed: number[]
  disordered: number[]
  otherStream: number[]
  backInTime: number[]
  withheld: number[]
  /** Versions that are not there; and positions at which one comes again. */
  missing: { from: number; to: number }[]
  repeated: number[]
}

type Found = Omit<Lines, 'starts' | 'leaves' | 'recount'>

export async function checkLines(file: Blob, onProgress: (bytes: number) => void): Promise<Lines> {
  const leaves = new Leaves()
  const starts = new Numbers()
  const recount = new Recount()
  const found: Found = {
    show: null,
    first: null,
    last: null,
    unreadable: [],
    changed: [],
    disordered: [],
    otherStream: [],
    backInTime: [],
    withheld: [],
    missing: [],
    repeated: [],
  }
  let number = 0
  for await (const { text, start } of linesOf(file, onProgress)) {
    number += 1
    starts.push(start)
    const line = text === null ? null : readLine(text)
    const hash = line && hashOf(line, found)
    if (!line || !hash) {
      found.unreadable.push(number)
      recount.miss(number)
      continue
    }
    follow(line, found)
    recount.take(line)
    // A leaf that is out of order has no place in the tree.
    if (line.position > leaves.last) leaves.push(line.position, hash)
  }
  starts.push(file.size)
  return { ...found, starts: starts.values(), leaves, recount }
}

/** The leaf's hash; null where the line does not say what it takes. */
function hashOf(line: ExportLine, found: Pick<Lines, 'changed' | 'withheld'>): Uint8Array | null {
  const { content_hash, salt, leaf_hash } = line
  try {
    if (leaf_hash !== null) {
      if (content_hash !== null || salt !== null) return null
      found.withheld.push(line.position)
      const hash = fromHex(leaf_hash)
      return hash.length === HASH_BYTES ? hash : null
    }
    if (content_hash === null || salt === null) return null
    if (!isContentOf(line, content_hash)) found.changed.push(line.position)
    // By the hash that the line names: then the tree still says whether the rest is as it was.
    return leafHash({ ...line, content_hash, salt })
  } catch {
    return null
  }
}

/** One stream, from its first version, each once, none before the one before it. */
function follow(line: ExportLine, found: Found): void {
  const { last } = found
  found.first ??= line
  found.show ??= line.stream
  if (line.stream !== found.show || line.stream_type !== 'show') {
    found.otherStream.push(line.position)
    return
  }
  if (last && line.position <= last.position) found.disordered.push(line.position)
  if (last && micros(line.recorded_at) < micros(last.recorded_at)) found.backInTime.push(line.position)
  const expected = (last?.version ?? 0) + 1
  if (line.version > expected) found.missing.push({ from: expected, to: line.version - 1 })
  if (line.version < expected) found.repeated.push(line.position)
  found.last = line
}

async function* linesOf(
  file: Blob,
  onProgress: (bytes: number) => void,
): AsyncGenerator<{ text: string | null; start: number }> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const decode = (bytes: Uint8Array): string | null => {
    try {
      return decoder.decode(bytes)
    } catch {
      return null
    }
  }
  let rest = new Uint8Array()
  let start = 0
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    const piece = new Uint8Array(await file.slice(at, at + PIECE_BYTES).arrayBuffer())
    const bytes = new Uint8Array(rest.length + piece.length)
    bytes.set(rest)
    bytes.set(piece, rest.length)
    let from = 0
    for (let end = bytes.indexOf(LINE_FEED, rest.length); end >= 0; end = bytes.indexOf(LINE_FEED, from)) {
      yield { text: decode(bytes.subarray(from, end)), start: start + from }
      from = end + 1
    }
    rest = bytes.slice(from)
    start += from
    onProgress(Math.min(file.size, at + PIECE_BYTES))
  }
  if (rest.length > 0) yield { text: decode(rest), start }
}

class Numbers {
  #values = new Float64Array(1024)
  length = 0

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger = new Float64Array(2 * this.length)
      larger.set(this.#values)
      this.#values = larger
    }
    this.#values[this.length] = value
    this.length += 1
  }

  at(index: number): number {
    return this.#values[index] ?? 0
  }

  values(): Float64Array {
    return this.#values.slice(0, this.length)
  }
}

class Leaves implements KnownLeaves {
  #positions = new Numbers()
  #hashes = new Uint8Array(1024 * HASH_BYTES)

  get length(): number {
    return this.#positions.length
  }

  get last(): number {
    return this.length === 0 ? 0 : this.#positions.at(this.length - 1)
  }

  push(position: number, hash: Uint8Array): void {
    const at = this.length * HASH_BYTES
    if (at === this.#hashes.length) {
      const larger = new Uint8Array(2 * at)
      larger.set(this.#hashes)
      this.#hashes = larger
    }
    this.#hashes.set(hash, at)
    this.#positions.push(position)
  }

  /** The event at position p is leaf p − 1. */
  indexAt(at: number): number {
    return this.#positions.at(at) - 1
  }

  hashAt(at: number): Uint8Array {
    return this.#hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)
  }
}

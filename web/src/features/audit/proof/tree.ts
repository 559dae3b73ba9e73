/**
 * The Merkle tree of RFC 6962: that a leaf is in a log of a size and root (inclusion), that a log of a size continues another
 * (consistency), and the root of a tree that was pruned to some of its leaves. The algorithms are those of RFC 9162, 2.1.3 and 2.1.4.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { same } from './bytes'

const HASH_BYTES = 32
const pair = new Uint8Array(1 + 2 * HASH_BYTES)
pair[0] = 1

export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  pair.set(left, 1)
  pair.set(right, 1 + HASH_BYTES)
  return sha256(pair)
}

/** Whether the leaf stands at this index, from 0, of the tree of this size and root. */
export function isIncluded(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (index < 0 || index >= size || !proof.every(isHash)) return false
  let at = index
  let last = size - 1
  let hash = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash)
      while (at % 2 === 0 && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else hash = nodeHash(hash, sibling)
    at = half(at)
    last = half(last)
  }
  return last === 0 && same(hash, root)
}

/** Whether the tree of `to` begins with that of `from`: nothing of it was changed, taken out, or put in. */
export function isConsistent(
  from: number,
  to: number,
  proof: readonly Uint8Array[],
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
): boolean {
  if (from < 1 || from > to || !proof.every(isHash)) return false
  if (from === to) return proof.length === 0 && same(fromRoot, toRoot)
  let at = from - 1
  let last = to - 1
  while (at % 2 === 1) {
    at = half(at)
    last = half(last)
  }
  // A full tree is itself the first node of the path.
  const path = at === 0 ? [fromRoot, ...proof] : [...proof]
  const first = path.shift()
  if (first === undefined) return false
  let older = first
  let newer = first
  for (const hash of path) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      older = nodeHash(hash, older)
      newer = nodeHash(hash, newer)
      while (at % 2 === 0 && at !== 0) {
        at = half(at)
        last = half(last)
      }
    } else newer = nodeHash(newer, hash)
    at = half(at)
    last = half(last)
  }
  return last === 0 && same(older, fromRoot) && same(newer, toRoot)
}

/** What stands where in a pruned tree: `leaves[i]` at `indexes[i]`, which ascend. */
export interface KnownLeaves {
  readonly length: number
  indexAt: (at: number) => number
  hashAt: (at: number) => Uint8Array
}

/**
 * The root of a tree of which only some leaves are known: the hashes of all that was cut off come in between, depth first.
 * Null where there are too few of them, or too many.
 */
export function prunedRoot(size: number, known: KnownLeaves, cut: readonly Uint8Array[]): Uint8Array | null {
  let leaf = 0
  let next = 0
  const root = (low: number, high: number): Uint8Array | null => {
    if (leaf >= known.length || known.indexAt(leaf) >= high) {
      const hash = cut[next]
      next += 1
      return hash ?? null
    }
    if (high - low === 1) {
      leaf += 1
      return known.hashAt(leaf - 1)
    }
    const middle = low + largestPowerBelow(high - low)
    const left = root(low, middle)
    const right = left === null ? null : root(middle, high)
    return left === null || right === null ? null : nodeHash(left, right)
  }
  if (size < 1 || !Number.isSafeInteger(size) || !cut.every(isHash)) return null
  const found = root(0, size)
  return leaf === known.length && next === cut.length ? found : null
}

function largestPowerBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

/** Positions may be beyond 32 bits, where shifting would lose them. */
const half = (value: number) => Math.floor(value / 2)

const isHash = (bytes: Uint8Array) => bytes.length === HASH_BYTES

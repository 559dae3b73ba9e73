/**
 * Verifies an event in this browser, step by step, from what the page shows to the signature: what the server says of it is
 * only taken for what can be computed from it. Stops nowhere: each step has its own outcome, so that the reader sees what
 * holds and what does not.
 */
import type { Consistency, HistoryEvent, Proof, StoredEvent } from '@/api/history'
import { fromBase64, same, toBase64 } from './proof/bytes'
import { isContentOf, leafHash, micros } from './proof/leaf'
import { fingerprint, readCheckpoint, readKeys, signedBy, type Checkpoint } from './proof/note'
import { isConsistent, isIncluded } from './proof/tree'
import type { Remembered } from './remembered'

export type Step =
  /** What is shown (payload, type, actor, device, channel, request) is what the stored text says. */
  | { step: 'shown'; outcome: 'holds' | 'wrong' | 'masked' }
  /** The stored text has the content hash that the leaf names. */
  | { step: 'content'; outcome: 'holds' | 'wrong' | 'masked' }
  /** The leaf is made of what is shown (position, stream, version, time) and of that content hash. */
  | { step: 'leaf'; outcome: 'holds' | 'wrong' | 'masked' }
  | { step: 'included'; outcome: 'holds' | 'wrong' }
  | { step: 'signed'; outcome: 'holds' | 'wrong' }
  /** By the key that was seen here before. */
  | { step: 'key'; outcome: 'holds' | 'wrong' | 'first' }
  /** The log continues the checkpoint that was seen here before. */
  | { step: 'continues'; outcome: 'holds' | 'wrong' | 'first' }

export interface Verdict {
  steps: Step[]
  /** The stored text of the payload, where it has the content hash; null: it is not known here. */
  text: string | null
  size: number
  key: { line: string; fingerprint: string } | null
  /** What to remember from now on; null when something is wrong. */
  remember: Remembered | null
  before: Remembered | null
}

export interface Asked {
  event: HistoryEvent
  proof: Proof
  keys: string
  before: Remembered | null
  now: Date
  consistency: (from: number, to: number) => Promise<Consistency>
}

export async function verifyEvent({ event, proof, keys, before, now, consistency }: Asked): Promise<Verdict> {
  const checkpoint = attempt(() => readCheckpoint(proof.checkpoint))
  const known = attempt(() => readKeys(keys)) ?? []
  const key = checkpoint && signedBy(checkpoint, known)
  const stored = content(proof)
  const steps: Step[] = [
    { step: 'shown', outcome: shown(event, proof.event) },
    { step: 'content', outcome: stored },
    { step: 'leaf', outcome: leaf(event, proof) },
    { step: 'included', outcome: checkpoint && included(proof, event, checkpoint) ? 'holds' : 'wrong' },
    { step: 'signed', outcome: key ? 'holds' : 'wrong' },
    { step: 'key', outcome: before === null ? 'first' : key?.line === before.key ? 'holds' : 'wrong' },
    { step: 'continues', outcome: await continues(checkpoint, before, consistency) },
  ]
  const fine = steps.every(({ outcome }) => outcome !== 'wrong')
  const size = checkpoint?.size ?? 0
  return {
    steps,
    text: stored === 'holds' ? (proof.event?.payload ?? null) : null,
    size,
    before,
    key: key ? { line: key.line, fingerprint: fingerprint(key) } : null,
    remember:
      fine && key && size >= (before?.size ?? 0)
        ? { key: key.line, size, root: toBase64(checkpoint.root), at: now.toISOString() }
        : null,
  }
}

/** What cannot be read proves nothing. */
function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

/** What is told of an event beside its place, time and payload, and stands in its content. */
const TOLD = [
  'type',
  'schema',
  'actor',
  'device',
  'channel',
  'command',
  'correlation',
  'causation',
] as const satisfies readonly (keyof HistoryEvent & keyof StoredEvent)[]

function shown(event: HistoryEvent, stored: StoredEvent | null): 'holds' | 'wrong' | 'masked' {
  // Where a code is masked the page has dots in its place.
  if (stored === null || event.content_hash === null) return 'masked'
  const payload = attempt(() => JSON.stringify(JSON.parse(stored.payload)))
  return TOLD.every((name) => stored[name] === event[name]) && payload === JSON.stringify(event.payload)
    ? 'holds'
    : 'wrong'
}

function content({ event, leaf: { content_hash } }: Proof): 'holds' | 'wrong' | 'masked' {
  if (event === null || content_hash === null) return 'masked'
  return attempt(() => isContentOf(event, content_hash)) === true ? 'holds' : 'wrong'
}

function leaf(
  event: HistoryEvent,
  { leaf: said, leaf_hash: hash, position }: Proof,
): 'holds' | 'wrong' | 'masked' {
  const { content_hash, salt } = said
  const told =
    position === event.position &&
    said.position === event.position &&
    said.organization === event.organization &&
    said.stream === event.stream &&
    said.stream_type === event.stream_type &&
    said.version === event.version &&
    attempt(() => micros(said.recorded_at)) === attempt(() => micros(event.recorded_at)) &&
    // A code may have been masked when the page was read, and not be any more, or the other way round.
    (content_hash === null || event.content_hash === null || content_hash === event.content_hash)
  if (!told) return 'wrong'
  if (content_hash === null || salt === null) return 'masked'
  const made = attempt(() => leafHash({ ...said, content_hash, salt }))
  return made && toBase64(made) === hash ? 'holds' : 'wrong'
}

function included(proof: Proof, { position }: HistoryEvent, checkpoint: Checkpoint): boolean {
  return (
    attempt(() =>
      isIncluded(
        position - 1,
        checkpoint.size,
        fromBase64(proof.leaf_hash),
        proof.hashes.map(fromBase64),
        checkpoint.root,
      ),
    ) === true
  )
}

async function continues(
  checkpoint: Checkpoint | null,
  before: Remembered | null,
  consistency: Asked['consistency'],
): Promise<'holds' | 'wrong' | 'first'> {
  if (before === null) return 'first'
  const known = attempt(() => fromBase64(before.root))
  if (!checkpoint || !known) return 'wrong'
  if (checkpoint.size === before.size) return same(known, checkpoint.root) ? 'holds' : 'wrong'
  const newer = { size: checkpoint.size, root: checkpoint.root }
  const older = { size: before.size, root: known }
  const [from, to] = newer.size > older.size ? [older, newer] : [newer, older]
  const { hashes } = await consistency(from.size, to.size)
  const proved = attempt(() => isConsistent(from.size, to.size, hashes.map(fromBase64), from.root, to.root))
  return proved === true ? 'holds' : 'wrong'
}

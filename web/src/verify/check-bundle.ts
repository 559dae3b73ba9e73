/**
 * Verifies an auditor's bundle, with nothing but its files and, at best, a key that was obtained elsewhere. Each finding says
 * one thing; the words for it are in `words.ts`.
 */
import { fromBase64, same, toBase64 } from '@/features/audit/proof/bytes'
import { fingerprint, readCheckpoint, readKeys, signedBy, type Checkpoint } from '@/features/audit/proof/note'
import { prunedRoot } from '@/features/audit/proof/tree'
import { checkLines, type Lines } from './check-lines'
import { SETTLEMENT_FILES, type SettlementFile } from './settlement'

export type Finding =
  | { level: 'wrong'; what: 'missing_file'; names: string[] }
  | {
      level: 'wrong'
      what: 'no_checkpoint' | 'unsigned' | 'bad_key' | 'no_proof' | 'other_tree' | 'no_events' | 'not_in_tree'
    }
  | { level: 'wrong'; what: 'unreadable'; lines: number[] }
  | {
      level: 'wrong'
      what: 'changed' | 'disordered' | 'other_stream' | 'back_in_time' | 'repeated' | 'beyond'
      positions: number[]
    }
  | { level: 'wrong'; what: 'missing_versions'; versions: { from: number; to: number }[] }
  | { level: 'ok'; what: 'signed_by_yours' | 'content' | 'complete' }
  | { level: 'ok'; what: 'in_tree'; events: number; size: number }
  | { level: 'ok'; what: 'settled'; withheld: boolean }
  | {
      level: 'wrong'
      what: 'settled_otherwise'
      file: SettlementFile
      line: number
      says: string | null
      follows: string | null
    }
  | { level: 'note'; what: 'signed_by_its_own' }
  | { level: 'note'; what: 'not_settled'; why: string }
  | { level: 'note'; what: 'withheld'; positions: number[] }

export interface Report {
  findings: Finding[]
  checkpoint: { origin: string; size: number } | null
  key: { line: string; fingerprint: string } | null
  show: string | null
  /** Of the first and the last event. */
  from: string | null
  to: string | null
  events: Blob | null
  /** Where each line of the events begins, and where the last one ends. */
  starts: Float64Array
}

export const FILES = ['checkpoint', 'keys', 'events.ndjson', 'proof.json', ...SETTLEMENT_FILES] as const

export async function checkBundle(
  files: ReadonlyMap<string, Blob>,
  /** A verifier key that was obtained elsewhere; empty: only those of the bundle. */
  yours: string,
  onProgress: (done: number, of: number) => void,
): Promise<Report> {
  const findings: Finding[] = []
  const names = FILES.filter((name) => !files.has(name))
  if (names.length > 0) findings.push({ level: 'wrong', what: 'missing_file', names })
  const text = async (name: string) => (await files.get(name)?.text()) ?? ''

  const checkpoint = attempt(readCheckpoint, await text('checkpoint'))
  const { key, finding } = signature(checkpoint, await text('keys'), yours)
  findings.push(finding)

  const proof = readProof(await text('proof.json'))
  if (!proof) findings.push({ level: 'wrong', what: 'no_proof' })
  else if (checkpoint && (proof.size !== checkpoint.size || !same(proof.root, checkpoint.root)))
    findings.push({ level: 'wrong', what: 'other_tree' })

  const events = files.get('events.ndjson') ?? null
  const lines =
    events &&
    (await checkLines(events, (bytes) => {
      onProgress(bytes, events.size)
    }))
  if (lines) {
    findings.push(...content(lines), ...tree(lines, checkpoint, proof), ...stream(lines))
    if (lines.withheld.length > 0)
      findings.push({ level: 'note', what: 'withheld', positions: lines.withheld })
    const says = {
      'settlement.json': await text('settlement.json'),
      'settlement.csv': await text('settlement.csv'),
    }
    findings.push(...settled(lines, says, checkpoint))
  }
  return {
    findings,
    checkpoint: checkpoint && { origin: checkpoint.origin, size: checkpoint.size },
    key,
    show: lines?.show ?? null,
    from: lines?.first?.recorded_at ?? null,
    to: lines?.last?.recorded_at ?? null,
    events,
    starts: lines?.starts ?? new Float64Array(),
  }
}

function attempt<T>(read: (text: string) => T, text: string): T | null {
  try {
    return read(text)
  } catch {
    return null
  }
}

function signature(
  checkpoint: Checkpoint | null,
  theirs: string,
  yours: string,
): { key: Report['key']; finding: Finding } {
  if (!checkpoint) return { key: null, finding: { level: 'wrong', what: 'no_checkpoint' } }
  const given = yours.trim() !== ''
  const keys = attempt(readKeys, given ? yours : theirs)
  if (!keys || keys.length === 0) return { key: null, finding: { level: 'wrong', what: 'bad_key' } }
  const key = signedBy(checkpoint, keys)
  if (key?.name !== checkpoint.origin) return { key: null, finding: { level: 'wrong', what: 'unsigned' } }
  return {
    key: { line: key.line, fingerprint: fingerprint(key) },
    finding: given ? { level: 'ok', what: 'signed_by_yours' } : { level: 'note', what: 'signed_by_its_own' },
  }
}

interface PrunedProof {
  size: number
  root: Uint8Array
  hashes: Uint8Array[]
}

function readProof(text: string): PrunedProof | null {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return null
    if (!('size' in value) || !('root' in value) || !('hashes' in value)) return null
    const { size, root, hashes } = value
    if (typeof size !== 'number' || typeof root !== 'string' || !Array.isArray(hashes)) return null
    return { size, root: fromBase64(root), hashes: hashes.map((hash) => fromBase64(String(hash))) }
  } catch {
    return null
  }
}

function content(lines: Lines): Finding[] {
  const found: Finding[] = []
  if (lines.first === null) found.push({ level: 'wrong', what: 'no_events' })
  if (lines.unreadable.length > 0) found.push({ level: 'wrong', what: 'unreadable', lines: lines.unreadable })
  if (lines.changed.length > 0) found.push({ level: 'wrong', what: 'changed', positions: lines.changed })
  return found.length === 0 ? [{ level: 'ok', what: 'content' }] : found
}

/** Whether all leaves are in the tree that was signed, each in its place. */
function tree(lines: Lines, checkpoint: Checkpoint | null, proof: PrunedProof | null): Finding[] {
  if (!checkpoint || !proof) return []
  const { leaves } = lines
  const beyond: number[] = []
  for (let at = leaves.length - 1; at >= 0 && leaves.indexAt(at) >= checkpoint.size; at -= 1) {
    beyond.unshift(leaves.indexAt(at) + 1)
  }
  if (beyond.length > 0) return [{ level: 'wrong', what: 'beyond', positions: beyond }]
  const root = prunedRoot(checkpoint.size, leaves, proof.hashes)
  if (root === null || !same(root, checkpoint.root)) return [{ level: 'wrong', what: 'not_in_tree' }]
  return [{ level: 'ok', what: 'in_tree', events: leaves.length, size: checkpoint.size }]
}

/** Whether the settlement is what follows from the events, as the server writes it. */
function settled(
  { recount, withheld }: Lines,
  says: Record<SettlementFile, string>,
  checkpoint: Checkpoint | null,
): Finding[] {
  const covering = checkpoint && { size: checkpoint.size, root: toBase64(checkpoint.root) }
  return recount.compare(says, covering).map((found): Finding => {
    switch (found.outcome) {
      case 'same':
        return { level: 'ok', what: 'settled', withheld: withheld.length > 0 }
      case 'not_made':
        return { level: 'note', what: 'not_settled', why: found.why }
      case 'other': {
        const { file, line, says: one, follows } = found
        return { level: 'wrong', what: 'settled_otherwise', file, line, says: one, follows }
      }
    }
  })
}

function stream(lines: Lines): Finding[] {
  const found: Finding[] = []
  const { missing, repeated, disordered, otherStream, backInTime } = lines
  if (missing.length > 0) found.push({ level: 'wrong', what: 'missing_versions', versions: missing })
  if (repeated.length > 0) found.push({ level: 'wrong', what: 'repeated', positions: repeated })
  if (disordered.length > 0) found.push({ level: 'wrong', what: 'disordered', positions: disordered })
  if (otherStream.length > 0) found.push({ level: 'wrong', what: 'other_stream', positions: otherStream })
  if (backInTime.length > 0) found.push({ level: 'wrong', what: 'back_in_time', positions: backInTime })
  return found.length === 0 && lines.first !== null ? [{ level: 'ok', what: 'complete' }] : found
}

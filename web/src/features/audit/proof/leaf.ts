/**
 * What of an event is hashed: its content, and its leaf in the tree of the log, which holds the content's hash together with
 * where and when it was recorded. Both encodings can be read in one way only, and never change.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { fromHex, same, Writer } from './bytes'

export interface Content {
  type: string
  schema: number
  /** As stored, byte for byte. */
  payload: string
  actor: string
  device: string | null
  channel: string | null
  command: string
  /** 32 bytes in hexadecimal digits. */
  request_hmac: string | null
  correlation: string
  causation: string | null
}

export interface Leaf {
  position: number
  organization: string
  stream_type: string
  stream: string
  version: number
  recorded_at: string
  /** 32 bytes each, in hexadecimal digits. */
  content_hash: string
  salt: string
}

const CONTENT = 'turnout event content v1'
const LEAF = 'turnout log leaf v1'
const HASH_BYTES = 32
const MICROS_PER_SECOND = 1_000_000

const writer = new Writer()

export function contentHash(event: Content): Uint8Array {
  writer.restart().text(CONTENT).text(event.type).u32(event.schema).text(event.payload).text(event.actor)
  writer.optional(event.device, (device) => writer.id(device))
  writer.optional(event.channel, (channel) => writer.text(channel))
  writer.id(event.command)
  writer.optional(event.request_hmac, (hmac) => writer.raw(hash(hmac)))
  writer.id(event.correlation)
  writer.optional(event.causation, (causation) => writer.id(causation))
  return sha256(writer.written())
}

/** Whether this is what a content hash, in hexadecimal digits, was made of. */
export function isContentOf(event: Content, content_hash: string): boolean {
  return same(contentHash(event), hash(content_hash))
}

export function leafHash(leaf: Leaf): Uint8Array {
  // RFC 6962: a zero byte before a leaf, so that no leaf is ever a node.
  writer.restart().byte(0).text(LEAF).i64(leaf.position).id(leaf.organization).text(leaf.stream_type)
  writer.id(leaf.stream).i64(leaf.version).i64(micros(leaf.recorded_at))
  writer.raw(hash(leaf.content_hash)).raw(hash(leaf.salt))
  return sha256(writer.written())
}

function hash(digits: string): Uint8Array {
  const bytes = fromHex(digits)
  if (bytes.length !== HASH_BYTES) throw new Error('not 32 bytes')
  return bytes
}

const MOMENT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(?:Z|\+00:00)$/

/** Microseconds since 1970 in UTC; a Date alone would lose those below the millisecond. */
export function micros(moment: string): number {
  const [, seconds, fraction = ''] = MOMENT.exec(moment) ?? []
  const whole = seconds === undefined ? Number.NaN : Date.parse(`${seconds}Z`)
  if (Number.isNaN(whole)) throw new Error(`not a time: ${moment}`)
  return (whole / 1_000) * MICROS_PER_SECOND + Number(fraction.padEnd(6, '0'))
}

/**
 * Checkpoints of the log as C2SP signed notes: size and root of the tree, signed with Ed25519, and the keys that verify them.
 * Formats: c2sp.org/tlog-checkpoint, c2sp.org/signed-note.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { fromBase64, fromHex, same, toHex } from './bytes'

export interface Checkpoint {
  origin: string
  size: number
  root: Uint8Array
  /** What is signed: everything before the empty line, with the line feed at its end. */
  text: string
  signatures: Signature[]
}

interface Signature {
  name: string
  keyHash: Uint8Array
  signature: Uint8Array
}

export interface VerifierKey {
  /** The line that it was read from: what people compare. */
  line: string
  name: string
  keyHash: Uint8Array
  publicKey: Uint8Array
}

const KEY_HASH_BYTES = 4
const SIGNATURE_BYTES = 64
const PUBLIC_KEY_BYTES = 32
/** The kind of key: Ed25519. */
const ED25519 = 1

const encoder = new TextEncoder()

export function readCheckpoint(note: string): Checkpoint {
  const split = note.lastIndexOf('\n\n')
  if (split < 0 || !note.endsWith('\n')) throw new Error('not a signed note')
  const text = note.slice(0, split + 1)
  const [origin = '', size = '', root = ''] = text.split('\n')
  if (origin === '' || !/^(0|[1-9]\d*)$/.test(size)) throw new Error('not a checkpoint')
  const signatures = note
    .slice(split + 2, -1)
    .split('\n')
    .map(readSignature)
  return { origin, size: Number(size), root: hash(root), text, signatures }
}

function hash(base64: string): Uint8Array {
  const bytes = fromBase64(base64)
  if (bytes.length !== 32) throw new Error('not a root of 32 bytes')
  return bytes
}

function readSignature(line: string): Signature {
  const match = /^— (\S+) (\S+)$/.exec(line)
  if (!match) throw new Error('not a line of a signature')
  const bytes = fromBase64(match[2] ?? '')
  if (bytes.length <= KEY_HASH_BYTES) throw new Error('a signature that is too short')
  return {
    name: match[1] ?? '',
    keyHash: bytes.subarray(0, KEY_HASH_BYTES),
    signature: bytes.subarray(KEY_HASH_BYTES),
  }
}

/** A verifier key: `name+hash+base64`. Its hash has to be that of the key, else it is none. */
export function readKey(line: string): VerifierKey {
  const [name = '', digits = '', ...rest] = line.trim().split('+')
  // Base64 has a plus of its own.
  const bytes = fromBase64(rest.join('+'))
  if (name === '' || /\s/.test(name) || bytes[0] !== ED25519 || bytes.length !== 1 + PUBLIC_KEY_BYTES) {
    throw new Error('not a verifier key of Ed25519')
  }
  const keyHash = fromHex(digits)
  const made = sha256(new Uint8Array([...encoder.encode(name), 0x0a, ...bytes]))
  if (!same(keyHash, made.subarray(0, KEY_HASH_BYTES)))
    throw new Error('a key that is not what its hash says')
  return { line: line.trim(), name, keyHash, publicKey: bytes.subarray(1) }
}

export function readKeys(text: string): VerifierKey[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readKey)
}

/** The key that signed the checkpoint; null when none of these did. A signature that is wrong is as none. */
export function signedBy(checkpoint: Checkpoint, keys: readonly VerifierKey[]): VerifierKey | null {
  const message = encoder.encode(checkpoint.text)
  const signed = keys.find((key) =>
    checkpoint.signatures.some(
      ({ name, keyHash, signature }) =>
        name === key.name &&
        same(keyHash, key.keyHash) &&
        signature.length === SIGNATURE_BYTES &&
        verifies(signature, message, key.publicKey),
    ),
  )
  return signed ?? null
}

function verifies(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false })
  } catch {
    return false
  }
}

/** For people to compare by eye or on the telephone: SHA-256 of the public key in groups of four digits. */
export function fingerprint(key: VerifierKey): string {
  return toHex(sha256(key.publicKey)).replaceAll(/(.{4})(?!$)/g, '$1 ')
}

/** Bytes as the formats of the log write them: hexadecimal digits, base64, numbers big-endian, ids of sixteen bytes. */

const NIBBLES = new Int8Array(128).fill(-1)
for (let value = 0; value < 16; value += 1) {
  const digit = value.toString(16)
  NIBBLES[digit.charCodeAt(0)] = value
  NIBBLES[digit.toUpperCase().charCodeAt(0)] = value
}

export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2)
  let wrong = text.length % 2
  for (let at = 0; at < bytes.length; at += 1) {
    const high = NIBBLES[text.charCodeAt(2 * at)] ?? -1
    const low = NIBBLES[text.charCodeAt(2 * at + 1)] ?? -1
    wrong |= (high | low) < 0 ? 1 : 0
    bytes[at] = (high << 4) | low
  }
  if (wrong !== 0) throw new Error('not hexadecimal digits')
  return bytes
}

const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += DIGITS[byte] ?? ''
  return text
}

/** Standard base64 with its padding, and nothing that would decode to the same bytes in another way. */
export function fromBase64(text: string): Uint8Array {
  const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
  if (toBase64(bytes) !== text) throw new Error('not base64')
  return bytes
}

export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false
  return true
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const FIRST_BYTES = 1_024
const encoder = new TextEncoder()

/** Collects what is hashed. One is used again and again: a log has many events. */
export class Writer {
  #bytes = new Uint8Array(FIRST_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  restart(): this {
    this.#length = 0
    return this
  }

  /** Holds until the writer is used again. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  raw(bytes: Uint8Array): this {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  byte(value: number): this {
    this.#room(1)
    this.#bytes[this.#length] = value
    this.#length += 1
    return this
  }

  u32(value: number): this {
    this.#room(4)
    this.#view.setUint32(this.#length, value)
    this.#length += 4
    return this
  }

  i64(value: number): this {
    if (!Number.isSafeInteger(value)) throw new Error('a number beyond what can be counted here')
    this.#room(8)
    this.#view.setInt32(this.#length, Math.floor(value / 2 ** 32))
    this.#view.setUint32(this.#length + 4, value % 2 ** 32)
    this.#length += 8
    return this
  }

  /** Its length in bytes as eight bytes, and then its bytes. */
  text(value: string): this {
    this.#room(8 + 3 * value.length)
    const { written } = encoder.encodeInto(value, this.#bytes.subarray(this.#length + 8))
    this.i64(written)
    this.#length += written
    return this
  }

  id(value: string): this {
    if (!UUID.test(value)) throw new Error(`not an id: ${value}`)
    return this.raw(fromHex(value.replaceAll('-', '')))
  }

  optional<T>(value: T | null, write: (value: T) => void): this {
    this.byte(value === null ? 0 : 1)
    if (value !== null) write(value)
    return this
  }

  #room(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
    larger.set(this.#bytes)
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }
}

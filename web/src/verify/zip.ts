/**
 * Reads a zip from a file, without holding it in memory: the browser itself inflates. Only what bundles need: stored and
 * deflated entries, also of more than 4 GiB (zip64). Format: APPNOTE.TXT of PKWARE, 4.3.
 */

const END = 0x06_05_4b_50
const END64_LOCATOR = 0x07_06_4b_50
const ENTRY = 0x02_01_4b_50
const END_BYTES = 22
const LOCATOR_BYTES = 20
const COMMENT_MAX = 0xff_ff
const ENTRY_BYTES = 46
const LOCAL_BYTES = 30
const IN_ZIP64 = 0xff_ff_ff_ff
const ZIP64_FIELD = 1
const STORED = 0
const DEFLATED = 8

export type Unreadable = { what: 'no_zip' } | { what: 'packed'; name: string }

/** Why a zip cannot be read; words for it are found where it is told. */
export class UnreadableZip extends Error {
  constructor(readonly why: Unreadable) {
    super(why.what)
  }
}

/** The files in it by their names, without folders. */
export async function unzip(zip: Blob): Promise<Map<string, Blob>> {
  const { offset, size } = await directory(zip)
  const bytes = await view(zip, offset, size)
  const files = new Map<string, Blob>()
  for (let at = 0; at + ENTRY_BYTES <= bytes.byteLength && bytes.getUint32(at, true) === ENTRY;) {
    const method = bytes.getUint16(at + 10, true)
    const nameLength = bytes.getUint16(at + 28, true)
    const extraLength = bytes.getUint16(at + 30, true)
    const name = text(bytes, at + ENTRY_BYTES, nameLength)
    const where = placeOf(bytes, at, at + ENTRY_BYTES + nameLength, extraLength)
    if (!name.endsWith('/')) files.set(name.replace(/^.*\//, ''), await content(zip, where, method, name))
    at += ENTRY_BYTES + nameLength + extraLength + bytes.getUint16(at + 32, true)
  }
  return files
}

async function directory(zip: Blob): Promise<{ offset: number; size: number }> {
  const from = Math.max(0, zip.size - END_BYTES - COMMENT_MAX)
  const tail = await view(zip, from, zip.size - from)
  let end = tail.byteLength - END_BYTES
  while (end >= 0 && tail.getUint32(end, true) !== END) end -= 1
  if (end < 0) throw new UnreadableZip({ what: 'no_zip' })
  const offset = tail.getUint32(end + 16, true)
  const size = tail.getUint32(end + 12, true)
  const locator = end - LOCATOR_BYTES
  if (locator < 0 || tail.getUint32(locator, true) !== END64_LOCATOR) return { offset, size }
  const end64 = await view(zip, u64(tail, locator + 8), 56)
  return { offset: u64(end64, 48), size: u64(end64, 40) }
}

interface Place {
  offset: number
  packed: number
}

function placeOf(bytes: DataView, entry: number, extra: number, extraLength: number): Place {
  let packed = bytes.getUint32(entry + 20, true)
  let offset = bytes.getUint32(entry + 42, true)
  const unpacked = bytes.getUint32(entry + 24, true)
  for (let at = extra; at + 4 <= extra + extraLength; at += 4 + bytes.getUint16(at + 2, true)) {
    if (bytes.getUint16(at, true) !== ZIP64_FIELD) continue
    // Only what did not fit, in this order.
    let field = at + 4
    if (unpacked === IN_ZIP64) field += 8
    if (packed === IN_ZIP64) {
      packed = u64(bytes, field)
      field += 8
    }
    if (offset === IN_ZIP64) offset = u64(bytes, field)
  }
  return { offset, packed }
}

async function content(zip: Blob, { offset, packed }: Place, method: number, name: string): Promise<Blob> {
  const local = await view(zip, offset, LOCAL_BYTES)
  const from = offset + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true)
  const bytes = zip.slice(from, from + packed)
  if (method === STORED) return bytes
  if (method !== DEFLATED) throw new UnreadableZip({ what: 'packed', name })
  return new Response(bytes.stream().pipeThrough(new DecompressionStream('deflate-raw'))).blob()
}

async function view(zip: Blob, from: number, length: number): Promise<DataView> {
  return new DataView(await zip.slice(from, from + length).arrayBuffer())
}

const u64 = (bytes: DataView, at: number) => Number(bytes.getBigUint64(at, true))

const text = (bytes: DataView, at: number, length: number) =>
  new TextDecoder().decode(new Uint8Array(bytes.buffer, bytes.byteOffset + at, length))

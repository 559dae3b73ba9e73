import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { crc32, deflateRawSync } from 'node:zlib'

/**
 * Makes an auditor's bundle as the contract describes it, with a key of its own and none of the app's code: whoever verifies
 * it has understood the formats in the same way.
 */
export interface Line {
  position: number
  organization: string
  stream_type: string
  stream: string
  version: number
  type: string
  schema: number
  payload: string
  actor: string
  device: string | null
  channel: string | null
  command: string
  request_hmac: string | null
  correlation: string
  causation: string | null
  content_hash: string | null
  recorded_at: string
  salt: string | null
  leaf_hash: string | null
}

const ORIGIN = 'tickets.example.org/log'
const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const id = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`
const raw = (uuid: string) => Buffer.from(uuid.replaceAll('-', ''), 'hex')
const u64 = (n: number | bigint) => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(n))
  return bytes
}
const u32 = (n: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(n)
  return bytes
}
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)])
const optional = (value: string | null, write: (value: string) => Buffer) =>
  value === null ? Buffer.from([0]) : Buffer.concat([Buffer.from([1]), write(value)])

export function contentHash(line: Line): string {
  return sha256(
    text('turnout event content v1'),
    text(line.type),
    u32(line.schema),
    text(line.payload),
    text(line.actor),
    optional(line.device, raw),
    optional(line.channel, text),
    raw(line.command),
    optional(line.request_hmac, (hmac) => Buffer.from(hmac, 'hex')),
    raw(line.correlation),
    optional(line.causation, raw),
  ).toString('hex')
}

function leafHash(line: Line): Buffer {
  const [, seconds = '', micros = ''] = /^(.{19})\.(\d{6})Z$/.exec(line.recorded_at) ?? []
  return sha256(
    Buffer.from([0]),
    text('turnout log leaf v1'),
    u64(line.position),
    raw(line.organization),
    text(line.stream_type),
    raw(line.stream),
    u64(line.version),
    u64(BigInt(Date.parse(`${seconds}Z`)) * 1_000n + BigInt(micros)),
    Buffer.from(line.content_hash ?? '', 'hex'),
    Buffer.from(line.salt ?? '', 'hex'),
  )
}

const split = (count: number) => 2 ** Math.ceil(Math.log2(count) - 1)

function treeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves
  if (leaves.length === 1 && only) return only
  const k = split(leaves.length)
  return sha256(Buffer.from([1]), treeHash(leaves.slice(0, k)), treeHash(leaves.slice(k)))
}

function prune(leaves: readonly Buffer[], low: number, wanted: ReadonlySet<number>): Buffer[] {
  if (!leaves.some((_leaf, at) => wanted.has(low + at))) return [treeHash(leaves)]
  if (leaves.length === 1) return []
  const k = split(leaves.length)
  return [...prune(leaves.slice(0, k), low, wanted), ...prune(leaves.slice(k), low + k, wanted)]
}

/** A log of two shows, event by event in turn; the bundle is of the first one. */
function log(events: number): Line[] {
  return Array.from({ length: 2 * events }, (_, at) => {
    const line: Line = {
      position: at + 1,
      organization: id(1),
      stream_type: 'show',
      stream: id(2 + (at % 2)),
      version: Math.floor(at / 2) + 1,
      type: at % 3 === 0 ? 'TicketIssued' : 'CheckedIn',
      schema: 1,
      payload: JSON.stringify({ ticket: id(5_000 + at), holder: 'Jörg 🎟' }),
      actor: `member:${id(3)}`,
      device: at % 5 === 0 ? id(4) : null,
      channel: at % 4 === 0 ? 'box_office' : null,
      command: id(100_000 + at),
      request_hmac: sha256(u64(at)).toString('hex'),
      correlation: id(200_000 + at),
      causation: at % 7 === 0 ? id(300_000 + at) : null,
      content_hash: null,
      recorded_at: `${new Date(1_795_310_456_000 + at * 1_000).toISOString().slice(0, 19)}.${String(at).padStart(6, '0')}Z`,
      salt: sha256(u64(-at)).toString('hex'),
      leaf_hash: null,
    }
    return { ...line, content_hash: contentHash(line) }
  })
}

export interface Bundle {
  zip: Buffer
  key: string
}

/** `change` is what somebody does to the lines of the bundle behind the back of the log. */
export function makeBundle(events: number, change: (lines: Line[]) => Line[] = (lines) => lines): Bundle {
  const all = log(events)
  const leaves = all.map(leafHash)
  const mine = all.filter(({ stream }) => stream === id(2))
  const root = treeHash(leaves).toString('base64')
  const { note, key } = signed(`${ORIGIN}\n${leaves.length}\n${root}\n`)
  const wanted = new Set(mine.map(({ position }) => position - 1))
  const proof = {
    size: leaves.length,
    root,
    hashes: prune(leaves, 0, wanted).map((hash) => hash.toString('base64')),
  }
  const lines = change(mine.map((line) => ({ ...line })))
  return {
    key,
    zip: zipped({
      'README.txt': 'A bundle for a test.\n',
      checkpoint: note,
      keys: `${key}\n`,
      'events.ndjson': lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
      'proof.json': JSON.stringify(proof),
      'settlement.json': '{}',
      'settlement.csv': '',
    }),
  }
}

/** What may not be seen, with its leaf's hash in place of what that is made of. */
export function withhold(line: Line): Line {
  return {
    ...line,
    payload: '{"short_code":"•••"}',
    request_hmac: null,
    content_hash: null,
    salt: null,
    leaf_hash: leafHash(line).toString('hex'),
  }
}

function signed(body: string): { note: string; key: string } {
  const pair = generateKeyPairSync('ed25519')
  const secret = createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' })
  // The last 32 bytes of its description are the key itself.
  const typed = Buffer.concat([Buffer.from([1]), spki.subarray(-32)])
  const hash = sha256(Buffer.from(`${ORIGIN}\n`), typed).subarray(0, 4)
  const signature = Buffer.concat([hash, sign(null, Buffer.from(body), secret)])
  return {
    note: `${body}\n— ${ORIGIN} ${signature.toString('base64')}\n`,
    key: `${ORIGIN}+${hash.toString('hex')}+${typed.toString('base64')}`,
  }
}

function zipped(files: Record<string, string>): Buffer {
  const locals: Buffer[] = []
  const entries: Buffer[] = []
  let offset = 0
  for (const [name, content] of Object.entries(files)) {
    const plain = Buffer.from(content)
    const packed = deflateRawSync(plain)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(plain), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(plain.length, 18)
    common.writeUInt16LE(name.length, 22)
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed])
    const rest = Buffer.alloc(14)
    rest.writeUInt32LE(offset, 10)
    entries.push(
      Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), common, rest, Buffer.from(name)]),
    )
    locals.push(local)
    offset += local.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(18)
  end.writeUInt16LE(entries.length, 4)
  end.writeUInt16LE(entries.length, 6)
  end.writeUInt32LE(directory.length, 8)
  end.writeUInt32LE(offset, 12)
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end])
}

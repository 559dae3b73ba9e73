/** A line of a bundle's events, read strictly: what is not written as the format says is not taken for an event. */
import type { Content, Leaf } from '@/features/audit/proof/leaf'

export type ExportLine = Content &
  Omit<Leaf, 'content_hash' | 'salt'> & {
    content_hash: string | null
    salt: string | null
    /** Only where something is withheld: in place of what it is made of. In hexadecimal digits. */
    leaf_hash: string | null
  }

export function readLine(text: string): ExportLine | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null) return null
  const fields = new Map<string, unknown>(Object.entries(value))
  const wrong: string[] = []
  const string = (name: string): string => {
    const found = fields.get(name)
    if (typeof found === 'string') return found
    wrong.push(name)
    return ''
  }
  const optional = (name: string): string | null => (fields.get(name) === null ? null : string(name))
  const count = (name: string): number => {
    const found = fields.get(name)
    if (typeof found === 'number' && Number.isSafeInteger(found) && found > 0) return found
    wrong.push(name)
    return 0
  }
  const line: ExportLine = {
    position: count('position'),
    organization: string('organization'),
    stream_type: string('stream_type'),
    stream: string('stream'),
    version: count('version'),
    type: string('type'),
    schema: count('schema'),
    payload: string('payload'),
    actor: string('actor'),
    device: optional('device'),
    channel: optional('channel'),
    command: string('command'),
    request_hmac: optional('request_hmac'),
    correlation: string('correlation'),
    causation: optional('causation'),
    content_hash: optional('content_hash'),
    recorded_at: string('recorded_at'),
    salt: optional('salt'),
    leaf_hash: optional('leaf_hash'),
  }
  return wrong.length === 0 ? line : null
}

/** What JSON Merge Patch (RFC 7396) makes of one value into another: only what differs. Lists are whole. */
type Plain = Readonly<Record<string, unknown>>

const isPlain = (value: unknown): value is Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function mergePatch<T extends Plain>(before: T, after: T): { [K in keyof T]?: Patch<T[K]> }
export function mergePatch(before: Plain, after: Plain): Plain {
  const patch: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(after)) {
    const old = before[name]
    if (isPlain(old) && isPlain(value)) {
      const inner = mergePatch(old, value)
      if (Object.keys(inner).length > 0) patch[name] = inner
    } else if (JSON.stringify(old) !== JSON.stringify(value)) {
      patch[name] = value
    }
  }
  return patch
}

/** Of an object some of its fields, of everything else the whole. */
export type Patch<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: T[K] } : T

/**
 * What this browser remembers of the log: the key that signed, and the last checkpoint that was verified. A log that is
 * shown with another key, or that does not continue that checkpoint, is not the log that was seen here before.
 */
import { z } from 'zod'

const remembered = z.object({ key: z.string(), size: z.number(), root: z.string(), at: z.string() })
export type Remembered = z.infer<typeof remembered>

const NAME = 'turnout.log'

/** Null when nothing is remembered, or nothing that can be read: then this is the first time. */
export function recall(): Remembered | null {
  try {
    return remembered.parse(JSON.parse(localStorage.getItem(NAME) ?? 'null'))
  } catch {
    return null
  }
}

export function remember(what: Remembered): void {
  localStorage.setItem(NAME, JSON.stringify(what))
}

export function forget(): void {
  localStorage.removeItem(NAME)
}

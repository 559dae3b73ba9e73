/**
 * Scanners that act as keyboards "type" a ticket's token, usually with Enter at the end. Digits alone belong to
 * the keypad; a letter starts a token, and so does everything that follows it.
 */
const TOKEN_CHARACTER = /^[A-Za-z0-9._-]$/

/** After this pause without Enter a complete token counts as finished. */
export const WEDGE_PAUSE_MS = 250

export type WedgeKey =
  { to: 'keypad' } | { to: 'token'; buffer: string } | { to: 'submit'; token: string } | { to: 'nobody' }

export function wedgeKey(buffer: string, key: string): WedgeKey {
  if (key === 'Enter') return buffer === '' ? { to: 'keypad' } : { to: 'submit', token: buffer }
  if (buffer === '' && /^\d$/.test(key)) return { to: 'keypad' }
  if (!TOKEN_CHARACTER.test(key)) return { to: 'nobody' }
  return { to: 'token', buffer: buffer + key }
}

/** A compact JWS: three parts with dots between. */
export function looksComplete(buffer: string): boolean {
  return /^[\w-]{8,}\.[\w-]{8,}\.[\w-]{40,}$/.test(buffer)
}

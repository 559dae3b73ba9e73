/**
 * The secret in the fragment of a link to us: set-up (`ts_`), invitation (`ti_`), password reset (`tr_`), pairing
 * (`tp_`). It is taken out of the address bar at once, so that no history, bookmark or picture of the screen has it,
 * and kept in memory only.
 */
export type SecretKind = 'ts_' | 'ti_' | 'tr_' | 'tp_'

const SECRET = /^#(t[sirp]_[\w-]{1,200})$/

let secret: string | null = null
const listeners = new Set<() => void>()

function take(): void {
  const found = SECRET.exec(globalThis.location.hash)?.[1]
  if (found === undefined) return
  secret = found
  const { pathname, search } = globalThis.location
  globalThis.history.replaceState(globalThis.history.state, '', pathname + search)
  for (const listener of listeners) listener()
}

/** Before anything else of the page runs; and again when a link is opened in a page that is there already. */
export function takeLinkSecrets(): void {
  take()
  globalThis.addEventListener('hashchange', take)
}

export function linkSecret(kind: SecretKind): string | null {
  return secret?.startsWith(kind) === true ? secret : null
}

export function watchLinkSecret(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

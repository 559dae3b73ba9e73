import { useSyncExternalStore } from 'react'
import { linkSecret, watchLinkSecret, type SecretKind } from '@/lib/link-secret'

/** The secret of the link that led here; null where there was none, or another kind of link. */
export function useLinkSecret(kind: SecretKind): string | null {
  return useSyncExternalStore(watchLinkSecret, () => linkSecret(kind))
}

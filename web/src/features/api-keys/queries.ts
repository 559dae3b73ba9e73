import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'
import { allPages } from '@/api/queries'
import type { ApiKey, Role } from '@/api/types'
import { readRole } from '@/api/words'

const KEYS_PAGE = 200

export const apiKeysQuery = queryOptions({
  queryKey: keys.apiKeys,
  queryFn: async ({ signal }): Promise<ApiKey[]> => {
    const items = await allPages((cursor) =>
      answer(() =>
        client.GET('/api/v1/api-keys', { params: { query: { limit: KEYS_PAGE, ...cursor } }, signal }),
      ),
    )
    return items.map((key) => ({ ...key, role: readRole(key.role) }))
  },
})

export interface NewKey {
  name: string
  role: Role
  shows: string[] | null
  expires_at: string | null
}

/** Without idempotency keys: a repeated answer holds no token, and a key that nobody has can be revoked. */
export function useIssueKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: NewKey) => answer(() => client.POST('/api/v1/api-keys', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.apiKeys }),
  })
}

export function useRotateKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ key, overlapSeconds }: { key: string; overlapSeconds: number }) =>
      answer(() =>
        client.POST('/api/v1/api-keys/{key}/rotate', {
          params: { path: { key } },
          body: { overlap_seconds: overlapSeconds },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.apiKeys }),
  })
}

export function useRevokeKey() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (key: string) =>
      done(() => client.DELETE('/api/v1/api-keys/{key}', { params: { path: { key } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.apiKeys }),
  })
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'
import type { Role } from '@/api/types'

export const apiKeysQuery = queryOptions({
  queryKey: keys.apiKeys,
  queryFn: async ({ signal }) => (await answer(() => client.GET('/api/v1/api-keys', { signal }))).items,
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

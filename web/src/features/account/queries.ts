import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'
import { leave } from '@/api/session'

export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: ({ signal }) => answer(() => client.GET('/api/v1/sessions', { signal })),
})

export function useChangeName() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (name: string) => done(() => client.PATCH('/api/v1/me', { body: { name } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.me }),
  })
}

/** Ends all other sessions, too. */
export function useChangePassword() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: { current: string; new: string }) =>
      done(() => client.PUT('/api/v1/me/password', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.sessions }),
  })
}

export function useEndSession() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (session: string) =>
      done(() => client.DELETE('/api/v1/sessions/{session}', { params: { path: { session } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: keys.sessions }),
  })
}

export function useSignOutEverywhere() {
  return useMutation({
    mutationFn: () => done(() => client.DELETE('/api/v1/sessions')),
    onSuccess: () => {
      leave()
    },
  })
}

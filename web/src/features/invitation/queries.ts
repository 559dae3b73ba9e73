import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client } from '@/api/client'
import { keys } from '@/api/keys'
import { becomes } from '@/api/session'
import { readRole } from '@/api/words'

/** A POST, because the secret must not be in an address; it changes nothing. */
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: keys.invitation(token),
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const found = await answer(() => client.POST('/api/v1/invitations/open', { body: { token }, signal }))
      return { ...found, role: readRole(found.role) }
    },
  })

export function useAcceptInvitation() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: { token: string; name?: string; password: string }) =>
      answer(() => client.POST('/api/v1/invitations/accept', { body })),
    onSuccess: (me) => {
      becomes(cache, me)
    },
  })
}

import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client } from '@/api/client'
import { keys } from '@/api/keys'
import { becomes } from '@/api/session'

/** A POST, because the secret must not be in an address; it changes nothing. */
export const invitationQuery = (token: string) =>
  queryOptions({
    queryKey: keys.invitation(token),
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      answer(() => client.POST('/api/v1/invitations/open', { body: { token }, signal })),
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

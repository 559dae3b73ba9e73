import { queryOptions, useMutation } from '@tanstack/react-query'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'

/** Whether anybody can sign in here at all. */
export const setupQuery = queryOptions({
  queryKey: keys.setup,
  queryFn: ({ signal }) => answer(() => client.GET('/api/v1/setup', { signal })),
})

export function useResetPassword() {
  return useMutation({
    mutationFn: (body: { token: string; password: string }) =>
      done(() => client.POST('/api/v1/password-resets', { body })),
  })
}

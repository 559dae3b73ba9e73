import { useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client } from '@/api/client'
import { becomes } from '@/api/session'
import type { SetUpBody } from '@/api/types'

/** Makes the first organization and its owner, who is signed in at once. */
export function useSetUp() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: SetUpBody) => answer(() => client.POST('/api/v1/setup', { body })),
    onSuccess: (me) => {
      becomes(cache, me)
    },
  })
}

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client, done } from '@/api/client'
import { keys } from '@/api/keys'

export type SalesStep =
  { step: 'pause' } | { step: 'resume' } | { step: 'close' } | { step: 'cancel'; reason: string }

/** Pausing, resuming, closing sales, cancelling: changes the event and everything that shows its state. */
export function useSalesStep(show: string) {
  const cache = useQueryClient()
  const params = { path: { show } }
  return useMutation({
    mutationFn: (change: SalesStep) => {
      switch (change.step) {
        case 'pause':
          return done(() => client.POST('/api/v1/shows/{show}/pause-sales', { params }))
        case 'resume':
          return done(() => client.POST('/api/v1/shows/{show}/resume-sales', { params }))
        case 'close':
          return done(() => client.POST('/api/v1/shows/{show}/close-sales', { params }))
        case 'cancel':
          return done(() =>
            client.POST('/api/v1/shows/{show}/cancel', { params, body: { reason: change.reason } }),
          )
      }
    },
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: keys.everythingOf(show) }),
        cache.invalidateQueries({ queryKey: ['shows', 'list'] }),
      ]),
  })
}

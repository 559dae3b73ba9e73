import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'
import { allPages } from '@/api/queries'
import type { HistoryItem } from '@/api/types'

/** For so long an alert is shown: whoever comes to work the next day still sees it. */
const ALERT_HOURS = 24
const ALERTS_EVERY_MS = 60_000
const ALERTS_PAGE = 200

/** That somebody may be guessing ticket codes at an event's door. */
export interface GuessingAlert {
  position: number
  at: string
  show: string
  codes: number
  /** They have to wait now; a paired device never does. */
  throttled: boolean
}

const noticed = z.object({ show: z.string(), codes: z.number(), throttled: z.boolean() })

export function readGuessing({ position, recorded_at: at, payload }: HistoryItem): GuessingAlert[] {
  const found = noticed.safeParse(payload)
  return found.success ? [{ position, at, ...found.data }] : []
}

/** Alerts of the last day at all events, the latest first; asked again each minute. */
export const guessingQuery = queryOptions({
  queryKey: keys.guessing,
  refetchInterval: ALERTS_EVERY_MS,
  queryFn: async ({ signal }) => {
    const from = new Date(Date.now() - ALERT_HOURS * 3_600_000).toISOString()
    const events = await allPages((cursor) =>
      answer(() =>
        client.GET('/api/v1/history', {
          params: { query: { type: 'CodeGuessingNoticed', from, limit: ALERTS_PAGE, ...cursor } },
          signal,
        }),
      ),
    )
    return events.flatMap(readGuessing).reverse()
  },
})

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

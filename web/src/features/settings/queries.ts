import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { answer, client } from '@/api/client'
import { keys } from '@/api/keys'
import { allPages } from '@/api/queries'
import type { HistoryItem, Settings, SettingsPatch } from '@/api/types'

const HISTORY_PAGE = 200

export interface SettingsChange {
  position: number
  at: string
  actor: string
  fields: string[]
}

const payload = z.object({ changed: z.array(z.string()) })

export function readChange(event: HistoryItem): SettingsChange {
  const found = payload.safeParse(event.payload)
  return {
    position: event.position,
    at: event.recorded_at,
    actor: event.actor,
    fields: found.success ? found.data.changed : [],
  }
}

/** The latest change first. */
export const settingsHistoryQuery = queryOptions({
  queryKey: keys.settingsHistory,
  queryFn: async ({ signal }) => {
    const events = await allPages((cursor) =>
      answer(() =>
        client.GET('/api/v1/history', {
          params: { query: { type: 'SettingsChanged', limit: HISTORY_PAGE, ...cursor } },
          signal,
        }),
      ),
    )
    return events.map(readChange).reverse()
  },
})

export function useChangeSettings() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: SettingsPatch) => answer(() => client.PATCH('/api/v1/settings', { body })),
    onSuccess: (settings) => {
      cache.setQueryData<Settings>(keys.settings, settings)
      return Promise.all([
        cache.invalidateQueries({ queryKey: keys.settingsHistory }),
        // The organization's name stands in the frame, too.
        cache.invalidateQueries({ queryKey: keys.me }),
      ])
    },
  })
}

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'
import type { AdoptSeatingBody, Show, TicketTypeBody } from '@/api/types'
import { Intention } from '@/lib/intention'
import { instants, type Details } from './details-form'

export function useScheduleShow() {
  const cache = useQueryClient()
  const [intention] = useState(() => new Intention())
  return useMutation({
    mutationFn: (details: Details) => {
      const body = {
        name: details.name,
        description: details.description,
        venue: { name: details.venue_name, address: details.venue_address },
        timezone: details.timezone,
        currency: details.currency,
        ...instants(details),
      }
      return answer(() =>
        client.POST('/api/v1/shows', {
          params: { header: { 'Idempotency-Key': intention.keyFor(body) } },
          body,
        }),
      )
    },
    onSuccess: () => {
      intention.done()
      return cache.invalidateQueries({ queryKey: keys.shows })
    },
  })
}

/** What is written and when it is are two facts: revised, and rescheduled where a time changed. */
export function useReviseShow(show: Show) {
  const cache = useQueryClient()
  const params = { path: { show: show.id } }
  return useMutation({
    mutationFn: async (details: Details) => {
      await done(() =>
        client.PATCH('/api/v1/shows/{show}', {
          params,
          body: {
            name: details.name,
            description: details.description,
            venue: { ...show.venue, name: details.venue_name, address: details.venue_address },
          },
        }),
      )
      const times = instants(details)
      const same = (a: string | null, b: string | null) =>
        a === b || (a !== null && b !== null && Date.parse(a) === Date.parse(b))
      if (
        same(times.starts_at, show.starts_at) &&
        same(times.doors_at, show.doors_at) &&
        same(times.ends_at, show.ends_at)
      ) {
        return
      }
      await done(() => client.POST('/api/v1/shows/{show}/reschedule', { params, body: times }))
    },
    onSettled: () => cache.invalidateQueries({ queryKey: keys.shows }),
  })
}

export type SeatingSource =
  | { format: 'turnout'; plan: AdoptSeatingBody }
  | {
      format: 'file'
      text: string
      contentType: 'application/json' | 'application/vnd.pretix.seating-plan+json'
    }

export function useAdoptSeating(show: string) {
  const cache = useQueryClient()
  const params = { path: { show } }
  return useMutation({
    mutationFn: (source: SeatingSource) => {
      switch (source.format) {
        case 'turnout':
          return answer(() => client.PUT('/api/v1/shows/{show}/seating', { params, body: source.plan }))
        case 'file':
          // A file goes as it is: what is wrong with it, the server says by pointers into this very text.
          return answer(() =>
            client.PUT('/api/v1/shows/{show}/seating', {
              params,
              body: {},
              bodySerializer: () => source.text,
              headers: { 'Content-Type': source.contentType },
            }),
          )
      }
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.everythingOf(show) }),
  })
}

export function useSaveTicketType(show: string) {
  const cache = useQueryClient()
  const [intention] = useState(() => new Intention())
  return useMutation({
    mutationFn: async ({ id, body }: { id: string | null; body: TicketTypeBody }) => {
      if (id === null) {
        await answer(() =>
          client.POST('/api/v1/shows/{show}/ticket-types', {
            params: { path: { show }, header: { 'Idempotency-Key': intention.keyFor(body) } },
            body,
          }),
        )
      } else {
        await done(() =>
          client.PATCH('/api/v1/shows/{show}/ticket-types/{ticket_type}', {
            params: { path: { show, ticket_type: id } },
            body,
          }),
        )
      }
    },
    onSuccess: () => {
      intention.done()
      return cache.invalidateQueries({ queryKey: keys.everythingOf(show) })
    },
  })
}

export function usePublish(show: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: () => done(() => client.POST('/api/v1/shows/{show}/publish', { params: { path: { show } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.shows }),
  })
}

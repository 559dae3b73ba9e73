import { infiniteQueryOptions, keepPreviousData, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'
import type { VoidTicketBody } from '@/api/types'
import { readTicket } from '@/api/words'
import { Intention } from '@/lib/intention'

const TICKETS_PAGE = 50

export const ticketsQuery = (show: string, q: string) =>
  infiniteQueryOptions({
    queryKey: keys.ticketSearch(show, q),
    initialPageParam: '',
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) => {
      const page = await answer(() =>
        client.GET('/api/v1/shows/{show}/tickets', {
          params: {
            path: { show },
            query: {
              limit: TICKETS_PAGE,
              ...(q === '' ? {} : { q }),
              ...(pageParam === '' ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      )
      return { ...page, items: page.items.map(readTicket) }
    },
    getNextPageParam: (page) => page.next,
  })

export function useVoidTicket(show: string) {
  const cache = useQueryClient()
  const [intention] = useState(() => new Intention())
  return useMutation({
    mutationFn: ({ ticket, body }: { ticket: string; body: VoidTicketBody }) =>
      done(() =>
        client.POST('/api/v1/shows/{show}/tickets/{ticket}/void', {
          params: {
            path: { show, ticket },
            header: { 'Idempotency-Key': intention.keyFor({ ticket, body }) },
          },
          body,
        }),
      ),
    onSuccess: () => {
      intention.done()
      return Promise.all(
        [keys.tickets(show), keys.seats(show), keys.availability(show), keys.attendance(show)].map(
          (queryKey) => cache.invalidateQueries({ queryKey }),
        ),
      )
    },
  })
}

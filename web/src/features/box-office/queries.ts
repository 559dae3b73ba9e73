import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client } from '@/api/client'
import { keys } from '@/api/keys'
import type { IssueTicketBody } from '@/api/types'
import { isPassing } from '@/api/problem'
import { Intention } from '@/lib/intention'

const TRIES_MAX = 2

/**
 * The box-office sale, in one command. A lost answer is asked for again with the same key: the server sells
 * once and answers the same.
 */
export function useSell(show: string) {
  const cache = useQueryClient()
  const [intention] = useState(() => new Intention())
  return useMutation({
    retry: (failures, error) => failures < TRIES_MAX && isPassing(error),
    retryDelay: 800,
    mutationFn: (body: IssueTicketBody) =>
      answer(() =>
        client.POST('/api/v1/shows/{show}/tickets', {
          params: { path: { show }, header: { 'Idempotency-Key': intention.keyFor(body) } },
          body,
        }),
      ),
    onSuccess: () => {
      intention.done()
    },
    onSettled: () => {
      for (const queryKey of [
        keys.seats(show),
        keys.availability(show),
        keys.tickets(show),
        keys.attendance(show),
      ]) {
        void cache.invalidateQueries({ queryKey })
      }
    },
  })
}

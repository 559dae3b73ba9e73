/** Queries that several features ask, as option factories. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { readPosition } from '@/lib/position'
import { answer, answerAndHeaders, client } from './client'
import { keys } from './keys'
import { ApiProblem } from './problem'
import type { Seating } from './types'
import { readAvailability, readShow } from './words'
import { caughtUpAttendance, caughtUpAvailability, caughtUpSeats } from './live'

const SHOWS_PAGE = 50
const NO_SEATING: Seating = { sections: [] }

export const showsQuery = (q = '') =>
  infiniteQueryOptions({
    queryKey: keys.showList(q),
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const page = await answer(() =>
        client.GET('/api/v1/shows', {
          params: {
            query: {
              limit: SHOWS_PAGE,
              ...(q === '' ? {} : { q }),
              ...(pageParam === '' ? {} : { cursor: pageParam }),
            },
          },
          signal,
        }),
      )
      return { ...page, items: page.items.map(readShow) }
    },
    getNextPageParam: (page) => page.next,
  })

export const showQuery = (show: string) =>
  queryOptions({
    queryKey: keys.show(show),
    queryFn: async ({ signal }) =>
      readShow(
        await answer(() => client.GET('/api/v1/shows/{show}', { params: { path: { show } }, signal })),
      ),
  })

export const availabilityQuery = (show: string) =>
  queryOptions({
    queryKey: keys.availability(show),
    queryFn: async ({ signal }) => {
      const { data, headers } = await answerAndHeaders(() =>
        client.GET('/api/v1/shows/{show}/availability', { params: { path: { show } }, signal }),
      )
      return caughtUpAvailability(show, readPosition(headers), readAvailability(data))
    },
  })

export const seatingQuery = (show: string) =>
  queryOptions({
    queryKey: keys.seating(show),
    staleTime: 60_000,
    queryFn: async ({ signal }) => {
      try {
        return await answer(() =>
          client.GET('/api/v1/shows/{show}/seating', { params: { path: { show } }, signal }),
        )
      } catch (error) {
        // Nothing adopted yet. That the event itself is unknown, its own query says.
        if (error instanceof ApiProblem && error.status === 404) return NO_SEATING
        throw error
      }
    },
  })

export const seatsQuery = (show: string) =>
  queryOptions({
    queryKey: keys.seats(show),
    queryFn: async ({ signal }) => {
      const { data, headers } = await answerAndHeaders(() =>
        client.GET('/api/v1/shows/{show}/seats', { params: { path: { show } }, signal }),
      )
      return caughtUpSeats(show, readPosition(headers), data)
    },
  })

export const attendanceQuery = (show: string) =>
  queryOptions({
    queryKey: keys.attendance(show),
    queryFn: async ({ signal }) => {
      const { data, headers } = await answerAndHeaders(() =>
        client.GET('/api/v1/shows/{show}/attendance', { params: { path: { show } }, signal }),
      )
      return caughtUpAttendance(show, readPosition(headers), data)
    },
  })

export const ticketQuery = (ticket: string) =>
  queryOptions({
    queryKey: keys.ticket(ticket),
    queryFn: ({ signal }) =>
      answer(() => client.GET('/api/v1/tickets/{ticket}', { params: { path: { ticket } }, signal })),
  })

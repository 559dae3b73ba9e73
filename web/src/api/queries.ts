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

const LIST_PAGE = 200
/** Far more than any organization has; a list that never ends must not hang the page. */
const PAGES_MAX = 20

/** Short lists as a whole. */
export async function allPages<Item>(
  page: (cursor: { cursor?: string }) => Promise<{ items: Item[]; next: string | null }>,
): Promise<Item[]> {
  const items: Item[] = []
  let next: string | null = ''
  for (let pages = 0; next !== null && pages < PAGES_MAX; pages += 1) {
    const found: { items: Item[]; next: string | null } = await page(next === '' ? {} : { cursor: next })
    items.push(...found.items)
    next = found.next
  }
  return items
}

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

/** Members of the organization, those who are invited too. */
export const membersQuery = queryOptions({
  queryKey: keys.members,
  queryFn: async ({ signal }) => (await answer(() => client.GET('/api/v1/members', { signal }))).items,
})

export const settingsQuery = queryOptions({
  queryKey: keys.settings,
  queryFn: ({ signal }) => answer(() => client.GET('/api/v1/settings', { signal })),
})

/** All events by name, for choosing some and for naming those that something is bound to. */
export const allShowsQuery = queryOptions({
  queryKey: keys.allShows,
  staleTime: 60_000,
  queryFn: async ({ signal }) => {
    const items = await allPages((cursor) =>
      answer(() =>
        client.GET('/api/v1/shows', { params: { query: { limit: LIST_PAGE, ...cursor } }, signal }),
      ),
    )
    return items.map(readShow)
  },
})

/** What the history pages ask. The past does not change: what was answered once stays. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { answer, client } from '@/api/client'
import type { HistoryEvent, HistoryFilter } from '@/api/history'
import { keys } from '@/api/keys'
import { pageBefore, type Span } from './page-before'

/** As many as a wide screen has room for at four points each. */
export const PARTS = 240
const PAGE = 60
/** Rows that are kept; those at the far end go, and come back when they are scrolled to. */
const PAGES_MAX = 4
/** New events come to the end of a timeline while it is looked at. */
const TIMELINE_FRESH_MS = 15_000
/** A drag leaves many moments behind it; the latest some hundred are worth keeping. */
const MOMENT_KEPT_MS = 60_000

export const timelineQuery = (show: string) =>
  queryOptions({
    queryKey: keys.timeline(show),
    staleTime: TIMELINE_FRESH_MS,
    queryFn: ({ signal }) =>
      answer(() =>
        client.GET('/api/v1/history/timeline', { params: { query: { show, buckets: PARTS } }, signal }),
      ),
  })

export const eventQuery = (position: number) =>
  queryOptions({
    queryKey: keys.historyEvent(position),
    queryFn: ({ signal }) =>
      answer(() => client.GET('/api/v1/history/{position}', { params: { path: { position } }, signal })),
  })

const then = { staleTime: Infinity, gcTime: MOMENT_KEPT_MS, placeholderData: keepPreviousData, retry: false }

export const seatsAtQuery = (show: string, at: number) =>
  queryOptions({
    queryKey: keys.then(show, 'seats', at),
    ...then,
    queryFn: ({ signal }) =>
      answer(() =>
        client.GET('/api/v1/shows/{show}/seats', { params: { path: { show }, query: { at } }, signal }),
      ),
  })

export const availabilityAtQuery = (show: string, at: number) =>
  queryOptions({
    queryKey: keys.then(show, 'availability', at),
    ...then,
    queryFn: ({ signal }) =>
      answer(() =>
        client.GET('/api/v1/shows/{show}/availability', {
          params: { path: { show }, query: { at } },
          signal,
        }),
      ),
  })

export const attendanceAtQuery = (show: string, at: number) =>
  queryOptions({
    queryKey: keys.then(show, 'attendance', at),
    ...then,
    queryFn: ({ signal }) =>
      answer(() =>
        client.GET('/api/v1/shows/{show}/attendance', { params: { path: { show }, query: { at } }, signal }),
      ),
  })

export const salesAtQuery = (show: string, at: number) =>
  queryOptions({
    queryKey: keys.then(show, 'sales', at),
    ...then,
    queryFn: ({ signal }) =>
      answer(() => client.GET('/api/v1/reports/sales', { params: { query: { show, at } }, signal })),
  })

type Page = { behind: number } | { before: number }

interface Events {
  items: HistoryEvent[]
  /** Whether there may be more before the first, and behind the last. */
  earlier: number | null
  later: number | null
}

/** The events around a position, in both directions. */
export const eventsQuery = (filter: HistoryFilter, around: number, span: Span) =>
  infiniteQueryOptions({
    queryKey: keys.historyAround(filter, around),
    gcTime: MOMENT_KEPT_MS,
    placeholderData: keepPreviousData,
    maxPages: PAGES_MAX,
    initialPageParam: { before: around + 1 } satisfies Page,
    queryFn: ({ pageParam, signal }) =>
      'before' in pageParam
        ? before(filter, pageParam.before, span, signal)
        : behind(filter, pageParam.behind, signal),
    getPreviousPageParam: (page: Events): Page | null =>
      page.earlier === null ? null : { before: page.earlier },
    getNextPageParam: (page: Events): Page | null => (page.later === null ? null : { behind: page.later }),
  })

async function behind(filter: HistoryFilter, after: number, signal: AbortSignal): Promise<Events> {
  const { items, next } = await list({ ...filter, after, limit: PAGE }, signal)
  return { items, earlier: after + 1, later: next === null ? null : (items.at(-1)?.position ?? null) }
}

async function before(filter: HistoryFilter, end: number, span: Span, signal: AbortSignal): Promise<Events> {
  const { items, from } = await pageBefore(end, span, (after, limit) =>
    list({ ...filter, after, before: end, limit }, signal),
  )
  return { items, earlier: from <= span.first ? null : from, later: end - 1 }
}

/** The next event behind a position, or the last one before it; null at the end. */
export async function neighbourEvent(
  filter: HistoryFilter,
  position: number,
  direction: 1 | -1,
  span: Span,
): Promise<number | null> {
  if (direction === 1)
    return (await list({ ...filter, after: position, limit: 1 })).items[0]?.position ?? null
  const { items } = await pageBefore(position, span, (after, limit) =>
    list({ ...filter, after, before: position, limit }),
  )
  return items.at(-1)?.position ?? null
}

function list(
  query: HistoryFilter & { after: number; before?: number; limit: number },
  signal?: AbortSignal,
) {
  return answer(() => client.GET('/api/v1/history', { params: { query }, ...(signal ? { signal } : {}) }))
}

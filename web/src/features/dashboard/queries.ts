/** What the dashboard asks, as option factories; `asOf` asks for the same as it was then. */
import { keepPreviousData, queryOptions, infiniteQueryOptions } from '@tanstack/react-query'
import { answer, client } from '@/api/client'
import { keys } from '@/api/keys'
import type { ReportEvents } from '@/api/reports'

const REPORTS = ['sales', 'attendance', 'no-shows', 'occupancy', 'holds', 'refusals'] as const
export type ReportName = (typeof REPORTS)[number]
export type AsOf = string | null

/** Reports are asked again at most so often however much happens; the rest of the time they stand. */
const FRESH_MS = 30_000
const EVENTS_PAGE = 200
/** Seats of those who are in: so many tickets a page, and never more pages than the largest hall needs. */
const TICKETS_PAGE = 200
const TICKET_PAGES_MAX = 500

const moment = (asOf: AsOf): { as_of?: string } => (asOf === null ? {} : { as_of: asOf })
const filters = (show: string, by: string, asOf: AsOf) => ({ query: { show, by, ...moment(asOf) } })
const common = { staleTime: FRESH_MS, placeholderData: keepPreviousData }

export const salesQuery = (show: string, by: string, asOf: AsOf) =>
  queryOptions({
    queryKey: keys.report(show, 'sales', by, asOf),
    ...common,
    queryFn: ({ signal }) =>
      answer(() => client.GET('/api/v1/reports/sales', { params: filters(show, by, asOf), signal })),
  })

export const attendanceReportQuery = (show: string, by: string, asOf: AsOf) =>
  queryOptions({
    queryKey: keys.report(show, 'attendance', by, asOf),
    ...common,
    queryFn: ({ signal }) =>
      answer(() => client.GET('/api/v1/reports/attendance', { params: filters(show, by, asOf), signal })),
  })

export const noShowsQuery = (show: string, by: string, asOf: AsOf) =>
  queryOptions({
    queryKey: keys.report(show, 'no-shows', by, asOf),
    ...common,
    queryFn: ({ signal }) =>
      answer(() => client.GET('/api/v1/reports/no-shows', { params: filters(show, by, asOf), signal })),
  })

export const occupancyQuery = (show: string, asOf: AsOf) =>
  queryOptions({
    queryKey: keys.report(show, 'occupancy', 'section', asOf),
    ...common,
    queryFn: ({ signal }) =>
      answer(() =>
        client.GET('/api/v1/reports/occupancy', { params: filters(show, 'section', asOf), signal }),
      ),
  })

export const holdsQuery = (show: string, asOf: AsOf) =>
  queryOptions({
    queryKey: keys.report(show, 'holds', 'outcome', asOf),
    ...common,
    queryFn: ({ signal }) =>
      answer(() => client.GET('/api/v1/reports/holds', { params: filters(show, 'outcome', asOf), signal })),
  })

export const refusalsQuery = (show: string, by: string, asOf: AsOf) =>
  queryOptions({
    queryKey: keys.report(show, 'refusals', by, asOf),
    ...common,
    queryFn: ({ signal }) =>
      answer(() => client.GET('/api/v1/reports/refusals', { params: filters(show, by, asOf), signal })),
  })

/** Who was inside then; what is so now comes from the live query. */
export const attendanceThenQuery = (show: string, asOf: AsOf) =>
  queryOptions({
    queryKey: keys.report(show, 'attendance then', '', asOf),
    queryFn: ({ signal }) =>
      answer(() =>
        client.GET('/api/v1/shows/{show}/attendance', {
          params: { path: { show }, query: moment(asOf) },
          signal,
        }),
      ),
  })

export const seatsThenQuery = (show: string, asOf: AsOf) =>
  queryOptions({
    queryKey: keys.report(show, 'seats then', '', asOf),
    queryFn: ({ signal }) =>
      answer(() =>
        client.GET('/api/v1/shows/{show}/seats', {
          params: { path: { show }, query: moment(asOf) },
          signal,
        }),
      ),
  })

/** The seats whose tickets were admitted. Of the tickets nothing else is kept. */
export const admittedSeatsQuery = (show: string, asOf: AsOf) =>
  queryOptions({
    queryKey: keys.report(show, 'admitted seats', '', asOf),
    staleTime: FRESH_MS,
    queryFn: async ({ signal }) => {
      const seats = new Set<string>()
      let next: string | null = ''
      for (let pages = 0; next !== null && pages < TICKET_PAGES_MAX; pages += 1) {
        const cursor: { cursor?: string } = next === '' ? {} : { cursor: next }
        const page = await answer(() =>
          client.GET('/api/v1/shows/{show}/tickets', {
            params: { path: { show }, query: { limit: TICKETS_PAGE, ...cursor, ...moment(asOf) } },
            signal,
          }),
        )
        for (const { seat, admitted, status } of page.items) {
          if (seat !== null && admitted && status === 'valid') seats.add(seat)
        }
        next = page.next
      }
      return seats
    },
  })

/** The events that made a figure, a page at a time. `link` is what its row says. */
export const reportEventsQuery = (link: string) =>
  infiniteQueryOptions({
    queryKey: keys.reportEvents(link),
    initialPageParam: '',
    queryFn: ({ pageParam, signal }): Promise<ReportEvents> => {
      const { report, query } = readEventsLink(link)
      const cursor = pageParam === '' ? {} : { cursor: pageParam }
      const asked = { params: { query: { ...query, limit: EVENTS_PAGE, ...cursor } }, signal }
      switch (report) {
        case 'sales':
          return answer(() => client.GET('/api/v1/reports/sales/events', asked))
        case 'attendance':
          return answer(() => client.GET('/api/v1/reports/attendance/events', asked))
        case 'no-shows':
          return answer(() => client.GET('/api/v1/reports/no-shows/events', asked))
        case 'occupancy':
          return answer(() => client.GET('/api/v1/reports/occupancy/events', asked))
        case 'holds':
          return answer(() => client.GET('/api/v1/reports/holds/events', asked))
        case 'refusals':
          return answer(() => client.GET('/api/v1/reports/refusals/events', asked))
      }
    },
    getNextPageParam: (page) => page.next,
  })

export function readEventsLink(link: string): { report: ReportName; query: Record<string, string> } {
  const { pathname, searchParams } = new URL(link, globalThis.location.origin)
  const report = REPORTS.find((name) => pathname.endsWith(`/reports/${name}/events`))
  if (report === undefined) throw new Error(`No report has its events at ${pathname}`)
  return { report, query: Object.fromEntries(searchParams) }
}

/** Of the same events those that add to one of these figures. */
export function eventsOf(link: string, figures: readonly string[] | undefined): string {
  return figures === undefined
    ? link
    : `${link}&${new URLSearchParams({ figure: figures.join(',') }).toString()}`
}

/** The events of a report within a time, or of all of it. */
export function eventsLink(
  report: ReportName,
  show: string,
  asOf: AsOf,
  within?: { from: number; to: number },
): string {
  const query = new URLSearchParams({ show })
  if (within) {
    query.set('from', new Date(within.from).toISOString())
    query.set('to', new Date(within.to).toISOString())
  }
  if (asOf !== null) query.set('as_of', asOf)
  return `/api/v1/reports/${report}/events?${query.toString()}`
}

export const FORMATS = ['csv', 'xlsx', 'ndjson'] as const
export type Format = (typeof FORMATS)[number]

export function exportLink(report: ReportName, show: string, by: string, asOf: AsOf, format: Format): string {
  const query = new URLSearchParams({ show, by, format, ...(asOf === null ? {} : { as_of: asOf }) })
  return `/api/v1/reports/${report}?${query.toString()}`
}

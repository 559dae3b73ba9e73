import { useEffect, useState } from 'react'
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { seenPosition } from '@/lib/position'
import { actingAs, answer, client } from './client'
import { keys } from './keys'
import { showStatus } from './words'
import type { Attendance, Availability, Seats, SeatState } from './types'

/**
 * What changes in a show, as it happens. Messages go straight into the cached queries. A query's answer that
 * was under way meanwhile may be older than a message: answers carry their position, and the messages after
 * it are laid over them (`caughtUp…`).
 */
const money = z.object({ amount: z.number(), currency: z.string() })
const numbers = {
  capacity: z.number().nullable(),
  available: z.number().nullable(),
  held: z.number().nullable(),
  sold: z.number().nullable(),
  blocked: z.number().nullable(),
}
const level = z.enum(['plenty', 'few', 'none'])
const seatState = z.enum(['held', 'sold', 'blocked', 'taken']) satisfies z.ZodType<SeatState>
const availability = z.object({
  status: showStatus,
  on_sale: z.boolean(),
  ticket_types: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      prices: z.array(z.object({ category: z.string().nullable(), price: money })),
      level,
      ...numbers,
    }),
  ),
  sections: z.array(z.object({ name: z.string(), level, ...numbers })),
}) satisfies z.ZodType<Availability>
const attendance = z.looseObject({
  issued: z.number(),
  admitted: z.number(),
  inside: z.number(),
  departed: z.number(),
  refused: z.number(),
  overridden: z.number(),
  counted: z.number(),
}) satisfies z.ZodType<Attendance>

const liveMessage = z.object({
  position: z.number(),
  reset: z.boolean(),
  seats: z.record(z.string(), seatState.nullable()),
  availability: availability.nullish(),
  attendance: attendance.nullish(),
})
export type LiveMessage = z.infer<typeof liveMessage>

export function readLiveMessage(text: string): LiveMessage | null {
  try {
    return liveMessage.parse(JSON.parse(text))
  } catch {
    return null
  }
}

export function withChanges(seats: Seats, changes: LiveMessage['seats']): Seats {
  const next = { ...seats.seats }
  for (const [address, state] of Object.entries(changes)) {
    if (state === null) Reflect.deleteProperty(next, address)
    else next[address] = state
  }
  return { ...seats, seats: next }
}

/** Enough for the time that one query takes on the busiest evening. */
const REMEMBERED_MAX = 200
const remembered = new Map<string, LiveMessage[]>()

function remember(show: string, message: LiveMessage): void {
  const messages = remembered.get(show) ?? []
  messages.push(message)
  if (messages.length > REMEMBERED_MAX) messages.shift()
  remembered.set(show, messages)
}

const after = (show: string, position: number | null) =>
  position === null ? [] : (remembered.get(show) ?? []).filter((message) => message.position > position)

export function caughtUpSeats(show: string, position: number | null, seats: Seats): Seats {
  return after(show, position).reduce((sum, message) => withChanges(sum, message.seats), seats)
}

export function caughtUpAvailability(
  show: string,
  position: number | null,
  value: Availability,
): Availability {
  return after(show, position).findLast((message) => message.availability)?.availability ?? value
}

export function caughtUpAttendance(show: string, position: number | null, value: Attendance): Attendance {
  return after(show, position).findLast((message) => message.attendance)?.attendance ?? value
}

export function applyLiveMessage(cache: QueryClient, show: string, message: LiveMessage): void {
  if (message.reset) {
    // Another seating, or a gap too long to tell: everything anew.
    remembered.delete(show)
    void cache.invalidateQueries({ queryKey: keys.everythingOf(show) })
    return
  }
  remember(show, message)
  cache.setQueryData<Seats>(keys.seats(show), (old) => old && withChanges(old, message.seats))
  const { availability: places, attendance: people } = message
  if (places) {
    const before = cache.getQueryData<Availability>(keys.availability(show))
    cache.setQueryData<Availability>(keys.availability(show), places)
    if (before && before.status !== places.status) void cache.invalidateQueries({ queryKey: keys.show(show) })
  }
  if (people) cache.setQueryData<Attendance>(keys.attendance(show), people)
}

function refreshAll(cache: QueryClient, show: string): Promise<unknown> {
  return Promise.all(
    [keys.seats(show), keys.availability(show), keys.attendance(show)].map((queryKey) =>
      cache.invalidateQueries({ queryKey }),
    ),
  )
}

const RETRY_MS = 3_000
/** How long the server keeps a question open. */
const WAIT_SECONDS = 20

export type LiveStatus = 'connecting' | 'live' | 'interrupted' | 'paused'

/** Follows a show for as long as the page is open, as whoever the page acts as; not where it is to pause. */
export function useLive(show: string, paused = false): LiveStatus {
  const cache = useQueryClient()
  const [status, setStatus] = useState<LiveStatus>('connecting')
  useEffect(() => {
    if (paused) return
    const follow = actingAs() === 'device' ? followByAsking : followByEvents
    const end = follow(cache, show, setStatus)
    return () => {
      end()
      remembered.delete(show)
      setStatus('connecting')
    }
  }, [cache, show, paused])
  return paused ? 'paused' : status
}

type Follow = (cache: QueryClient, show: string, onStatus: (status: LiveStatus) => void) => () => void

/** The browser reconnects and resumes by itself; its cookie says who we are. */
const followByEvents: Follow = (cache, show, onStatus) => {
  if (typeof EventSource === 'undefined') return () => undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let source: EventSource
  const connect = () => {
    source = new EventSource(`/api/v1/shows/${encodeURIComponent(show)}/live`)
    source.onopen = () => {
      onStatus('live')
      // What happened between the first answers and this moment.
      void refreshAll(cache, show)
    }
    source.onmessage = (event: MessageEvent<unknown>) => {
      const message = typeof event.data === 'string' ? readLiveMessage(event.data) : null
      if (message) applyLiveMessage(cache, show, message)
    }
    source.onerror = () => {
      onStatus('interrupted')
      // Closed for good, as after a 503: the browser will not try again, so we do.
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(retry)
        retry = setTimeout(connect, RETRY_MS)
      }
    }
  }
  connect()
  return () => {
    clearTimeout(retry)
    source.close()
  }
}

/** A device's token goes in a header, which the browser's own live updates cannot carry: the same, by long polls. */
const followByAsking: Follow = (cache, show, onStatus) => {
  const ending = new AbortController()
  const { signal } = ending
  const ended = () => signal.aborted
  const ask = async (after: number) =>
    answer(() =>
      client.GET('/api/v1/shows/{show}/changes', {
        params: { path: { show }, query: { after, wait: WAIT_SECONDS } },
        signal,
      }),
    )
  const follow = async () => {
    let after = seenPosition()
    while (!ended()) {
      try {
        const message = liveMessage.parse(await ask(after))
        onStatus('live')
        // At the same position: a sales window opened or closed.
        const isNews = message.position > after || message.reset || Boolean(message.availability)
        if (isNews) applyLiveMessage(cache, show, message)
        after = message.position
      } catch {
        if (ended()) return
        onStatus('interrupted')
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
        // As after a reconnection: what was missed.
        void refreshAll(cache, show)
      }
    }
  }
  void follow()
  return () => {
    ending.abort()
  }
}

import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { keys } from '@/api/keys'

/** However fast tickets sell, reports are asked again at most so often. */
export const REFRESH_MS = 5_000

/**
 * Asks a show's reports again after something happened in it, as its live messages tell: soon, then no more often than
 * `REFRESH_MS`, never before the last answers are there, and only while the page is looked at.
 */
export function useFreshReports(show: string, paused: boolean): void {
  const cache = useQueryClient()
  useEffect(() => {
    if (paused) return
    const told = [keys.availability(show), keys.attendance(show), keys.seats(show)].map((key) =>
      JSON.stringify(key),
    )
    let timer: ReturnType<typeof setTimeout> | undefined
    let lastAt = 0
    let asking = false
    const happened = { since: false, ended: false }

    const again = () => happened.since && !happened.ended
    const soon = () => {
      if (timer !== undefined || asking || document.hidden) return
      timer = setTimeout(() => void refresh(), Math.max(400, lastAt + REFRESH_MS - Date.now()))
    }
    const refresh = async () => {
      timer = undefined
      happened.since = false
      asking = true
      lastAt = Date.now()
      await cache.invalidateQueries({ queryKey: keys.reports(show) })
      asking = false
      if (again()) soon()
    }
    const end = cache.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated' || event.action.type !== 'success') return
      if (!told.includes(event.query.queryHash)) return
      happened.since = true
      soon()
    })
    const onSight = () => {
      if (!document.hidden && again()) soon()
    }
    document.addEventListener('visibilitychange', onSight)
    return () => {
      happened.ended = true
      clearTimeout(timer)
      end()
      document.removeEventListener('visibilitychange', onSight)
    }
  }, [cache, show, paused])
}

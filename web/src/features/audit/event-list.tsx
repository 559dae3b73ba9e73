import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState, type Ref } from 'react'
import { useTranslation } from 'react-i18next'
import type { HistoryEvent, HistoryFilter } from '@/api/history'
import { useProblemText } from '@/api/problem-text'
import { eventName } from '@/lib/event-name'
import { formatMoment } from '@/lib/time'
import { Button } from '@/ui/button'
import { cx } from '@/ui/cx'
import { ErrorNotice } from '@/ui/error-state'
import { Loading, Skeleton } from '@/ui/surface'
import { eventsQuery } from './queries'
import type { Line } from './timeline'
import { useNames } from './use-names'

/** The events around a position, read from there to both ends. The rows far from where one reads are let go. */
export function useEventsAround(filter: HistoryFilter, at: number, line: Line) {
  const [around, setAround] = useState(at)
  const query = useInfiniteQuery(eventsQuery(filter, around, line))
  const { data } = query
  const events = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const [first, last] = [events[0], events.at(-1)]
  const here =
    around === at ||
    (first !== undefined &&
      last !== undefined &&
      (at >= first.position || !query.hasPreviousPage) &&
      (at <= last.position || !query.hasNextPage))
  if (!here && !query.isPlaceholderData && !query.isPending) setAround(at)
  /** The last one that had happened by then. */
  const current = events.findLast((event) => event.position <= at)
  return useMemo(() => ({ query, events, current }), [query, events, current])
}

/** Rendered only for what is new: a drag passes by many moments. */
export const EventList = memo(function EventList({
  around: { query, events, current },
  zone,
}: {
  around: ReturnType<typeof useEventsAround>
  zone: string
}) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const { actor } = useNames()
  const frame = useRef<HTMLDivElement>(null)
  const row = useRef<HTMLLIElement>(null)
  const first = events[0]?.position
  const before = useRef<{ first: number; height: number } | null>(null)

  // The one that had just happened stays in sight, without moving the page.
  useEffect(() => {
    const [box, element] = [frame.current, row.current]
    if (!box || !element) return
    const top = element.offsetTop
    if (top < box.scrollTop || top + element.offsetHeight > box.scrollTop + box.clientHeight) {
      box.scrollTop = top - box.clientHeight / 2
    }
  }, [current?.position])

  // What comes in above pushes nothing away from under the eye.
  useLayoutEffect(() => {
    const box = frame.current
    if (!box || first === undefined) return
    const was = before.current
    if (was !== null && first < was.first) box.scrollTop += box.scrollHeight - was.height
    before.current = { first, height: box.scrollHeight }
  }, [first, events.length])

  const { hasPreviousPage, hasNextPage, isFetching, fetchPreviousPage, fetchNextPage } = query
  useEffect(() => {
    // The ways to more are taken by themselves when they come into sight; the buttons are for whoever reads by keyboard.
    const box = frame.current
    if (!box || isFetching || typeof IntersectionObserver === 'undefined') return
    const observer = new IntersectionObserver(
      (seen) => {
        for (const { isIntersecting, target } of seen) {
          if (!isIntersecting || !(target instanceof HTMLElement)) continue
          if (target.dataset.more === 'earlier') void fetchPreviousPage()
          else void fetchNextPage()
        }
      },
      { root: box, rootMargin: '200px' },
    )
    for (const element of box.querySelectorAll('[data-more]')) observer.observe(element)
    return () => {
      observer.disconnect()
    }
  }, [hasPreviousPage, hasNextPage, isFetching, fetchPreviousPage, fetchNextPage, first])

  if (query.isPending) {
    return (
      <Loading label={t('app.loading')}>
        {Array.from({ length: 6 }, (_, at) => (
          <Skeleton key={at} className="mb-2 h-14" />
        ))}
      </Loading>
    )
  }
  return (
    <div>
      {query.error && <ErrorNotice {...explain(query.error)} />}
      <div
        ref={frame}
        role="region"
        aria-label={t('audit.events.title')}
        // Scrolled by keyboard, so it takes the focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="relative max-h-[32rem] overflow-y-auto rounded-xl border border-line [overflow-anchor:none]"
      >
        {query.hasPreviousPage && (
          <Button
            look="quiet"
            className="w-full"
            data-more="earlier"
            icon={<ChevronUp aria-hidden className="size-5" />}
            busy={query.isFetchingPreviousPage}
            onClick={() => void query.fetchPreviousPage()}
          >
            {t('audit.events.earlier')}
          </Button>
        )}
        {events.length === 0 && !query.hasPreviousPage && !query.hasNextPage && (
          <p className="px-4 py-6 text-muted">{t('audit.events.none')}</p>
        )}
        <ol aria-label={t('audit.events.title')} className="divide-y divide-line">
          {events.map((event) => (
            <Row
              key={event.position}
              event={event}
              zone={zone}
              who={actor(event.actor)}
              current={event === current}
              ref={event === current ? row : undefined}
            />
          ))}
        </ol>
        {query.hasNextPage && (
          <Button
            look="quiet"
            className="w-full"
            data-more="later"
            icon={<ChevronDown aria-hidden className="size-5" />}
            busy={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('audit.events.later')}
          </Button>
        )}
      </div>
    </div>
  )
})

const Row = memo(function Row({
  event,
  zone,
  who,
  current,
  ref,
}: {
  event: HistoryEvent
  zone: string
  who: string
  current: boolean
  ref?: Ref<HTMLLIElement> | undefined
}) {
  const { t } = useTranslation()
  return (
    <li ref={ref} aria-current={current || undefined} className={cx(current && 'bg-accent-soft')}>
      <Link
        to="/audit/$show"
        from="/audit/$show"
        search={(old) => ({ ...old, event: event.position, at: event.position })}
        resetScroll={false}
        preload={false}
        className="block px-4 py-2.5 hover:bg-sunken focus-visible:-outline-offset-3"
      >
        <span className="block font-medium [overflow-wrap:anywhere]">{event.sentence}</span>
        <span className="flex flex-wrap gap-x-3 text-sm text-muted tabular-nums">
          <time dateTime={event.recorded_at}>{formatMoment(event.recorded_at, zone)}</time>
          <span>{eventName(event.type)}</span>
          <span>{who}</span>
          <span>{t('audit.events.position', { at: event.position })}</span>
        </span>
      </Link>
    </li>
  )
})

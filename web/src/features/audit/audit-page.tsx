import { useIsFetching, useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ArrowLeft, Download } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { HistoryFilter } from '@/api/history'
import { keys } from '@/api/keys'
import { useProblemText } from '@/api/problem-text'
import { showQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import type { Show } from '@/api/types'
import { formatMoment } from '@/lib/time'
import { buttonClass } from '@/ui/button'
import { cx } from '@/ui/cx'
import { ErrorNotice } from '@/ui/error-state'
import { Card, EmptyState, Skeleton } from '@/ui/surface'
import { EventList, useEventsAround } from './event-list'
import { EventPanel } from './event-panel'
import { Filters } from './filters'
import { MomentView } from './moment-view'
import { neighbourEvent, PARTS, timelineQuery } from './queries'
import { Scrubber } from './scrubber'
import { exportLink, filterOf } from './search'
import { layOut, momentOf, type Line } from './timeline'
import { useThrottled } from './use-throttled'

const route = '/seller/audit/$show'
/** While dragging the server is asked at most so often: some seven pictures a second. */
const PICTURE_MS = 140
const LIST_MS = 500

/** A show's history: dragged through, read, explained, proved. */
export function AuditPage() {
  const { t } = useTranslation()
  const may = useMay()
  const { show } = useParams({ from: route })
  if (may('list_history')) return <Audit key={show} named={show} />
  return (
    <div className="mx-auto max-w-3xl px-4 py-10">
      <EmptyState title={t('problem.code.forbidden')}>{t('audit.forbidden')}</EmptyState>
    </div>
  )
}

function Audit({ named }: { named: string }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const { data: show } = useSuspenseQuery(showQuery(named))
  // Events know shows by their ids, the address of this page may have its slug.
  const { data: timeline, error } = useQuery(timelineQuery(show.id))
  const line = useMemo(() => timeline && layOut(timeline, PARTS), [timeline])
  const search = useSearch({ from: route })
  return (
    <div className="mx-auto w-full max-w-7xl px-4 py-5 sm:px-6">
      <div className="mb-4">
        <div className="min-w-0">
          <Link
            to="/events/$id"
            params={{ id: show.id }}
            className="inline-flex min-h-11 items-center gap-1.5 font-semibold text-muted hover:text-text"
          >
            <ArrowLeft aria-hidden className="size-5" />
            {show.name}
          </Link>
          <h1 className="text-2xl leading-tight font-bold sm:text-3xl">
            {t('audit.title', { name: show.name })}
          </h1>
        </div>
      </div>
      {error && !line ? (
        <ErrorNotice {...explain(error)} />
      ) : line ? (
        <History show={show} line={line} />
      ) : (
        <Skeleton className="h-96" />
      )}
      <Exports show={show.id} filter={filterOf(show.id, search)} />
    </div>
  )
}

function History({ show, line }: { show: Show; line: Line }) {
  const { t } = useTranslation()
  const search = useSearch({ from: route })
  const navigate = useNavigate({ from: '/audit/$show' })
  const filter = filterOf(show.id, search)
  const zone = show.timezone
  /** Where the handle is while it is held; the address says where it rests. */
  const [held, setHeld] = useState<number | null>(null)
  const rests = Math.min(line.last, Math.max(line.first, search.at ?? search.event ?? line.last))
  const at = held ?? rests
  // On the way each picture is waited for: of a long show, whoever broke them off would see none. Where the handle rests it is asked at once.
  const isAsked = useIsFetching({ queryKey: keys.allThen(show.id) }) > 0
  const shown = useThrottled(at, PICTURE_MS, held !== null && isAsked)
  // The list is read when the handle rests; on the way a glance is enough.
  const listed = useThrottled(at, held === null ? PICTURE_MS : LIST_MS)
  const around = useEventsAround(filter, listed, line)
  const { current } = around
  // Until the event is known, about when it was.
  const known = listed === at && current !== undefined && !around.query.isPlaceholderData
  const when = formatMoment(known ? current.recorded_at : momentOf(line, at), zone)
  const said = known ? current.sentence : ''

  const askSeat = useCallback(
    (seat: string) => void navigate({ search: (old) => ({ at: old.at, seat }), resetScroll: false }),
    [navigate],
  )
  const settle = (position: number) => {
    setHeld(null)
    void navigate({
      search: (old) => ({ ...old, at: position, event: undefined }),
      replace: true,
      resetScroll: false,
    })
  }
  const step = async (direction: 1 | -1) => {
    const { events } = around
    const from = direction === 1 ? at : (current?.position ?? at)
    const loaded =
      direction === 1
        ? events.find((event) => event.position > from)
        : events.findLast((event) => event.position < from)
    const to = loaded?.position ?? (await neighbourEvent(filter, from, direction, line).catch(() => null))
    if (to !== null) settle(to)
  }

  return (
    <>
      <Card className="mb-4 p-3 sm:p-4">
        <p className="mb-2 flex flex-wrap items-baseline justify-between gap-x-4">
          <span className="text-lg font-bold tabular-nums">{when}</span>
          <span className="text-sm text-muted tabular-nums">
            {t('audit.of', { at, count: line.events, events: line.events.toLocaleString('en') })}
          </span>
          <span className="line-clamp-2 min-h-6 basis-full [overflow-wrap:anywhere]">{said}</span>
        </p>
        <Scrubber
          line={line}
          at={at}
          zone={zone}
          label={t('audit.scrubber')}
          valueText={said === '' ? when : `${when}. ${said}`}
          onDrag={setHeld}
          onSettle={settle}
          onStep={(direction) => void step(direction)}
        />
        <ul className="mt-2 flex flex-wrap gap-x-4 text-sm">
          <li className="flex items-center gap-1.5">
            <span aria-hidden className="size-3 rounded-sm bg-(--chart-1)" />
            {t('audit.bars.sales')}
          </li>
          <li className="flex items-center gap-1.5">
            <span aria-hidden className="size-3 rounded-sm bg-(--chart-4)" />
            {t('audit.bars.door')}
          </li>
        </ul>
        <p className="mt-1 text-sm text-muted">{t('audit.scrubber_help')}</p>
      </Card>
      <div className="grid items-start gap-4 grid-cols-[minmax(0,1fr)] lg:grid-cols-2">
        <section aria-label={t('audit.then')} className={cx(search.event !== undefined && 'max-lg:order-2')}>
          <MomentView show={show} at={shown} line={line} onSeat={askSeat} />
        </section>
        <section aria-label={t('audit.events.title')} className="min-w-0">
          {search.event === undefined ? (
            <>
              <Filters show={show.id} zone={zone} search={search} />
              <EventList around={around} zone={zone} />
            </>
          ) : (
            <EventPanel position={search.event} zone={zone} />
          )}
        </section>
      </div>
    </>
  )
}

function Exports({ show, filter }: { show: string; filter: HistoryFilter }) {
  const { t } = useTranslation()
  const base = `/api/v1/shows/${encodeURIComponent(show)}`
  const links = [
    { name: t('audit.export.ndjson'), href: exportLink(filter) },
    { name: t('audit.export.bundle'), href: `${base}/bundle` },
    { name: t('audit.export.pdf'), href: `${base}/settlement?format=pdf` },
    { name: t('audit.export.csv'), href: `${base}/settlement?format=csv` },
  ]
  return (
    <section aria-labelledby="export-title" className="mt-6">
      <h2 id="export-title" className="text-lg font-bold">
        {t('audit.export.title')}
      </h2>
      <p className="mt-1 mb-3 max-w-prose text-muted">{t('audit.export.detail')}</p>
      <ul className="flex flex-wrap gap-2">
        {links.map(({ name, href }) => (
          <li key={href}>
            <a href={href} download className={buttonClass('secondary')}>
              <Download aria-hidden className="size-5" />
              {name}
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}

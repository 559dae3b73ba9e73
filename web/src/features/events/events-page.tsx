import { useQuery, useSuspenseInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { CalendarPlus, MapPin, Ticket } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { availabilityQuery, showsQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { totals } from '@/api/totals'
import type { Show } from '@/api/types'
import { dayParts, formatWhenShort } from '@/lib/time'
import { Button, buttonClass } from '@/ui/button'
import { Card, EmptyState, Meter, Skeleton } from '@/ui/surface'
import { StatusBadge } from './status-badge'

export function EventsPage() {
  const { t } = useTranslation()
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(showsQuery())
  const shows = data.pages.flatMap((page) => page.items)
  const may = useMay()
  const plan = may('schedule_show') && (
    <Link to="/events/new" className={buttonClass()}>
      <CalendarPlus aria-hidden className="size-5" />
      {t('events.plan')}
    </Link>
  )
  return (
    <div className="mx-auto w-full max-w-5xl px-4 py-6 sm:px-6 sm:py-10">
      <div className="mb-6 flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="text-3xl font-bold">{t('events.title')}</h1>
          <p className="mt-1 text-muted">{t('events.count', { count: shows.length })}</p>
        </div>
        {shows.length > 0 && plan}
      </div>
      {shows.length === 0 ? (
        <EmptyState
          icon={<Ticket aria-hidden className="size-7" />}
          title={t('events.none.title')}
          action={plan}
        >
          {t(plan === false ? 'events.none.wait' : 'events.none.detail')}
        </EmptyState>
      ) : (
        <ul className="grid gap-3">
          {shows.map((show) => (
            <EventRow key={show.id} show={show} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <div className="mt-6 text-center">
          <Button look="secondary" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('app.more')}
          </Button>
        </div>
      )}
    </div>
  )
}

function EventRow({ show }: { show: Show }) {
  const { t } = useTranslation()
  const { day, month } = dayParts(show.starts_at, show.timezone)
  return (
    <li>
      <Card className="relative grid grid-cols-[auto_1fr] gap-x-4 gap-y-3 p-4 transition-colors has-[a:hover]:border-edge sm:grid-cols-[auto_1fr_13rem] sm:items-center sm:p-5">
        <div
          aria-hidden
          className="flex size-14 flex-col items-center justify-center rounded-xl bg-accent-soft leading-none text-accent-strong"
        >
          <span className="text-xl font-bold tabular-nums">{day}</span>
          <span className="mt-1 text-xs font-semibold uppercase">{month}</span>
        </div>
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h2 className="min-w-0 text-lg leading-snug font-bold">
              {/* The whole card follows the link. */}
              <Link
                to="/events/$id"
                params={{ id: show.id }}
                className="after:absolute after:inset-0 after:rounded-2xl"
              >
                {show.name}
              </Link>
            </h2>
            <StatusBadge status={show.status} />
          </div>
          <p className="mt-1 text-muted">
            <time dateTime={show.starts_at}>{formatWhenShort(show.starts_at, show.timezone)}</time>
          </p>
          <p className="flex items-center gap-1.5 text-muted">
            <MapPin aria-hidden className="size-4 shrink-0" />
            <span className="truncate">{show.venue.name}</span>
          </p>
        </div>
        <div className="col-span-2 sm:col-span-1">
          {show.status === 'draft' ? (
            <p className="text-sm text-muted sm:text-right">{t('events.draft_hint')}</p>
          ) : (
            <Sold show={show} />
          )}
        </div>
      </Card>
    </li>
  )
}

function Sold({ show }: { show: Show }) {
  const { t } = useTranslation()
  const { data, isPending } = useQuery(availabilityQuery(show.id))
  const numbers = data ? totals(data) : null
  if (isPending) return <Skeleton className="h-9" />
  if (!numbers) return null
  const text = t('events.sold_of', { sold: numbers.sold, capacity: numbers.capacity })
  return (
    <>
      <p className="mb-1.5 text-sm tabular-nums sm:text-right">{text}</p>
      <Meter value={numbers.sold} of={numbers.capacity} label={text} />
    </>
  )
}

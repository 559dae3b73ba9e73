import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronRight, DoorOpen } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { showsQuery } from '@/api/queries'
import { meQuery } from '@/api/session'
import { formatWhenShort } from '@/lib/time'
import { Button } from '@/ui/button'
import { EmptyState } from '@/ui/surface'

export function ChooseEventPage() {
  const { t } = useTranslation()
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(showsQuery())
  const { data: me } = useSuspenseQuery(meQuery)
  const shows = data.pages
    .flatMap((page) => page.items)
    .filter((show) => show.status !== 'draft' && show.status !== 'cancelled')
    // A device's events are those that it was paired for.
    .filter((show) => me.shows === null || me.shows.includes(show.id))
  return (
    <div className="mx-auto w-full max-w-2xl px-4 py-6 sm:py-10">
      <h1 className="text-3xl font-bold">{t('door.choose.title')}</h1>
      <p className="mt-1 mb-6 text-muted">{t('door.choose.detail')}</p>
      {shows.length === 0 ? (
        <EmptyState icon={<DoorOpen aria-hidden className="size-7" />} title={t('door.choose.none.title')}>
          {t('door.choose.none.detail')}
        </EmptyState>
      ) : (
        <ul className="flex flex-col gap-3">
          {shows.map((show) => (
            <li key={show.id}>
              <Link
                to="/door/$id"
                params={{ id: show.id }}
                className="flex min-h-18 items-center gap-4 rounded-2xl border border-line bg-surface px-5 py-4 shadow-card hover:border-edge"
              >
                <span className="min-w-0 flex-1">
                  <span className="block text-lg leading-snug font-bold">{show.name}</span>
                  <span className="block text-muted">
                    {formatWhenShort(show.starts_at, show.timezone)} · {show.venue.name}
                  </span>
                </span>
                <ChevronRight aria-hidden className="size-6 shrink-0 text-muted" />
              </Link>
            </li>
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

import { useSuspenseInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { DoorOpen } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { showsQuery } from '@/api/queries'
import { meQuery } from '@/api/session'
import { ShowChoices } from '@/ui/show-choices'
import { EmptyState } from '@/ui/surface'

export function ChooseEventPage() {
  const { t } = useTranslation()
  const pages = useSuspenseInfiniteQuery(showsQuery())
  const { data: me } = useSuspenseQuery(meQuery)
  const shows = pages.data.pages
    .flatMap((page) => page.items)
    .filter((show) => show.status !== 'draft' && show.status !== 'cancelled')
    // A device's events are those that it was paired for.
    .filter((show) => me.shows === null || me.shows.includes(show.id))
  return (
    <div className="mx-auto w-full max-w-2xl px-4 py-6 sm:py-10">
      <h1 className="text-3xl font-bold">{t('door.choose.title')}</h1>
      <p className="mt-1 mb-6 text-muted">{t('door.choose.detail')}</p>
      <ShowChoices
        shows={shows}
        pages={pages}
        link={(show, className, content) => (
          <Link to="/door/$id" params={{ id: show.id }} className={className}>
            {content}
          </Link>
        )}
        none={
          <EmptyState icon={<DoorOpen aria-hidden className="size-7" />} title={t('door.choose.none.title')}>
            {t('door.choose.none.detail')}
          </EmptyState>
        }
      />
    </div>
  )
}

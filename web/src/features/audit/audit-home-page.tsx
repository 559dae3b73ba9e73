import { useSuspenseInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronRight, History } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { showsQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { formatWhenShort } from '@/lib/time'
import { Button } from '@/ui/button'
import { PageHead } from '@/ui/page-head'
import { EmptyState } from '@/ui/surface'

/** Of which show the history is looked at. */
export function AuditHomePage() {
  const { t } = useTranslation()
  const may = useMay()
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(showsQuery())
  const shows = data.pages.flatMap((page) => page.items)
  if (!may('list_history')) {
    return (
      <div className="mx-auto max-w-3xl px-4 py-10">
        <EmptyState title={t('problem.code.forbidden')}>{t('audit.forbidden')}</EmptyState>
      </div>
    )
  }
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-6 sm:py-10">
      <PageHead title={t('audit.home.title')} detail={t('audit.home.detail')} />
      {shows.length === 0 ? (
        <EmptyState icon={<History aria-hidden className="size-7" />} title={t('audit.home.none')} />
      ) : (
        <ul className="flex flex-col gap-3">
          {shows.map((show) => (
            <li key={show.id}>
              <Link
                to="/audit/$show"
                params={{ show: show.id }}
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

import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { formatWhenShort } from '@/lib/time'
import { Button } from './button'

interface Choice {
  id: string
  name: string
  starts_at: string
  timezone: string
  venue: { name: string }
}

/** Shows to choose one of, a page at a time. Which they are, and where each leads, is the page's business. */
export function ShowChoices({
  shows,
  pages: { hasNextPage, fetchNextPage, isFetchingNextPage },
  link,
  none,
}: {
  shows: readonly Choice[]
  /** The query that they come from. */
  pages: { hasNextPage: boolean; fetchNextPage: () => Promise<unknown>; isFetchingNextPage: boolean }
  /** The way to a show: a link with this look and content. */
  link: (show: Choice, className: string, content: ReactNode) => ReactNode
  /** In place of the list when there is no show. */
  none: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <>
      {shows.length === 0 ? (
        none
      ) : (
        <ul className="flex flex-col gap-3">
          {shows.map((show) => (
            <li key={show.id}>
              {link(
                show,
                'flex min-h-18 items-center gap-4 rounded-2xl border border-line bg-surface px-5 py-4 shadow-card hover:border-edge',
                <>
                  <span className="min-w-0 flex-1">
                    <span className="block text-lg leading-snug font-bold">{show.name}</span>
                    <span className="block text-muted">
                      {formatWhenShort(show.starts_at, show.timezone)} · {show.venue.name}
                    </span>
                  </span>
                  <ChevronRight aria-hidden className="size-6 shrink-0 text-muted" />
                </>,
              )}
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
    </>
  )
}

import { useInfiniteQuery } from '@tanstack/react-query'
import { createContext, useContext, useState, type ReactNode } from 'react'
import { ListTree } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import type { ReportEvent } from '@/api/reports'
import { WhyLink } from '@/api/why-link'
import { formatMoment } from '@/lib/time'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { Loading, Skeleton } from '@/ui/surface'
import { figuresOf, words } from './event-words'
import { formatCount, formatMoney } from './figures'
import { readEventsLink, reportEventsQuery } from './queries'

interface Opened {
  title: string
  link: string
  /** Only those events that add to this one of the report's figures. */
  figure?: string | undefined
}

const Context = createContext<(opened: Opened) => void>(() => undefined)

/** Opens the events that made a figure. */
export const useOpenEvents = () => useContext(Context)

export function EventsDrawer({ zone, children }: { zone: string; children: ReactNode }) {
  const { t } = useTranslation()
  const [opened, setOpened] = useState<Opened | null>(null)
  return (
    <Context value={setOpened}>
      {children}
      {opened && (
        <Dialog
          open
          onOpenChange={() => {
            setOpened(null)
          }}
          title={opened.title}
          description={t('dashboard.events.detail')}
          closeLabel={t('app.close')}
        >
          <Events link={opened.link} figure={opened.figure} zone={zone} />
        </Dialog>
      )}
    </Context>
  )
}

function Events({ link, figure, zone }: Omit<Opened, 'title'> & { zone: string }) {
  const { t } = useTranslation()
  const problem = useProblemText()
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    reportEventsQuery(link),
  )
  if (isPending) {
    return (
      <Loading label={t('app.loading')}>
        <Skeleton className="h-14" />
        <Skeleton className="mt-2 h-14" />
        <Skeleton className="mt-2 h-14" />
      </Loading>
    )
  }
  if (!data) return <ErrorNotice {...problem(error)} />
  const { show } = readEventsLink(link).query
  const events = data.pages
    .flatMap((page) => page.items)
    .filter((event) => figure === undefined || figuresOf(event).some((one) => one.figure === figure))
  if (events.length === 0 && !hasNextPage) return <p className="text-muted">{t('dashboard.events.none')}</p>
  return (
    <>
      <ol className="divide-y divide-line">
        {events.map((event, at) => (
          <Event key={`${event.position}-${at}`} event={event} zone={zone} show={show} />
        ))}
      </ol>
      {error && (
        <div className="mt-3">
          <ErrorNotice {...problem(error)} />
        </div>
      )}
      {hasNextPage && (
        <Button
          look="secondary"
          className="mt-3 w-full"
          busy={isFetchingNextPage}
          onClick={() => void fetchNextPage()}
        >
          {t('app.more')}
        </Button>
      )}
    </>
  )
}

function Event({ event, zone, show }: { event: ReportEvent; zone: string; show: string | undefined }) {
  const { t, i18n } = useTranslation()
  const name = (figure: string) => {
    const known: unknown = i18n.getResource('en', 'translation', `dashboard.figure.${figure}`)
    return typeof known === 'string' ? known : words(figure)
  }
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 py-2.5">
      <p className="font-semibold">{words(event.type)}</p>
      <p className="text-sm text-muted tabular-nums">
        {t('dashboard.events.position', { at: event.position })}
      </p>
      <p className="text-sm text-muted tabular-nums">
        <time dateTime={event.at}>{formatMoment(event.at, zone)}</time>
      </p>
      <p className="col-span-2 text-sm tabular-nums">
        {figuresOf(event)
          .map(
            ({ figure, value }) =>
              `${name(figure)} ${typeof value === 'number' ? formatCount(value) : formatMoney(value)}`,
          )
          .join(' · ')}
      </p>
      {show !== undefined && (
        <WhyLink
          show={show}
          why={{ event: event.position }}
          label={t('audit.why.of_event', { at: event.position })}
        >
          {t('audit.why.link')}
        </WhyLink>
      )}
    </li>
  )
}

/** Beside a figure: the way to its events. */
export function EventsButton({ title, link, figure }: Opened) {
  const { t } = useTranslation()
  const open = useOpenEvents()
  return (
    <button
      type="button"
      title={t('dashboard.events.show')}
      aria-label={t('dashboard.events.of', { figure: title })}
      onClick={() => {
        open({ title, link, figure })
      }}
      className="inline-flex size-9 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-text print:hidden"
    >
      <ListTree aria-hidden className="size-4.5" />
    </button>
  )
}

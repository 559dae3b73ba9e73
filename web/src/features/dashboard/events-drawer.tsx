import { useInfiniteQuery } from '@tanstack/react-query'
import { createContext, useContext, useMemo, useState, type ReactNode } from 'react'
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
import { figuresOf, sumsOf, words, type Figure } from './event-words'
import { formatCount, formatMoney } from './figures'
import { eventsOf, readEventsLink, reportEventsQuery } from './queries'

interface Opened {
  title: string
  link: string
  /** Only those events that add to one of these figures of the report; of all where there are none. */
  figures?: readonly string[] | undefined
  /** The zone of its event, where that is not the page's. */
  zone?: string | undefined
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
          <Events {...opened} zone={opened.zone ?? zone} />
        </Dialog>
      )}
    </Context>
  )
}

function Events({ link, figures, zone }: Pick<Opened, 'link' | 'figures'> & { zone: string }) {
  const { t } = useTranslation()
  const problem = useProblemText()
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    reportEventsQuery(eventsOf(link, figures)),
  )
  const events = useMemo(() => data?.pages.flatMap((page) => page.items), [data])
  if (isPending) {
    return (
      <Loading label={t('app.loading')}>
        <Skeleton className="h-14" />
        <Skeleton className="mt-2 h-14" />
        <Skeleton className="mt-2 h-14" />
      </Loading>
    )
  }
  if (!events) return <ErrorNotice {...problem(error)} />
  const { show } = readEventsLink(link).query
  if (events.length === 0) return <p className="text-muted">{t('dashboard.events.none')}</p>
  return (
    <>
      <ol className="divide-y divide-line">
        {events.map((event, at) => (
          <Event key={`${event.position}-${at}`} event={event} figures={figures} zone={zone} show={show} />
        ))}
      </ol>
      {figures && !hasNextPage && <Together events={events} figures={figures} />}
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
          onClick={() => {
            void fetchNextPage()
          }}
        >
          {t('app.more')}
        </Button>
      )}
    </>
  )
}

function useFigureText(): (one: Figure) => string {
  const { i18n } = useTranslation()
  return ({ figure, value }) => {
    const known: unknown = i18n.getResource('en', 'translation', `dashboard.figure.${figure}`)
    const name = typeof known === 'string' ? known : words(figure)
    return `${name} ${typeof value === 'number' ? formatCount(value) : formatMoney(value)}`
  }
}

/** What all of the events add, so that whoever looks sees that it is the figure. */
function Together({ events, figures }: { events: readonly ReportEvent[]; figures: readonly string[] }) {
  const { t } = useTranslation()
  const write = useFigureText()
  return (
    <p className="border-t border-edge pt-2.5 font-semibold tabular-nums">
      {t('dashboard.events.together', { figures: sumsOf(events, figures).map(write).join(' · ') })}
    </p>
  )
}

function Event({
  event,
  figures,
  zone,
  show,
}: {
  event: ReportEvent
  figures: readonly string[] | undefined
  zone: string
  show: string | undefined
}) {
  const { t } = useTranslation()
  const write = useFigureText()
  const asked = (one: Figure) => figures === undefined || figures.includes(one.figure)
  const added = figuresOf(event)
  const others = added.filter((one) => !asked(one)).map(write)
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 py-2.5">
      <p className="font-semibold">{words(event.type)}</p>
      <p className="text-sm text-muted tabular-nums">
        {t('dashboard.events.position', { at: event.position })}
      </p>
      <p className="text-sm text-muted tabular-nums">
        <time dateTime={event.at}>{formatMoment(event.at, zone)}</time>
      </p>
      <p data-testid="adds" className="col-span-2 text-sm tabular-nums">
        {added.filter(asked).map(write).join(' · ')}
        {others.length > 0 && <span className="text-muted"> · {others.join(' · ')}</span>}
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
export function EventsButton(opened: Opened) {
  const { t } = useTranslation()
  const open = useOpenEvents()
  return (
    <button
      type="button"
      title={t('dashboard.events.show')}
      aria-label={t('dashboard.events.of', { figure: opened.title })}
      onClick={() => {
        open(opened)
      }}
      className="inline-flex size-9 items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-text print:hidden"
    >
      <ListTree aria-hidden className="size-4.5" />
    </button>
  )
}

/** A figure in a text or a table: itself the way to its events. */
export function EventsText({ children, ...opened }: Opened & { children: ReactNode }) {
  const { t } = useTranslation()
  const open = useOpenEvents()
  return (
    <button
      type="button"
      title={t('dashboard.events.show')}
      onClick={() => {
        open(opened)
      }}
      className="min-h-6 rounded text-left decoration-dotted underline-offset-4 hover:text-text hover:decoration-solid print:no-underline underline"
    >
      {children}
    </button>
  )
}

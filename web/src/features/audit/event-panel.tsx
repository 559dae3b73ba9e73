import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ArrowLeft, Copy } from 'lucide-react'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Because, ExplainedEvent } from '@/api/history'
import { useProblemText } from '@/api/problem-text'
import { eventName } from '@/lib/event-name'
import { formatMoment } from '@/lib/time'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { Card, Loading, Skeleton } from '@/ui/surface'
import { ProofCheck } from './proof-check'
import { eventQuery } from './queries'
import { useNames } from './use-names'

/** An event: what, who, when, as it is stored, what it came from and led to, and whether that can be trusted. */
export function EventPanel({ position, zone }: { position: number; zone: string }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const { data: event, error } = useQuery(eventQuery(position))
  const title = useRef<HTMLHeadingElement>(null)
  const shown = event?.position
  useEffect(() => {
    // Whoever opened it reads on here, also where it stands below what they came from.
    title.current?.focus({ preventScroll: true })
    title.current?.scrollIntoView({ block: 'nearest' })
  }, [shown])
  return (
    <Card className="p-4 sm:p-5">
      <Link
        to="/audit/$show"
        from="/audit/$show"
        search={(old) => ({ ...old, event: undefined })}
        resetScroll={false}
        className="inline-flex min-h-11 items-center gap-1.5 font-semibold text-muted hover:text-text"
      >
        <ArrowLeft aria-hidden className="size-5" />
        {t('audit.event.back')}
      </Link>
      {error ? (
        <ErrorNotice {...explain(error)} />
      ) : event ? (
        <article aria-labelledby="event-title">
          <h2
            ref={title}
            id="event-title"
            tabIndex={-1}
            className="text-xl font-bold [overflow-wrap:anywhere] outline-none"
          >
            {event.sentence}
          </h2>
          <Facts event={event} zone={zone} />
          <Causes because={event.because} zone={zone} />
          <Payload payload={event.payload} />
          <ProofCheck key={event.position} event={event} />
        </article>
      ) : (
        <Loading label={t('app.loading')}>
          <Skeleton className="h-40" />
        </Loading>
      )}
    </Card>
  )
}

function Facts({ event, zone }: { event: ExplainedEvent; zone: string }) {
  const { t } = useTranslation()
  const { actor, devices } = useNames()
  const device = devices?.find(({ id }) => id === event.device)?.name ?? event.device
  return (
    <dl className="mt-3 grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1.5 text-[0.95rem]">
      <Fact term={t('audit.event.when')}>
        <time dateTime={event.recorded_at}>{formatMoment(event.recorded_at, zone)}</time>
        <span className="block font-mono text-sm text-muted">{event.recorded_at}</span>
      </Fact>
      <Fact term={t('audit.event.who')}>
        {actor(event.actor)}
        <Id>{event.actor}</Id>
        <FilterLink search={{ actor: event.actor }}>{t('audit.event.all_of_actor')}</FilterLink>
      </Fact>
      <Fact term={t('audit.event.through')}>
        {event.channel === null && device === null
          ? t('audit.event.nothing')
          : [event.channel?.replaceAll('_', ' '), device].filter((part) => part).join(' · ')}
        {event.device !== null && (
          <FilterLink search={{ device: event.device }}>{t('audit.event.all_of_device')}</FilterLink>
        )}
      </Fact>
      <Fact term={t('audit.event.what')}>
        {eventName(event.type)}
        <FilterLink search={{ type: event.type }}>{t('audit.event.all_of_type')}</FilterLink>
      </Fact>
      <Fact term={t('audit.event.where')}>
        {t('audit.event.place', { position: event.position, version: event.version })}
        <FilterLink search={{ correlation: event.correlation }}>{t('audit.event.all_of_request')}</FilterLink>
      </Fact>
    </dl>
  )
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{term}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </>
  )
}

const Id = ({ children }: { children: ReactNode }) => (
  <span className="block font-mono text-sm text-muted">{children}</span>
)

function FilterLink({
  search,
  children,
}: {
  search: { actor: string } | { device: string } | { type: string } | { correlation: string }
  children: ReactNode
}) {
  return (
    <Link
      to="/audit/$show"
      from="/audit/$show"
      search={(old) => ({ at: old.at, ...search })}
      resetScroll={false}
      className="block w-fit text-sm font-semibold text-accent underline-offset-4 hover:underline"
    >
      {children}
    </Link>
  )
}

const RELATIONS = ['reason', 'cause', 'same_request', 'effect', 'consequence'] as const

function Causes({ because, zone }: { because: readonly Because[]; zone: string }) {
  const { t } = useTranslation()
  return (
    <section aria-labelledby="why-title" className="mt-6">
      <h3 id="why-title" className="text-lg font-bold">
        {t('audit.why.title')}
      </h3>
      {because.length === 0 && <p className="mt-1 text-muted">{t('audit.why.none')}</p>}
      {RELATIONS.map((relation) => {
        const those = because.filter((one) => one.relation === relation)
        if (those.length === 0) return null
        return (
          <section key={relation} className="mt-3" aria-label={t(`audit.why.${relation}`)}>
            <h4 className="text-sm font-semibold text-muted">{t(`audit.why.${relation}`)}</h4>
            <ul className="mt-1 divide-y divide-line rounded-xl border border-line">
              {those.map((one) => (
                <li key={one.position}>
                  <Link
                    to="/audit/$show"
                    from="/audit/$show"
                    search={(old) => ({ ...old, event: one.position, at: one.position })}
                    resetScroll={false}
                    className="block px-3 py-2 hover:bg-sunken"
                  >
                    <span className="block font-medium [overflow-wrap:anywhere]">{one.sentence}</span>
                    <span className="block text-sm text-muted tabular-nums">
                      {formatMoment(one.recorded_at, zone)} ·{' '}
                      {t('audit.events.position', { at: one.position })}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        )
      })}
    </section>
  )
}

function Payload({ payload }: { payload: Record<string, unknown> }) {
  const { t } = useTranslation()
  const text = JSON.stringify(payload, null, 2)
  const [copied, setCopied] = useState(false)
  return (
    <div className="mt-6">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 id="payload-title" className="text-lg font-bold">
          {t('audit.event.payload')}
        </h3>
        <Button
          look="quiet"
          icon={<Copy aria-hidden className="size-5" />}
          onClick={() => {
            void navigator.clipboard.writeText(text).then(() => {
              setCopied(true)
            })
          }}
        >
          {copied ? t('audit.event.copied') : t('audit.event.copy')}
        </Button>
      </div>
      <pre
        // Scrolled by keyboard, so it takes the focus.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-labelledby="payload-title"
        role="region"
        className="mt-1 max-h-72 overflow-auto rounded-xl bg-sunken p-3 font-mono text-sm"
      >
        {text}
      </pre>
    </div>
  )
}

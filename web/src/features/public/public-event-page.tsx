import { useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { CalendarDays, DoorOpen, MapPin } from 'lucide-react'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '@/api/live'
import { availabilityQuery, showQuery } from '@/api/queries'
import type { Availability, Level, Show } from '@/api/types'
import { formatMoney } from '@/lib/money'
import { formatClock, formatWhen, formatWhenShort, zoneName } from '@/lib/time'
import { LiveDot } from '@/ui/live-dot'
import { Mark } from '@/ui/mark'
import { Badge, Card, Notice, type Tone } from '@/ui/surface'

const tones: Record<Level, Tone> = { plenty: 'ok', few: 'warn', none: 'plain' }

export function PublicEventPage() {
  const { t } = useTranslation()
  const { slug } = useParams({ from: '/e/$slug' })
  const { data: show } = useSuspenseQuery(showQuery(slug))
  const { data: availability, dataUpdatedAt } = useSuspenseQuery(availabilityQuery(slug))
  const live = useLive(slug)

  useEffect(() => {
    document.title = show.name
    return () => {
      document.title = t('app.name')
    }
  }, [show.name, t])

  const day = (instant: string) => new Date(instant)
  return (
    <div className="flex min-h-dvh flex-col">
      <main className="mx-auto grid w-full max-w-5xl flex-1 content-start gap-6 px-4 py-8 sm:px-6 sm:py-14 lg:grid-cols-[1fr_24rem] lg:gap-10">
        <div className="min-w-0">
          <h1 className="text-4xl leading-[1.1] font-extrabold sm:text-5xl">{show.name}</h1>
          <ul className="mt-6 flex flex-col gap-4 text-lg">
            <li className="flex gap-3">
              <CalendarDays aria-hidden className="mt-0.5 size-6 shrink-0 text-accent" />
              <div>
                <h2 className="sr-only">{t('public.when')}</h2>
                <p className="font-semibold">
                  <time dateTime={show.starts_at}>{formatWhen(show.starts_at, show.timezone)}</time>
                </p>
                <p className="text-base text-muted">
                  {t('public.local_time', { zone: zoneName(show.starts_at, show.timezone) })}
                  {show.ends_at !== null &&
                    ` · ${t('public.until', { time: formatClock(show.ends_at, show.timezone, day(show.starts_at)) })}`}
                </p>
              </div>
            </li>
            {show.doors_at !== null && (
              <li className="flex gap-3">
                <DoorOpen aria-hidden className="mt-0.5 size-6 shrink-0 text-accent" />
                <div>
                  <h2 className="sr-only">{t('public.doors')}</h2>
                  <p>
                    {t('public.doors_at', {
                      time: formatClock(show.doors_at, show.timezone, day(show.starts_at)),
                    })}
                  </p>
                </div>
              </li>
            )}
            <li className="flex gap-3">
              <MapPin aria-hidden className="mt-0.5 size-6 shrink-0 text-accent" />
              <div>
                <h2 className="sr-only">{t('public.where')}</h2>
                <p className="font-semibold">{show.venue.name}</p>
                {show.venue.address !== '' && <p className="text-base text-muted">{show.venue.address}</p>}
              </div>
            </li>
          </ul>
          {show.description !== '' && (
            <p className="mt-8 max-w-prose text-lg leading-relaxed whitespace-pre-line">{show.description}</p>
          )}
        </div>

        <div className="flex flex-col gap-4">
          <SalesState show={show} availability={availability} now={dataUpdatedAt} />
          <Card className="overflow-hidden">
            <div className="flex items-center justify-between gap-3 px-5 pt-4 pb-1">
              <h2 className="text-lg font-bold">{t('public.tickets')}</h2>
              <LiveDot status={live} text={t(`live.${live}`)} />
            </div>
            <ul className="divide-y divide-line">
              {availability.ticket_types.map((type) => (
                <li key={type.id} className="px-5 py-4">
                  <div className="flex items-center justify-between gap-3">
                    <h3 className="font-semibold">{type.name}</h3>
                    <Badge tone={tones[type.level]}>{t(`level.${type.level}`)}</Badge>
                  </div>
                  <ul className="mt-1.5">
                    {type.prices.map((price) => (
                      <li key={price.category ?? ''} className="flex justify-between gap-3 text-muted">
                        <span>{price.category ?? t('public.price')}</span>
                        <span className="font-semibold text-text tabular-nums">
                          {formatMoney(price.price)}
                        </span>
                      </li>
                    ))}
                  </ul>
                </li>
              ))}
            </ul>
          </Card>
          {availability.sections.length > 1 && (
            <Card className="p-5">
              <h2 className="mb-2 text-lg font-bold">{t('public.sections')}</h2>
              <ul className="grid grid-cols-2 gap-x-5 gap-y-2 lg:grid-cols-1">
                {availability.sections.map((section) => (
                  <li
                    key={section.name}
                    className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1"
                  >
                    <span className="min-w-0 [overflow-wrap:anywhere]">{section.name}</span>
                    <Badge tone={tones[section.level]}>{t(`level.${section.level}`)}</Badge>
                  </li>
                ))}
              </ul>
            </Card>
          )}
        </div>
      </main>
      <footer className="border-t border-line">
        <p className="mx-auto flex max-w-5xl items-center gap-2 px-4 py-5 text-sm text-muted sm:px-6">
          <Mark className="size-5" />
          {t('public.footer')}
        </p>
      </footer>
    </div>
  )
}

/** One sentence on whether tickets can be had, and from or until when. */
function SalesState({ show, availability, now }: { show: Show; availability: Availability; now: number }) {
  const { t } = useTranslation()
  switch (availability.status) {
    case 'draft':
      return <Notice tone="plain" title={t('public.state.draft')} />
    case 'cancelled':
      return (
        <Notice tone="bad" title={t('public.state.cancelled.title')}>
          {t('public.state.cancelled.detail')}
        </Notice>
      )
    case 'paused':
      return <Notice tone="warn" title={t('public.state.paused')} />
    case 'closed':
      return <Notice tone="plain" title={t('public.state.closed')} />
    case 'published': {
      const { opens_at, closes_at } = show.sales
      if (availability.on_sale) {
        const gone = availability.ticket_types.every((type) => type.level === 'none')
        if (gone) return <Notice tone="warn" title={t('public.state.sold_out')} />
        return (
          <Notice tone="ok" title={t('public.state.on_sale')}>
            {closes_at === null
              ? undefined
              : t('public.state.until', { time: formatWhenShort(closes_at, show.timezone) })}
          </Notice>
        )
      }
      if (opens_at !== null && Date.parse(opens_at) > now) {
        return (
          <Notice
            tone="accent"
            title={t('public.state.from', { time: formatWhenShort(opens_at, show.timezone) })}
          />
        )
      }
      return <Notice tone="plain" title={t('public.state.closed')} />
    }
  }
}

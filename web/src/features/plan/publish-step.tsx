import { Link } from '@tanstack/react-router'
import { CircleCheck, CircleDashed, ExternalLink, PartyPopper, ShoppingBag } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { pricesOf, type Seating, type Show } from '@/api/types'
import { formatMoney } from '@/lib/money'
import { formatWhen } from '@/lib/time'
import { Button, buttonClass } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { Card, EmptyState } from '@/ui/surface'
import { summarize } from './draft-seating'
import { usePublish } from './queries'

export function PublishStep({ show, seating }: { show: Show; seating: Seating }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const publish = usePublish(show.id)
  const places = summarize(seating).reduce(
    (sum, section) => sum + (section.seats ?? section.standing ?? 0),
    0,
  )
  const ready = places > 0 && show.ticket_types.length > 0

  if (show.status !== 'draft') {
    return (
      <EmptyState
        icon={<PartyPopper aria-hidden className="size-7" />}
        title={t('publish.published.title')}
        action={
          <div className="mt-2 flex flex-wrap justify-center gap-3">
            <Link to="/events/$id/sell" params={{ id: show.id }} className={buttonClass()}>
              <ShoppingBag aria-hidden className="size-5" />
              {t('event.sell')}
            </Link>
            <Link to="/e/$slug" params={{ slug: show.slug }} className={buttonClass('secondary')}>
              <ExternalLink aria-hidden className="size-5" />
              {t('event.public_page')}
            </Link>
          </div>
        }
      >
        {show.code_length === null ? undefined : t('publish.published.detail', { digits: show.code_length })}
      </EmptyState>
    )
  }
  return (
    <div className="flex flex-col gap-5">
      <Card className="p-5 sm:p-6">
        <h2 className="mb-3 text-lg font-bold">{t('publish.check')}</h2>
        <ul className="flex flex-col gap-3">
          <Point ready title={show.name}>
            {formatWhen(show.starts_at, show.timezone)}, {show.venue.name}
          </Point>
          <Point ready={places > 0} title={t('publish.places', { count: places })}>
            {places > 0
              ? seating.sections.map((section) => section.name).join(', ')
              : t('publish.places_missing')}
          </Point>
          <Point
            ready={show.ticket_types.length > 0}
            title={t('publish.types', { count: show.ticket_types.length })}
          >
            {show.ticket_types.length > 0
              ? show.ticket_types
                  .map(
                    (type) =>
                      `${type.name} (${pricesOf(type)
                        .map(({ price }) => formatMoney(price))
                        .join(' / ')})`,
                  )
                  .join(', ')
              : t('publish.types_missing')}
          </Point>
        </ul>
      </Card>
      <p className="text-muted">{t('publish.consequences')}</p>
      {publish.error && <ErrorNotice {...explain(publish.error)} />}
      <div>
        <Button
          busy={publish.isPending}
          disabled={!ready}
          onClick={() => {
            publish.mutate()
          }}
        >
          {t('publish.publish')}
        </Button>
      </div>
    </div>
  )
}

function Point({ ready, title, children }: { ready: boolean; title: string; children: ReactNode }) {
  const Icon = ready ? CircleCheck : CircleDashed
  return (
    <li className="flex gap-3">
      <Icon
        aria-hidden
        className={ready ? 'mt-0.5 size-6 shrink-0 text-ok' : 'mt-0.5 size-6 shrink-0 text-warn'}
      />
      <div className="min-w-0">
        <p className="font-semibold">{title}</p>
        <p className="text-muted [overflow-wrap:anywhere]">{children}</p>
      </div>
    </li>
  )
}

import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { ArrowLeft, Download, Eraser } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { allShowsQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import type { PersonDetails } from '@/api/types'
import { WhyLink } from '@/api/why-link'
import { formatWhenShort, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { PageHead } from '@/ui/page-head'
import { useSeatName } from '@/ui/seat-name'
import { Card, Loading, Notice, Skeleton } from '@/ui/surface'
import { EraseDialog } from './erase-dialog'
import { personQuery, useErase, useExport } from './queries'
import { usePurpose } from './use-purpose'

/** What is kept of one person. */
export function PersonView({ person }: { person: string }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const { q } = useSearch({ from: '/seller/settings/privacy' })
  const erase = useErase()
  const { data, error } = useQuery({ ...personQuery(person), enabled: !erase.isSuccess })
  return (
    <>
      <Link
        to="/settings/privacy"
        search={q === undefined ? {} : { q }}
        className="mb-2 inline-flex min-h-11 items-center gap-1.5 font-semibold text-muted hover:text-text"
      >
        <ArrowLeft aria-hidden className="size-5" />
        {t('privacy.back')}
      </Link>
      {erase.isSuccess ? (
        <Notice tone="ok" title={t('privacy.erase.done')}>
          {t('privacy.erase.stays')}
        </Notice>
      ) : data ? (
        <Known person={data} erase={erase} />
      ) : error ? (
        <ErrorNotice {...explain(error)} />
      ) : (
        <Loading label={t('app.loading')}>
          <Skeleton className="h-64" />
        </Loading>
      )}
    </>
  )
}

function Known({ person, erase }: { person: PersonDetails; erase: ReturnType<typeof useErase> }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const may = useMay()
  const purpose = usePurpose()
  const seatName = useSeatName()
  const { data: shows } = useSuspenseQuery(allShowsQuery)
  const file = useExport()
  const [erasing, setErasing] = useState(false)
  const showName = (id: string) => shows.find((show) => show.id === id)?.name ?? t('devices.unknown_show')
  const time = (instant: string) => formatWhenShort(instant, localZone())

  return (
    <>
      <PageHead
        title={person.name ?? person.email ?? t('members.nameless')}
        detail={[purpose(person.purpose), person.show === null ? null : showName(person.show)]
          .filter((part) => part !== null)
          .join(' · ')}
      />
      <div className="flex flex-col gap-5">
        <Card className="p-5 sm:p-6">
          <h2 className="mb-3 text-lg font-bold">{t('privacy.kept')}</h2>
          <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
            <Fact term={t('details.name')}>{person.name}</Fact>
            <Fact term={t('sign_in.email')}>{person.email}</Fact>
            <Fact term={t('privacy.phone')}>{person.phone}</Fact>
            <Fact term={t('privacy.locale')}>{person.locale}</Fact>
            <Fact term={t('privacy.since')}>{time(person.created_at)}</Fact>
            <Fact term={t('privacy.until')}>
              {person.erases_at === null ? t('privacy.until_removed') : time(person.erases_at)}
            </Fact>
          </dl>
        </Card>
        {person.texts.length > 0 && (
          <Card className="p-5 sm:p-6">
            <h2 className="mb-3 text-lg font-bold">{t('privacy.texts')}</h2>
            <ul className="grid gap-3">
              {person.texts.map((text) => (
                <li key={text.id}>
                  <p className="whitespace-pre-line [overflow-wrap:anywhere]">{text.text ?? '–'}</p>
                  <p className="text-sm text-muted">
                    {purpose(text.purpose)} · {time(text.created_at)}
                  </p>
                </li>
              ))}
            </ul>
          </Card>
        )}
        {person.orders.length > 0 && (
          <Card className="p-5 sm:p-6">
            <h2 className="mb-3 text-lg font-bold">{t('privacy.orders')}</h2>
            <ul className="grid gap-2">
              {person.orders.map((order) => (
                <li key={order.id} className="flex flex-wrap items-center gap-x-3">
                  <span className="font-mono font-semibold">{order.reference}</span>
                  <span className="text-muted">{showName(order.show)}</span>
                  <WhyLink show={order.show} why={{ order: order.id }}>
                    {t('audit.why.of_order')}
                  </WhyLink>
                </li>
              ))}
            </ul>
          </Card>
        )}
        {person.tickets.length > 0 && (
          <Card className="p-5 sm:p-6">
            <h2 className="mb-3 text-lg font-bold">{t('tickets.title')}</h2>
            <ul className="grid gap-2">
              {person.tickets.map((ticket) => (
                <li key={ticket.id} className="flex flex-wrap gap-x-3">
                  <span>{ticket.seat === null ? t('privacy.no_seat') : seatName(ticket.seat)}</span>
                  <span className="text-muted">{showName(ticket.show)}</span>
                </li>
              ))}
            </ul>
          </Card>
        )}
        {file.error && <ErrorNotice {...explain(file.error)} />}
        <div className="flex flex-wrap gap-3 max-sm:flex-col">
          {may('export_person') && (
            <Button
              look="secondary"
              busy={file.isPending}
              icon={<Download aria-hidden className="size-5" />}
              onClick={() => {
                file.mutate(person.id)
              }}
            >
              {t('privacy.export')}
            </Button>
          )}
          {may('erase_person') && (
            <Button
              look="danger"
              icon={<Eraser aria-hidden className="size-5" />}
              onClick={() => {
                erase.reset()
                setErasing(true)
              }}
            >
              {t('privacy.erase.action')}
            </Button>
          )}
        </div>
      </div>
      {erasing && (
        <EraseDialog
          name={person.name ?? person.email ?? t('members.nameless')}
          busy={erase.isPending}
          problem={erase.error && explain(erase.error)}
          onErase={(reason) => {
            erase.mutate({ person: person.id, reason })
          }}
          onClose={() => {
            setErasing(false)
          }}
        />
      )}
    </>
  )
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-sm text-muted">{term}</dt>
      <dd className="font-medium [overflow-wrap:anywhere]">{children ?? '–'}</dd>
    </div>
  )
}

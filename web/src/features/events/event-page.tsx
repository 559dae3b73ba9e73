import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import {
  CalendarDays,
  ChartNoAxesCombined,
  DoorOpen,
  ExternalLink,
  History,
  MapPin,
  PencilLine,
  ShoppingBag,
  Tickets,
} from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '@/api/live'
import { attendanceQuery, availabilityQuery, showQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { numbersOf, totals, type Numbers } from '@/api/totals'
import { formatWhen, zoneName } from '@/lib/time'
import { buttonClass } from '@/ui/button'
import { LiveDot } from '@/ui/live-dot'
import { Card, Meter, Notice } from '@/ui/surface'
import { GuessingNotice } from './guessing-notice'
import { SalesControls } from './sales-controls'
import { StatusBadge } from './status-badge'

export function EventPage() {
  const { t } = useTranslation()
  const { id } = useParams({ from: '/seller/events/$id' })
  const { data: show } = useSuspenseQuery(showQuery(id))
  const { data: availability } = useSuspenseQuery(availabilityQuery(id))
  const may = useMay()
  const { data: attendance } = useQuery({ ...attendanceQuery(id), enabled: may('get_attendance') })
  const live = useLive(id)
  const all = totals(availability)
  const draft = show.status === 'draft'

  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-6 sm:py-10">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
        <div className="min-w-0">
          <div className="mb-2 flex flex-wrap items-center gap-3">
            <StatusBadge status={show.status} />
            {!draft && <LiveDot status={live} text={t(`live.${live}`)} />}
          </div>
          <h1 className="text-3xl leading-tight font-bold sm:text-4xl">{show.name}</h1>
          <p className="mt-2 flex items-start gap-2 text-muted">
            <CalendarDays aria-hidden className="mt-0.5 size-5 shrink-0" />
            <span>
              <time dateTime={show.starts_at}>{formatWhen(show.starts_at, show.timezone)}</time>{' '}
              {zoneName(show.starts_at, show.timezone)}
            </span>
          </p>
          <p className="mt-1 flex items-start gap-2 text-muted">
            <MapPin aria-hidden className="mt-0.5 size-5 shrink-0" />
            <span>{[show.venue.name, show.venue.address].filter((part) => part !== '').join(', ')}</span>
          </p>
        </div>
        <SalesControls show={show} />
      </div>

      {!draft && may('list_history') && <GuessingNotice show={id} />}

      {draft ? (
        may('revise_show') && (
          <div className="mt-8">
            <Notice tone="accent" title={t('event.draft.title')}>
              <p className="mb-3">{t('event.draft.detail')}</p>
              <Link
                to="/events/$id/plan"
                params={{ id }}
                search={{ step: 'details' }}
                className={buttonClass()}
              >
                <PencilLine aria-hidden className="size-5" />
                {t('event.draft.continue')}
              </Link>
            </Notice>
          </div>
        )
      ) : (
        <nav aria-label={t('event.actions')} className="mt-7 grid grid-cols-2 gap-3 lg:grid-cols-6">
          {may('issue_ticket') && (
            <Link
              to="/events/$id/sell"
              params={{ id }}
              className={buttonClass('primary', 'max-sm:col-span-2')}
            >
              <ShoppingBag aria-hidden className="size-5" />
              {t('event.sell')}
            </Link>
          )}
          {may('list_tickets') && (
            <Link to="/events/$id/tickets" params={{ id }} className={buttonClass('secondary')}>
              <Tickets aria-hidden className="size-5" />
              {t('event.tickets')}
            </Link>
          )}
          {may('get_sales_report') && (
            <Link to="/events/$id/dashboard" params={{ id }} className={buttonClass('secondary')}>
              <ChartNoAxesCombined aria-hidden className="size-5" />
              {t('event.dashboard')}
            </Link>
          )}
          {may('check_in') && (
            <Link to="/door/$id" params={{ id }} className={buttonClass('secondary')}>
              <DoorOpen aria-hidden className="size-5" />
              {t('event.door')}
            </Link>
          )}
          {may('list_history') && (
            <Link to="/audit/$show" params={{ show: id }} className={buttonClass('secondary')}>
              <History aria-hidden className="size-5" />
              {t('event.audit')}
            </Link>
          )}
          <Link to="/e/$slug" params={{ slug: show.slug }} className={buttonClass('secondary')}>
            <ExternalLink aria-hidden className="size-5" />
            {t('event.public_page')}
          </Link>
        </nav>
      )}

      {all && (
        <section aria-label={t('event.numbers')} className="mt-7 grid grid-cols-2 gap-3 lg:grid-cols-4">
          <Figure
            label={t('numbers.sold')}
            value={all.sold}
            note={t('numbers.of', { capacity: all.capacity })}
          >
            <Meter value={all.sold} of={all.capacity} label={t('numbers.sold')} />
          </Figure>
          <Figure label={t('numbers.available')} value={all.available} />
          <Figure
            label={t('numbers.kept')}
            value={all.held + all.blocked}
            note={t('numbers.held_blocked', { held: all.held, blocked: all.blocked })}
          />
          {attendance && (
            <Figure
              label={t('numbers.inside')}
              value={attendance.inside}
              note={t('numbers.admitted', { admitted: attendance.admitted, issued: attendance.issued })}
            />
          )}
        </section>
      )}

      <div className="mt-7 grid items-start gap-5 lg:grid-cols-2">
        <NumbersTable
          title={t('event.by_type')}
          first={t('event.ticket_type')}
          rows={availability.ticket_types.map((type) => ({
            key: type.id,
            name: type.name,
            numbers: numbersOf(type),
          }))}
          empty={t('event.no_types')}
        />
        <NumbersTable
          title={t('event.by_section')}
          first={t('event.section')}
          rows={availability.sections.map((section) => ({
            key: section.name,
            name: section.name,
            numbers: numbersOf(section),
          }))}
          empty={t('event.no_sections')}
        />
      </div>
      {!draft && show.status !== 'cancelled' && may('revise_show') && (
        <p className="mt-6">
          <Link
            to="/events/$id/plan"
            params={{ id }}
            search={{ step: 'details' }}
            className="inline-flex min-h-11 items-center gap-2 font-semibold text-accent underline-offset-4 hover:underline"
          >
            <PencilLine aria-hidden className="size-5" />
            {t('event.change_plan')}
          </Link>
        </p>
      )}
    </div>
  )
}

function Figure({
  label,
  value,
  note,
  children,
}: {
  label: string
  value: number
  note?: string
  children?: ReactNode
}) {
  return (
    <Card className="flex flex-col gap-1 p-4 sm:p-5">
      <p className="text-sm font-semibold text-muted">{label}</p>
      <p className="text-3xl font-bold tracking-tight tabular-nums">{value.toLocaleString('en')}</p>
      {note !== undefined && <p className="text-sm text-muted tabular-nums">{note}</p>}
      {children !== undefined && <div className="mt-auto pt-1">{children}</div>}
    </Card>
  )
}

function NumbersTable({
  title,
  first,
  rows,
  empty,
}: {
  title: string
  first: string
  rows: readonly { key: string; name: string; numbers: Numbers | null }[]
  empty: string
}) {
  const { t } = useTranslation()
  const number = 'px-2 py-2.5 text-right tabular-nums last:pr-5'
  return (
    <Card className="overflow-hidden">
      <h2 className="px-5 pt-4 pb-2 text-lg font-bold">{title}</h2>
      {rows.length === 0 ? (
        <p className="px-5 pb-5 text-muted">{empty}</p>
      ) : (
        <table className="w-full text-[0.95rem]">
          <thead className="text-sm text-muted">
            <tr>
              <th scope="col" className="py-1 pl-5 text-left font-semibold">
                {first}
              </th>
              <th scope="col" className="px-2 text-right font-semibold">
                {t('numbers.sold')}
              </th>
              <th scope="col" className="px-2 text-right font-semibold max-sm:hidden">
                {t('numbers.kept')}
              </th>
              <th scope="col" className="pr-5 pl-2 text-right font-semibold">
                {t('numbers.available')}
              </th>
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map(({ key, name, numbers }) => (
              <tr key={key}>
                <th scope="row" className="py-2.5 pl-5 text-left font-medium [overflow-wrap:anywhere]">
                  {name}
                </th>
                <td className={number}>{numbers ? numbers.sold : '–'}</td>
                <td className={`${number} max-sm:hidden`}>
                  {numbers ? numbers.held + numbers.blocked : '–'}
                </td>
                <td className={number}>{numbers ? numbers.available : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  )
}

import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { AttendanceFigures, OccupancyFigures, Report, SalesFigures } from '@/api/reports'
import type { Attendance, Money } from '@/api/types'
import { Card, Meter, Skeleton } from '@/ui/surface'
import { EventsButton } from './events-drawer'
import { formatCount, formatMoney, formatShare, totalCount, totalIn } from './figures'
import { eventsLink, type AsOf } from './queries'

/** What there is to know at a glance. */
export function FiguresRow({
  show,
  asOf,
  currency,
  sales,
  occupancy,
  entries,
  attendance,
}: {
  show: string
  asOf: AsOf
  currency: string
  sales: UseQueryResult<Report<SalesFigures>>
  occupancy: UseQueryResult<Report<OccupancyFigures>>
  entries: UseQueryResult<Report<AttendanceFigures>>
  attendance: UseQueryResult<Attendance>
}) {
  const { t } = useTranslation()
  const sold = occupancy.data && totalCount(occupancy.data.totals, 'sold')
  const money = (name: 'gross' | 'refunded' | 'net' | 'cancelled' | 'tax'): Money | undefined =>
    sales.data && totalIn(sales.data.totals, name, currency)
  const places = (name: keyof OccupancyFigures) =>
    occupancy.data ? totalCount(occupancy.data.totals, name) : 0
  const came = (name: keyof AttendanceFigures) => entries.data && totalCount(entries.data.totals, name)
  const writeMoney = (value: Money | undefined) => value && formatMoney(value)
  const writeCount = (value: number | undefined) => (value === undefined ? undefined : formatCount(value))
  const salesLink = eventsLink('sales', show, asOf)
  const doorLink = eventsLink('attendance', show, asOf)

  return (
    <section
      aria-label={t('event.numbers')}
      className="mt-6 grid grid-cols-2 gap-3 lg:grid-cols-4 print:grid-cols-4"
    >
      <Figure
        label={t('numbers.sold')}
        figure="tickets"
        query={occupancy}
        value={writeCount(sold)}
        note={
          occupancy.data &&
          t('dashboard.of_share', {
            capacity: places('capacity'),
            share: formatShare(places('sold'), places('capacity')),
          })
        }
        link={salesLink}
      >
        {occupancy.data && <Meter value={sold ?? 0} of={places('capacity')} label={t('numbers.sold')} />}
      </Figure>
      <Figure
        label={t('dashboard.figure.gross')}
        figure="gross"
        query={sales}
        value={writeMoney(money('gross'))}
        note={sales.data && t('dashboard.cancelled', { amount: writeMoney(money('cancelled')) })}
        link={salesLink}
      />
      <Figure
        label={t('dashboard.figure.refunded')}
        figure="refunded"
        query={sales}
        value={writeMoney(money('refunded'))}
        link={salesLink}
      />
      <Figure
        label={t('dashboard.figure.net')}
        figure="net"
        query={sales}
        value={writeMoney(money('net'))}
        note={sales.data && t('dashboard.tax', { amount: writeMoney(money('tax')) })}
        link={salesLink}
      />
      <Figure
        label={t('numbers.available')}
        figure="available"
        query={occupancy}
        value={occupancy.data && writeCount(places('available'))}
        note={
          occupancy.data && t('numbers.held_blocked', { held: places('held'), blocked: places('blocked') })
        }
        link={eventsLink('occupancy', show, asOf)}
      />
      <Figure
        label={t('dashboard.figure.admitted')}
        figure="admitted"
        query={entries}
        value={writeCount(came('admitted'))}
        note={attendance.data && t('numbers.of', { capacity: attendance.data.issued })}
        link={doorLink}
      />
      <Figure
        label={asOf === null ? t('numbers.inside') : t('dashboard.inside_then')}
        query={attendance}
        value={writeCount(attendance.data?.inside)}
        note={attendance.data && t('dashboard.departed', { count: attendance.data.departed })}
        link={doorLink}
      />
      <Figure
        label={t('dashboard.figure.refused')}
        figure="refused"
        query={entries}
        value={writeCount(came('refused'))}
        note={entries.data && t('dashboard.overridden', { count: came('overridden') ?? 0 })}
        link={eventsLink('refusals', show, asOf)}
      />
    </section>
  )
}

function Figure({
  label,
  query,
  value,
  note,
  link,
  figure,
  children,
}: {
  label: string
  query: Pick<UseQueryResult, 'isPending' | 'isError'>
  value: string | undefined
  note?: string | undefined
  link: string
  figure?: string
  children?: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <Card className="relative flex min-w-0 flex-col gap-0.5 p-3.5 sm:p-4 print:p-2.5">
      <div className="-mt-1.5 -mr-1.5 flex items-center justify-between gap-1">
        <p className="text-sm font-semibold text-muted">{label}</p>
        <EventsButton title={label} link={link} figure={figure} />
      </div>
      {value !== undefined ? (
        <p className="text-xl font-bold tracking-tight [overflow-wrap:anywhere] tabular-nums sm:text-2xl print:text-lg">
          {value}
        </p>
      ) : query.isError ? (
        <p className="font-semibold text-bad">{t('dashboard.failed')}</p>
      ) : (
        <Skeleton className="h-8" />
      )}
      {note !== undefined && <p className="text-sm text-muted tabular-nums">{note}</p>}
      {children !== undefined && <div className="mt-auto pt-1 print:hidden">{children}</div>}
    </Card>
  )
}

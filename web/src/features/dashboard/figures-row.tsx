import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { AttendanceFigures, OccupancyFigures, Report, SalesFigures } from '@/api/reports'
import type { Attendance, Money } from '@/api/types'
import { cx } from '@/ui/cx'
import { Card, Meter, Skeleton } from '@/ui/surface'
import { EventsButton, EventsText } from './events-drawer'
import { formatCount, formatMoney, formatShare, totalCount, totalIn } from './figures'
import { eventsLink, type AsOf, type ReportName } from './queries'

/** What there is to know at a glance. */
export function FiguresRow({
  show,
  asOf,
  currency,
  sales,
  occupancy,
  entries,
  attendance,
  expected,
}: {
  show: string
  asOf: AsOf
  currency: string
  sales: UseQueryResult<Report<SalesFigures>>
  occupancy: UseQueryResult<Report<OccupancyFigures>>
  entries: UseQueryResult<Report<AttendanceFigures>>
  attendance: UseQueryResult<Attendance>
  /** Persons of valid tickets. */
  expected: number | undefined
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
  const made = (report: ReportName, ...figures: string[]): Made => ({
    link: eventsLink(report, show, asOf),
    figures,
  })

  return (
    <section
      aria-label={t('event.numbers')}
      className="mt-6 grid grid-cols-2 gap-3 lg:grid-cols-4 print:grid-cols-4"
    >
      <Figure
        label={t('numbers.sold')}
        made={made('occupancy', 'sold')}
        query={occupancy}
        value={writeCount(sold)}
        notes={
          occupancy.data && [
            {
              text: t('dashboard.of_share', {
                capacity: places('capacity'),
                share: formatShare(places('sold'), places('capacity')),
              }),
              of: t('dashboard.figure.capacity'),
              made: made('occupancy', 'capacity'),
            },
          ]
        }
      >
        {occupancy.data && <Meter value={sold ?? 0} of={places('capacity')} label={t('numbers.sold')} />}
      </Figure>
      <Figure
        label={t('dashboard.figure.gross')}
        made={made('sales', 'gross')}
        query={sales}
        value={writeMoney(money('gross'))}
        notes={
          sales.data && [
            {
              text: t('dashboard.cancelled', { amount: writeMoney(money('cancelled')) }),
              of: t('dashboard.figure.cancelled'),
              made: made('sales', 'cancelled'),
            },
          ]
        }
      />
      <Figure
        label={t('dashboard.figure.refunded')}
        made={made('sales', 'refunded')}
        query={sales}
        value={writeMoney(money('refunded'))}
      />
      <Figure
        label={t('dashboard.figure.net')}
        made={made('sales', 'net')}
        query={sales}
        value={writeMoney(money('net'))}
        notes={
          sales.data && [
            {
              text: t('dashboard.tax', { amount: writeMoney(money('tax')) }),
              of: t('dashboard.figure.tax'),
              made: made('sales', 'tax'),
            },
          ]
        }
      />
      <Figure
        label={t('numbers.available')}
        made={made('occupancy', 'available')}
        query={occupancy}
        value={occupancy.data && writeCount(places('available'))}
        notes={
          occupancy.data &&
          (['held', 'blocked'] as const).map((name) => ({
            text: t(`dashboard.${name}`, { count: places(name) }),
            of: t(`dashboard.figure.${name}`),
            made: made('occupancy', name),
          }))
        }
      />
      <Figure
        label={t('dashboard.figure.admitted')}
        made={made('attendance', 'admitted')}
        query={entries}
        value={writeCount(came('admitted'))}
        notes={
          expected === undefined
            ? undefined
            : [
                {
                  text: t('numbers.of', { capacity: expected }),
                  of: t('dashboard.figure.issued'),
                  made: made('no-shows', 'issued'),
                },
              ]
        }
      />
      <Figure
        label={asOf === null ? t('numbers.inside') : t('dashboard.inside_then')}
        made={made('attendance', 'admitted', 'returned', 'departed')}
        query={attendance}
        value={writeCount(attendance.data?.inside)}
        notes={
          attendance.data && [
            {
              text: t('dashboard.departed', { count: attendance.data.departed }),
              of: t('dashboard.figure.departed'),
              made: made('attendance', 'departed'),
            },
          ]
        }
      />
      <Figure
        label={t('dashboard.figure.refused')}
        made={made('refusals', 'refused')}
        query={entries}
        value={writeCount(came('refused'))}
        notes={
          entries.data && [
            {
              text: t('dashboard.overridden', { count: came('overridden') ?? 0 }),
              of: t('dashboard.figure.overridden'),
              made: made('refusals', 'overridden'),
            },
          ]
        }
      />
    </section>
  )
}

/** Where the events are that made a figure. */
interface Made {
  link: string
  figures: readonly string[]
}

interface Note {
  text: string
  /** What the figure in it is called. */
  of: string
  made: Made
}

function Figure({
  label,
  query,
  value,
  notes,
  made,
  children,
}: {
  label: string
  query: Pick<UseQueryResult, 'isPending' | 'isError'>
  value: string | undefined
  notes?: readonly Note[] | undefined
  made: Made
  children?: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <Card className="relative flex min-w-0 flex-col gap-0.5 p-3.5 sm:p-4 print:p-2.5">
      <div className="-mt-1.5 -mr-1.5 flex items-center justify-between gap-1">
        <p className="text-sm font-semibold text-muted">{label}</p>
        <EventsButton title={label} {...made} />
      </div>
      {value !== undefined ? (
        <p
          className={cx(
            'font-bold tracking-tight [overflow-wrap:anywhere] tabular-nums sm:text-2xl print:text-lg',
            sizeOf(value),
          )}
        >
          {value}
        </p>
      ) : query.isError ? (
        <p className="font-semibold text-bad">{t('dashboard.failed')}</p>
      ) : (
        <Skeleton className="h-8" />
      )}
      {notes && (
        <p className="flex flex-wrap gap-x-3 text-sm text-muted tabular-nums">
          {notes.map(({ text, of, made: its }) => (
            <EventsText key={of} title={of} {...its}>
              {text}
            </EventsText>
          ))}
        </p>
      )}
      {children !== undefined && <div className="mt-auto pt-1 print:hidden">{children}</div>}
    </Card>
  )
}

/** On a phone two figures stand side by side, and millions to the cent have to fit on one line. */
const sizeOf = (value: string): string =>
  value.length <= 11 ? 'text-xl' : value.length <= 13 ? 'text-base' : 'text-sm'

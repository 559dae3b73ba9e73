/** The cards that are tables: sales by something, refusals by reason, holds by outcome, who did not come. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReportKey } from '@/api/reports'
import { SelectField } from '@/ui/field'
import { words } from './event-words'
import { FigureTable } from './figure-table'
import { formatCount, formatMoney, formatShare, totalCount } from './figures'
import { holdsQuery, noShowsQuery, refusalsQuery, salesQuery, type AsOf } from './queries'
import { ReportCard } from './report-card'

const DIMENSIONS = ['ticket_type', 'channel', 'price', 'category', 'section', 'status'] as const
export type Dimension = (typeof DIMENSIONS)[number]

interface Asked {
  show: string
  asOf: AsOf
}

/** What a row of this dimension is called; words of the API in plain words where we know them. */
function useKeyName(): (key: ReportKey, dimension: Dimension) => string {
  const { t, i18n } = useTranslation()
  return (key, dimension) => {
    switch (dimension) {
      case 'ticket_type':
        return key.ticket_type?.name ?? t('dashboard.none')
      case 'price':
        return key.price ? formatMoney(key.price) : t('dashboard.none')
      case 'category':
      case 'section':
        return key[dimension] ?? t('dashboard.none')
      case 'channel':
      case 'status': {
        const word = key[dimension] ?? null
        if (word === null) return t('dashboard.none')
        const known: unknown = i18n.getResource('en', 'translation', `dashboard.${dimension}.${word}`)
        return typeof known === 'string' ? known : words(word)
      }
    }
  }
}

/** Sales by one dimension; by one to choose where there are several. */
export function SalesByCard({
  show,
  asOf,
  choices,
}: Asked & { choices: readonly [Dimension, ...Dimension[]] }) {
  const { t } = useTranslation()
  const [by, setBy] = useState<Dimension>(choices[0])
  const keyName = useKeyName()
  const query = useQuery(salesQuery(show, by, asOf))
  const chosen = choices.find((candidate) => candidate === by) ?? choices[0]
  const title = t('dashboard.sales_by.title', { by: t(`dashboard.sales_by.${chosen}`) })
  return (
    <ReportCard
      title={title}
      query={query}
      isEmpty={(report) => report.rows.length === 0}
      empty={t('dashboard.sales.none')}
      exports={{ report: 'sales', show, by: chosen, asOf }}
      controls={
        choices.length > 1 ? (
          <SelectField
            label={t('dashboard.sales_by.choose')}
            value={chosen}
            className="max-w-60"
            onChange={(event) => {
              const next = choices.find((candidate) => candidate === event.target.value)
              if (next) setBy(next)
            }}
          >
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {t(`dashboard.sales_by.${choice}`)}
              </option>
            ))}
          </SelectField>
        ) : undefined
      }
    >
      {(report) => {
        // While another dimension is on its way, the rows are still those of the one before.
        const dimension = DIMENSIONS.find((candidate) => candidate === report.by[0]) ?? chosen
        const all = totalCount(report.totals, 'tickets')
        return (
          <FigureTable
            caption={title}
            roomy={[2, 3]}
            head={[
              t(`dashboard.sales_by.${dimension}`),
              t('dashboard.figure.tickets'),
              t('dashboard.figure.gross'),
              t('dashboard.figure.refunded'),
              t('dashboard.figure.net'),
            ]}
            rows={report.rows.map((row, at) => ({
              key: String(at),
              name: keyName(row.key, dimension),
              share: all > 0 ? row.tickets / all : 0,
              cells: [
                formatCount(row.tickets),
                formatMoney(row.gross),
                formatMoney(row.refunded),
                formatMoney(row.net),
              ],
              link: row.events,
            }))}
          />
        )
      }}
    </ReportCard>
  )
}

export function RefusalsCard({ show, asOf }: Asked) {
  const { t, i18n } = useTranslation()
  const query = useQuery(refusalsQuery(show, 'reason', asOf))
  const reasonName = (reason: string | null | undefined) => {
    if (reason === null || reason === undefined) return t('dashboard.none')
    const known: unknown = i18n.getResource('en', 'translation', `door.reason.${reason}`)
    return typeof known === 'string' ? known : words(reason)
  }
  return (
    <ReportCard
      title={t('dashboard.refusals.title')}
      detail={t('dashboard.refusals.detail')}
      query={query}
      isEmpty={(report) => report.rows.length === 0}
      empty={t('dashboard.refusals.none')}
      exports={{ report: 'refusals', show, by: 'reason', asOf }}
    >
      {(report) => {
        const all = totalCount(report.totals, 'refused')
        const rows = report.rows.toSorted((a, b) => b.refused - a.refused)
        return (
          <FigureTable
            caption={t('dashboard.refusals.title')}
            roomy={[1]}
            head={[
              t('dashboard.refusals.reason'),
              t('dashboard.figure.refused'),
              t('dashboard.refusals.share'),
              t('dashboard.refusals.overridden'),
            ]}
            rows={rows.map((row, at) => ({
              key: String(at),
              name: reasonName(row.key.reason),
              share: all > 0 ? row.refused / all : 0,
              cells: [formatCount(row.refused), formatShare(row.refused, all), formatCount(row.overridden)],
              link: row.events,
            }))}
          />
        )
      }}
    </ReportCard>
  )
}

/** Holds in which nothing was bought, beside those that became orders. */
export function HoldsCard({ show, asOf }: Asked) {
  const { t, i18n } = useTranslation()
  const query = useQuery(holdsQuery(show, asOf))
  return (
    <ReportCard
      title={t('dashboard.holds.title')}
      detail={t('dashboard.holds.detail')}
      query={query}
      isEmpty={(report) => report.rows.length === 0}
      empty={t('dashboard.holds.none')}
      exports={{ report: 'holds', show, by: 'outcome', asOf }}
    >
      {(report) => {
        const all = totalCount(report.totals, 'holds')
        return (
          <FigureTable
            caption={t('dashboard.holds.title')}
            roomy={[1]}
            head={[
              t('dashboard.holds.outcome'),
              t('dashboard.figure.holds'),
              t('dashboard.figure.places'),
              t('dashboard.figure.value'),
            ]}
            rows={report.rows.map((row, at) => {
              const outcome = row.key.outcome ?? ''
              const known: unknown = i18n.getResource('en', 'translation', `dashboard.outcome.${outcome}`)
              return {
                key: String(at),
                name: typeof known === 'string' ? known : words(outcome),
                share: all > 0 ? row.holds / all : 0,
                cells: [formatCount(row.holds), formatCount(row.places), formatMoney(row.value)],
                link: row.events,
              }
            })}
          />
        )
      }}
    </ReportCard>
  )
}

export function NoShowsCard({ show, asOf }: Asked) {
  const { t } = useTranslation()
  const query = useQuery(noShowsQuery(show, 'ticket_type', asOf))
  return (
    <ReportCard
      title={t('dashboard.no_shows.title')}
      detail={t('dashboard.no_shows.detail')}
      query={query}
      isEmpty={(report) => report.rows.length === 0}
      empty={t('dashboard.no_shows.none')}
      exports={{ report: 'no-shows', show, by: 'ticket_type', asOf }}
    >
      {(report) => (
        <FigureTable
          caption={t('dashboard.no_shows.title')}
          roomy={[0]}
          head={[
            t('event.ticket_type'),
            t('dashboard.figure.issued'),
            t('dashboard.figure.admitted'),
            t('dashboard.no_shows.missing'),
          ]}
          rows={report.rows.map((row, at) => ({
            key: String(at),
            name: row.key.ticket_type?.name ?? t('dashboard.none'),
            share: row.issued > 0 ? row.admitted / row.issued : 0,
            cells: [
              formatCount(row.issued),
              formatCount(row.admitted),
              `${formatCount(row.no_shows)} (${formatShare(row.no_shows, row.issued)})`,
            ],
            link: row.events,
          }))}
        />
      )}
    </ReportCard>
  )
}

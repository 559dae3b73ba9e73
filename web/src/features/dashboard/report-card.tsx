import type { UseQueryResult } from '@tanstack/react-query'
import { Download, RotateCw } from 'lucide-react'
import { useId, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { Button } from '@/ui/button'
import { cx } from '@/ui/cx'
import { ErrorNotice } from '@/ui/error-state'
import { Card, Loading, Skeleton } from '@/ui/surface'
import { exportLink, FORMATS, type AsOf, type ReportName } from './queries'

/** Which table a card's figures can be had as, for other programs. */
export interface Export {
  report: ReportName
  show: string
  by: string
  asOf: AsOf
}

/** A card around one report: what it says, or that it is coming, failed, or has nothing to say yet. */
export function ReportCard<Data>({
  title,
  detail,
  query,
  isEmpty,
  empty,
  exports,
  controls,
  className,
  children,
}: {
  title: string
  detail?: string | undefined
  query: UseQueryResult<Data>
  isEmpty: (data: Data) => boolean
  empty: string
  exports?: Export
  controls?: ReactNode
  className?: string
  children: (data: Data) => ReactNode
}) {
  const { t } = useTranslation()
  const problem = useProblemText()
  const id = useId()
  const { data, error, isPending, isFetching, refetch } = query
  return (
    <Card aria-labelledby={id} className={cx('report-card min-w-0 p-4 sm:p-5', className)}>
      <div className="mb-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <h2 id={id} className="text-lg font-bold">
            {title}
          </h2>
          {detail !== undefined && <p className="text-sm text-muted">{detail}</p>}
        </div>
        {exports && <Exports title={title} {...exports} />}
      </div>
      {controls !== undefined && <div className="mb-4 print:hidden">{controls}</div>}
      {isPending ? (
        <Loading label={t('app.loading')}>
          <Skeleton className="h-40" />
        </Loading>
      ) : data === undefined ? (
        <div className="flex flex-col items-start gap-3">
          <ErrorNotice {...problem(error)} />
          <Button
            look="secondary"
            busy={isFetching}
            icon={<RotateCw aria-hidden className="size-5" />}
            onClick={() => void refetch()}
          >
            {t('app.try_again')}
          </Button>
        </div>
      ) : isEmpty(data) ? (
        <p className="rounded-xl border border-dashed border-edge/50 px-4 py-8 text-center text-muted">
          {empty}
        </p>
      ) : (
        <>
          {error && (
            <p role="alert" className="mb-3 text-sm font-medium text-bad">
              {t('dashboard.stale')}
            </p>
          )}
          {children(data)}
        </>
      )}
    </Card>
  )
}

function Exports({ title, report, show, by, asOf }: Export & { title: string }) {
  const { t } = useTranslation()
  return (
    <p className="-my-1.5 flex items-center text-sm text-muted print:hidden">
      <Download aria-hidden className="mr-1 size-4" />
      {FORMATS.map((format) => (
        <a
          key={format}
          href={exportLink(report, show, by, asOf, format)}
          download={`${report}-${by.replaceAll(',', '-')}.${format}`}
          aria-label={t('dashboard.export', { title, format: format.toUpperCase() })}
          className="inline-flex min-h-9 items-center rounded-lg px-1.5 font-semibold uppercase hover:bg-sunken hover:text-text"
        >
          {format}
        </a>
      ))}
    </p>
  )
}

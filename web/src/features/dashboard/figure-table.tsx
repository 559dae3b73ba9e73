import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { cx } from '@/ui/cx'
import { EventsButton } from './events-drawer'

export interface FigureRow {
  key: string
  name: string
  cells: readonly ReactNode[]
  /** The events that made these figures. */
  link?: string | undefined
  /** 0 to 1: drawn as a bar below the name. */
  share?: number
  strong?: boolean
}

/** Figures by something, each row with the way to its events. Columns named in `roomy` only where there is room. */
export function FigureTable({
  caption,
  head,
  rows,
  roomy = [],
  scroll = false,
}: {
  caption: string
  head: readonly string[]
  rows: readonly FigureRow[]
  roomy?: readonly number[]
  scroll?: boolean
}) {
  const { t } = useTranslation()
  const linked = rows.some((row) => row.link !== undefined)
  const room = (at: number) => roomy.includes(at) && 'max-sm:hidden print:table-cell'
  const table = (
    <table className="w-full text-[0.95rem]">
      <caption className="sr-only">{caption}</caption>
      <thead className={cx('text-sm text-muted', scroll && 'sticky top-0 bg-surface print:static')}>
        <tr>
          {head.map((text, at) => (
            <th
              key={text}
              scope="col"
              className={cx(
                'py-1.5 align-bottom font-semibold',
                at === 0 ? 'pr-2 text-left first-letter:uppercase' : 'px-1.5 text-right sm:px-2',
                room(at - 1),
              )}
            >
              {text}
            </th>
          ))}
          {linked && (
            <th scope="col" className="sticky right-0 w-9 bg-surface print:hidden">
              <span className="sr-only">{t('dashboard.events.show')}</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody className="divide-y divide-line">
        {rows.map((row) => (
          <tr key={row.key} className={row.strong === true ? 'font-semibold' : undefined}>
            <th
              scope="row"
              className={cx(
                'min-w-20 py-1.5 pr-2 text-left break-words sm:min-w-24',
                row.strong !== true && 'font-medium',
              )}
            >
              {row.name}
              {row.share !== undefined && <Bar share={row.share} />}
            </th>
            {row.cells.map((cell, at) => (
              <td
                key={at}
                className={cx('px-1.5 py-1.5 text-right whitespace-nowrap tabular-nums sm:px-2', room(at))}
              >
                {cell}
              </td>
            ))}
            {linked && (
              <td className="sticky right-0 bg-surface text-right print:hidden">
                {row.link !== undefined && <EventsButton title={`${caption}: ${row.name}`} link={row.link} />}
              </td>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
  if (!scroll) return <div className="min-w-0 overflow-x-auto print:overflow-visible">{table}</div>
  return (
    // Scrolled by keyboard, so it takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={caption} tabIndex={0} className="max-h-96 overflow-auto print:max-h-none">
      {table}
    </div>
  )
}

function Bar({ share }: { share: number }) {
  return (
    <svg aria-hidden viewBox="0 0 100 6" preserveAspectRatio="none" className="mt-1 h-1.5 w-full max-w-60">
      <rect width="100" height="6" rx="1" fill="var(--sunken)" />
      <rect width={Math.max(0, Math.min(1, share)) * 100} height="6" rx="1" fill="var(--chart-1)" />
    </svg>
  )
}

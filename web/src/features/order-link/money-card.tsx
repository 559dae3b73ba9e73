import { useTranslation } from 'react-i18next'
import type { Line, Order, Show } from '@/api/types'
import { formatMoney } from '@/lib/money'
import { useSeatName } from '@/ui/seat-name'
import { Card } from '@/ui/surface'
import { moneyRows, type MoneyRow } from './standing'

const strong: readonly MoneyRow[] = ['total', 'due', 'owed']

/** The lines of an order and its sums. */
export function MoneyCard({ order, show }: { order: Order; show: Show }) {
  const { t } = useTranslation()
  return (
    <Card className="p-5 print:break-inside-avoid print:shadow-none" aria-labelledby="order-money">
      <h2 id="order-money" className="mb-3 text-lg font-bold">
        {t('order_link.money.title')}
      </h2>
      {order.lines.length > 0 && (
        <ul className="mb-3 divide-y divide-line border-b border-line">
          {order.lines.map((line) => (
            <li key={line.id} className="flex justify-between gap-4 py-2.5">
              <LineName line={line} show={show} />
              <span className="font-semibold tabular-nums">{formatMoney(line.amount)}</span>
            </li>
          ))}
        </ul>
      )}
      <dl className="grid gap-1.5">
        {moneyRows(order).map(({ row, money }) => (
          <div
            key={row}
            className={`flex justify-between gap-4 ${strong.includes(row) ? 'text-lg font-bold' : 'text-muted'}`}
          >
            <dt>{t(`order_link.money.${row}`)}</dt>
            <dd className="tabular-nums">{formatMoney(money)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}

function LineName({ line, show }: { line: Line; show: Show }) {
  const { t } = useTranslation()
  const seatName = useSeatName()
  const type = show.ticket_types.find((candidate) => candidate.id === line.ticket_type)
  return (
    <div className="min-w-0 [overflow-wrap:anywhere]">
      <p>{type?.name ?? t(`order_link.line.${line.kind}`)}</p>
      {line.seat !== null && <p className="text-sm text-muted">{seatName(line.seat)}</p>}
    </div>
  )
}

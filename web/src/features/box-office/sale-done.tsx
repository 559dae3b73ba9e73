import { ArrowRight, CircleCheck } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { TicketQr } from '@/api/ticket-qr'
import type { TicketsIssued, TicketType } from '@/api/types'
import { WhyLink } from '@/api/why-link'
import { formatMoney } from '@/lib/money'
import { Button } from '@/ui/button'
import { Card } from '@/ui/surface'
import { useSeatName } from '@/ui/seat-name'

export function SaleDone({
  show,
  sale,
  types,
  onNext,
}: {
  show: string
  sale: TicketsIssued
  types: readonly TicketType[]
  onNext: () => void
}) {
  const { t } = useTranslation()
  const seatName = useSeatName()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    title.current?.focus()
    globalThis.scrollTo({ top: 0 })
  }, [])
  return (
    <div className="mx-auto w-full max-w-5xl px-4 py-6 sm:px-6 sm:py-10">
      <div className="mb-6 flex flex-wrap items-center justify-between gap-4">
        <div className="flex items-center gap-3">
          <CircleCheck aria-hidden className="size-11 shrink-0 text-ok" />
          <div>
            <h1 ref={title} tabIndex={-1} className="text-2xl font-bold outline-none sm:text-3xl">
              {t('sold.title', { count: sale.tickets.length })}
            </h1>
            <p className="text-muted">
              {t('sold.reference')}{' '}
              <span className="font-mono font-semibold text-text">{sale.reference}</span>
              {' · '}
              {formatMoney(sale.total)}
            </p>
            <WhyLink show={show} why={{ order: sale.order }}>
              {t('audit.why.of_order')}
            </WhyLink>
          </div>
        </div>
        <Button
          onClick={onNext}
          icon={<ArrowRight aria-hidden className="size-5" />}
          className="max-sm:w-full"
        >
          {t('sold.next')}
        </Button>
      </div>
      <ul className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {sale.tickets.map((ticket) => (
          <li key={ticket.id}>
            <Card className="flex items-center gap-4 p-4">
              <TicketQr
                ticket={ticket.id}
                alt={t('sold.qr', { code: ticket.short_code })}
                className="w-40 shrink-0 border border-line max-[400px]:w-36"
              />
              <div className="min-w-0">
                <p className="text-sm font-semibold text-muted">{t('sold.code')}</p>
                <p
                  data-testid="short-code"
                  className="font-mono text-4xl leading-tight font-bold tracking-wider"
                >
                  {ticket.short_code}
                </p>
                <p className="mt-1 font-semibold">
                  {types.find((type) => type.id === ticket.ticket_type)?.name}
                </p>
                {ticket.seat !== null && <p className="text-muted">{seatName(ticket.seat)}</p>}
              </div>
            </Card>
          </li>
        ))}
      </ul>
    </div>
  )
}

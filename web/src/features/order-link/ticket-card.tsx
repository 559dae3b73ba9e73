import { useQuery } from '@tanstack/react-query'
import { CalendarPlus, FileText, Image } from 'lucide-react'
import { useCallback, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import type { Show, Ticket } from '@/api/types'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { useSeatName } from '@/ui/seat-name'
import { Badge, Card } from '@/ui/surface'
import { qrQuery, useSaveTicket, type OrderLink, type TicketFile } from './queries'

const icons: Record<TicketFile, ReactNode> = {
  pdf: <FileText aria-hidden className="size-5" />,
  png: <Image aria-hidden className="size-5" />,
  calendar: <CalendarPlus aria-hidden className="size-5" />,
}

export function TicketCard({ link, ticket, show }: { link: OrderLink; ticket: Ticket; show: Show }) {
  const { t } = useTranslation()
  const seatName = useSeatName()
  const dead = ticket.status === 'void'
  const type = show.ticket_types.find((candidate) => candidate.id === ticket.ticket_type)
  const place = ticket.seat === null ? ticket.section : seatName(ticket.seat)
  return (
    <Card
      aria-label={t('order_link.ticket.name', { code: ticket.short_code })}
      className="flex gap-4 p-4 max-sm:flex-col sm:gap-6 sm:p-5 print:break-inside-avoid print:shadow-none"
    >
      {!dead && <Qr link={link} ticket={ticket} />}
      <div className="flex min-w-0 flex-1 flex-col gap-3">
        <div>
          <div className="flex flex-wrap items-center justify-between gap-2">
            <p className="text-lg font-bold [overflow-wrap:anywhere]">{type?.name}</p>
            {dead ? (
              <Badge tone="bad">{t('order_link.ticket.void')}</Badge>
            ) : (
              ticket.admitted && <Badge tone="ok">{t('order_link.ticket.admitted')}</Badge>
            )}
          </div>
          {place !== null && <p className="[overflow-wrap:anywhere]">{place}</p>}
          {ticket.holder !== null && (
            <p className="text-muted [overflow-wrap:anywhere]">
              {t('order_link.ticket.holder', { name: ticket.holder })}
            </p>
          )}
          {ticket.persons > 1 && (
            <p className="text-muted">{t('order_link.ticket.persons', { count: ticket.persons })}</p>
          )}
        </div>
        <div>
          <p className="text-sm text-muted">{t('order_link.ticket.code')}</p>
          <p
            className={`font-mono text-3xl leading-tight font-bold tracking-wider ${dead ? 'text-muted line-through' : ''}`}
          >
            {ticket.short_code}
          </p>
        </div>
        {dead ? (
          <p className="text-muted">{t('order_link.ticket.void_detail')}</p>
        ) : (
          <Files ticket={ticket} show={show} />
        )}
      </div>
    </Card>
  )
}

/** Drawn as large as the picture is: any smaller, and its modules are too fine for a camera. */
function Qr({ link, ticket }: { link: OrderLink; ticket: Ticket }) {
  const { t } = useTranslation()
  const { data, isError, refetch } = useQuery(qrQuery(link, ticket))
  const draw = useCallback(
    (image: HTMLImageElement | null) => {
      if (!image || !data) return
      const address = URL.createObjectURL(data)
      image.src = address
      return () => {
        URL.revokeObjectURL(address)
      }
    },
    [data],
  )
  return (
    <div className="box-content size-60 shrink-0 self-center overflow-hidden rounded-xl border border-line bg-white sm:self-start">
      {data ? (
        <img
          ref={draw}
          alt={t('order_link.ticket.qr', { code: ticket.short_code })}
          width={240}
          height={240}
          className="size-60"
        />
      ) : isError ? (
        <div className="flex size-full flex-col items-center justify-center gap-3 bg-surface p-3 text-center text-sm">
          <p role="alert">{t('order_link.ticket.qr_failed')}</p>
          <Button look="secondary" onClick={() => void refetch()}>
            {t('app.try_again')}
          </Button>
        </div>
      ) : (
        <div aria-hidden className="size-full animate-pulse bg-neutral-200" />
      )}
    </div>
  )
}

function Files({ ticket, show }: { ticket: Ticket; show: Show }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const save = useSaveTicket(ticket.id)
  return (
    <div className="print:hidden">
      <ul className="flex flex-wrap gap-2">
        {(['pdf', 'png', 'calendar'] as const).map((file) => (
          <li key={file}>
            <Button
              look="secondary"
              className="px-3"
              icon={icons[file]}
              busy={save.isPending && save.variables.file === file}
              onClick={() => {
                save.mutate({ file, name: `${show.slug}-${ticket.short_code}` })
              }}
            >
              <span>
                {t(`order_link.ticket.${file}`)}{' '}
                <span className="sr-only">{t('order_link.ticket.of', { code: ticket.short_code })}</span>
              </span>
            </Button>
          </li>
        ))}
      </ul>
      {save.error && (
        <div className="mt-3">
          <ErrorNotice {...explain(save.error)} />
        </div>
      )}
    </div>
  )
}

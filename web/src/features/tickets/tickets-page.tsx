import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ArrowLeft, Ban, QrCode, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { showQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { TicketQr } from '@/api/ticket-qr'
import type { Show, Ticket } from '@/api/types'
import { WhyLink } from '@/api/why-link'
import { Button, IconButton } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { useSeatName } from '@/ui/seat-name'
import { Badge, Card, EmptyState, Loading, Skeleton } from '@/ui/surface'
import { ticketsQuery } from './queries'
import { VoidDialog } from './void-dialog'

/** Typing pauses this long before the server is asked. */
const SEARCH_PAUSE_MS = 250

export function TicketsPage() {
  const { t } = useTranslation()
  const explain = useProblemText()
  const { id } = useParams({ from: '/seller/events/$id/tickets' })
  const { q = '' } = useSearch({ from: '/seller/events/$id/tickets' })
  const navigate = useNavigate({ from: '/events/$id/tickets' })
  const { data: show } = useSuspenseQuery(showQuery(id))
  const tickets = useInfiniteQuery(ticketsQuery(id, q))
  const [text, setText] = useState(q)
  const [voiding, setVoiding] = useState<Ticket | null>(null)
  const [showing, setShowing] = useState<Ticket | null>(null)

  useEffect(() => {
    if (text.trim() === q) return
    const timer = setTimeout(() => {
      void navigate({ search: text.trim() === '' ? {} : { q: text.trim() }, replace: true })
    }, SEARCH_PAUSE_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [text, q, navigate])

  const items = tickets.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className="mx-auto w-full max-w-5xl px-4 py-6 sm:px-6 sm:py-8">
      <Link
        to="/events/$id"
        params={{ id }}
        className="inline-flex min-h-11 items-center gap-1.5 font-semibold text-muted hover:text-text"
      >
        <ArrowLeft aria-hidden className="size-5" />
        {show.name}
      </Link>
      <h1 className="mb-4 text-3xl font-bold">{t('tickets.title')}</h1>
      <search className="relative mb-5 block">
        <Search aria-hidden className="pointer-events-none absolute top-3 left-3.5 size-5 text-muted" />
        <input
          type="search"
          aria-label={t('tickets.search')}
          placeholder={t('tickets.search')}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
          }}
          className="min-h-11 w-full rounded-xl border border-edge/70 bg-surface pr-3 pl-11 text-base placeholder:text-muted/90"
        />
      </search>
      {tickets.error ? (
        <div className="flex flex-col items-start gap-3">
          <ErrorNotice {...explain(tickets.error)} />
          <Button look="secondary" onClick={() => void tickets.refetch()}>
            {t('app.try_again')}
          </Button>
        </div>
      ) : tickets.isPending ? (
        <Loading label={t('app.loading')}>
          <div className="grid gap-2">
            {Array.from({ length: 6 }, (_, at) => (
              <Skeleton key={at} className="h-19" />
            ))}
          </div>
        </Loading>
      ) : items.length === 0 ? (
        <EmptyState title={q === '' ? t('tickets.none.title') : t('tickets.not_found.title')}>
          {q === '' ? t('tickets.none.detail') : t('tickets.not_found.detail', { q })}
        </EmptyState>
      ) : (
        <Card className="overflow-hidden">
          <ul className="divide-y divide-line" aria-label={t('tickets.title')}>
            {items.map((ticket) => (
              <TicketRow
                key={ticket.id}
                ticket={ticket}
                show={show}
                onShow={() => {
                  setShowing(ticket)
                }}
                onVoid={() => {
                  setVoiding(ticket)
                }}
              />
            ))}
          </ul>
        </Card>
      )}
      {tickets.hasNextPage && (
        <div className="mt-6 text-center">
          <Button
            look="secondary"
            busy={tickets.isFetchingNextPage}
            onClick={() => void tickets.fetchNextPage()}
          >
            {t('app.more')}
          </Button>
        </div>
      )}
      {voiding && (
        <VoidDialog
          show={id}
          ticket={voiding}
          onClose={() => {
            setVoiding(null)
          }}
        />
      )}
      {showing && (
        <Dialog
          open
          onOpenChange={() => {
            setShowing(null)
          }}
          title={t('tickets.ticket', { code: showing.short_code })}
          closeLabel={t('app.close')}
        >
          <TicketQr
            ticket={showing.id}
            alt={t('sold.qr', { code: showing.short_code })}
            className="mx-auto max-w-72"
          />
          <p className="mt-4 text-center font-mono text-4xl font-bold tracking-widest">
            {showing.short_code}
          </p>
        </Dialog>
      )}
    </div>
  )
}

function TicketRow({
  ticket,
  show,
  onShow,
  onVoid,
}: {
  ticket: Ticket
  show: Show
  onShow: () => void
  onVoid: () => void
}) {
  const { t } = useTranslation()
  const may = useMay()
  const seatName = useSeatName()
  const type = show.ticket_types.find((candidate) => candidate.id === ticket.ticket_type)
  const dead = ticket.status === 'void'
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1 px-4 py-3 sm:grid-cols-[6.5rem_1fr_auto_auto] sm:px-5">
      <span className={`font-mono text-xl font-bold tracking-wider ${dead ? 'text-muted line-through' : ''}`}>
        {ticket.short_code}
      </span>
      <div className="min-w-0 max-sm:order-3">
        <p className="font-semibold">{type?.name}</p>
        <p className="text-muted [overflow-wrap:anywhere]">
          {[ticket.seat === null ? ticket.section : seatName(ticket.seat), ticket.holder]
            .filter((part) => part !== null)
            .join(' · ')}
        </p>
      </div>
      <div className="justify-self-end max-sm:order-2">
        {dead ? (
          <Badge tone="bad">{t('tickets.status.void')}</Badge>
        ) : ticket.admitted ? (
          <Badge tone="ok">{t('tickets.status.admitted')}</Badge>
        ) : (
          <Badge tone="accent">{t('tickets.status.valid')}</Badge>
        )}
      </div>
      <div className="flex justify-end max-sm:order-4 max-sm:-mr-2 sm:min-w-24">
        <WhyLink
          show={show.id}
          why={{ ticket: ticket.id }}
          label={t('audit.why.of_ticket', { code: ticket.short_code })}
          className="inline-flex size-11 shrink-0 items-center justify-center rounded-xl text-muted hover:bg-sunken hover:text-text"
        />
        {!dead && (
          <>
            <IconButton label={t('tickets.show', { code: ticket.short_code })} onClick={onShow}>
              <QrCode aria-hidden className="size-5" />
            </IconButton>
            {may('void_ticket') && (
              <IconButton
                label={t('tickets.void', { code: ticket.short_code })}
                onClick={onVoid}
                className="hover:text-bad"
              >
                <Ban aria-hidden className="size-5" />
              </IconButton>
            )}
          </>
        )}
      </div>
    </li>
  )
}

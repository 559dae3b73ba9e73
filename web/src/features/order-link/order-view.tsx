import { CalendarDays, DoorOpen, MapPin, Printer, Receipt } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { Order, Show } from '@/api/types'
import { formatMoney } from '@/lib/money'
import { formatClock, formatWhen, formatWhenShort, zoneName } from '@/lib/time'
import { Button } from '@/ui/button'
import { Notice } from '@/ui/surface'
import { useNow } from '@/ui/use-now'
import { MoneyCard } from './money-card'
import type { OrderLink } from './queries'
import { owed, standing } from './standing'
import { TicketCard } from './ticket-card'

/** How often the page looks whether the time to pay is over. */
const CLOCK_MS = 15_000

export function OrderView({ link, order, show }: { link: OrderLink; order: Order; show: Show }) {
  const { t } = useTranslation()
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-4">
        <div className="min-w-0">
          <p className="font-semibold text-accent-strong">{t('order_link.yours')}</p>
          <h1 className="mt-1 text-3xl leading-[1.1] font-extrabold [overflow-wrap:anywhere] sm:text-4xl">
            {show.name}
          </h1>
        </div>
        <Button
          look="secondary"
          className="max-sm:hidden print:hidden"
          icon={<Printer aria-hidden className="size-5" />}
          onClick={() => {
            globalThis.print()
          }}
        >
          {t('order_link.print')}
        </Button>
      </div>
      <Facts order={order} show={show} />
      <div className="flex flex-col gap-3">
        {show.status === 'cancelled' && (
          <Notice tone="bad" title={t('public.state.cancelled.title')}>
            {t('public.state.cancelled.detail')}
          </Notice>
        )}
        <HowItStands order={order} show={show} />
      </div>
      <div
        className={`mt-8 grid gap-8 ${order.tickets.length > 0 ? 'lg:grid-cols-[1fr_20rem] print:grid-cols-1' : 'max-w-2xl'}`}
      >
        {order.tickets.length > 0 && (
          <section aria-labelledby="order-tickets" className="min-w-0">
            <h2 id="order-tickets" className="text-xl font-bold">
              {t('order_link.tickets', { count: order.tickets.length })}
            </h2>
            <p className="mb-4 text-muted">{t('order_link.ticket.code_hint')}</p>
            <ul className="grid gap-4">
              {order.tickets.map((ticket) => (
                <li key={ticket.id}>
                  <TicketCard link={link} ticket={ticket} show={show} />
                </li>
              ))}
            </ul>
          </section>
        )}
        <div className="min-w-0">
          <MoneyCard order={order} show={show} />
        </div>
      </div>
    </>
  )
}

function Facts({ order, show }: { order: Order; show: Show }) {
  const { t } = useTranslation()
  const { customer } = order
  return (
    <dl className="my-6 grid gap-4 sm:grid-cols-2 lg:grid-cols-4">
      <Fact icon={<CalendarDays aria-hidden />} term={t('public.when')}>
        <time dateTime={show.starts_at}>{formatWhen(show.starts_at, show.timezone)}</time>
        <Aside>{t('public.local_time', { zone: zoneName(show.starts_at, show.timezone) })}</Aside>
      </Fact>
      {show.doors_at !== null && (
        <Fact icon={<DoorOpen aria-hidden />} term={t('public.doors')}>
          {formatClock(show.doors_at, show.timezone, new Date(show.starts_at))}
        </Fact>
      )}
      <Fact icon={<MapPin aria-hidden />} term={t('public.where')}>
        {show.venue.name}
        {show.venue.address !== '' && <Aside>{show.venue.address}</Aside>}
      </Fact>
      <Fact icon={<Receipt aria-hidden />} term={t('order_link.reference')}>
        <span className="font-mono tracking-wider">{order.reference}</span>
        {typeof customer?.name === 'string' && (
          <Aside>
            {t('order_link.customer')} {customer.name}
          </Aside>
        )}
      </Fact>
    </dl>
  )
}

function Fact({ icon, term, children }: { icon: ReactNode; term: string; children: ReactNode }) {
  return (
    <div className="relative pl-9">
      <dt className="text-sm text-muted">
        <span className="absolute top-0.5 left-0 text-accent [&>svg]:size-6">{icon}</span>
        {term}
      </dt>
      <dd className="font-semibold [overflow-wrap:anywhere] whitespace-pre-line">{children}</dd>
    </div>
  )
}

function Aside({ children }: { children: ReactNode }) {
  return <span className="block font-normal text-muted">{children}</span>
}

/** How the order stands, in a sentence: what is due, how and until when; or what comes back. */
function HowItStands({ order, show }: { order: Order; show: Show }) {
  const { t } = useTranslation()
  const now = useNow(CLOCK_MS)
  const stands = standing(order, now)
  const back = owed(order)
  const comesBack = back && <p>{t('order_link.state.owed', { amount: formatMoney(back) })}</p>
  switch (stands.kind) {
    case 'paid':
      return (
        <Notice tone="ok" title={t('order_link.state.paid')}>
          {comesBack ?? t('order_link.state.paid_detail')}
        </Notice>
      )
    case 'cancelled':
      return (
        <Notice tone="bad" title={t('order_link.state.cancelled')}>
          {t('order_link.state.cancelled_detail')}
          {comesBack}
        </Notice>
      )
    case 'expired':
      return (
        <Notice tone="bad" title={t('order_link.state.expired')}>
          {t('order_link.state.expired_detail')}
          {comesBack}
        </Notice>
      )
    case 'pay_at_door':
      return (
        <Notice tone="warn" title={t('order_link.state.at_door')}>
          {t('order_link.state.at_door_detail', { due: formatMoney(stands.due) })}
        </Notice>
      )
    case 'on_account':
      return (
        <Notice tone="accent" title={t('order_link.state.on_account')}>
          {t('order_link.state.on_account_detail', { due: formatMoney(stands.due) })}
        </Notice>
      )
    case 'pay_first': {
      const due = formatMoney(stands.due)
      if (stands.until === null) {
        return (
          <Notice tone="warn" title={t('order_link.state.to_pay')}>
            {t('order_link.state.before', { due })}
          </Notice>
        )
      }
      const until = `${formatWhenShort(stands.until, show.timezone)} (${zoneName(stands.until, show.timezone)})`
      return (
        <Notice tone="warn" title={t('order_link.state.to_pay')}>
          {stands.late
            ? t('order_link.state.late', { due, until })
            : t('order_link.state.before_until', { due, until })}
        </Notice>
      )
    }
  }
}

import { ShoppingBag, X } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem, type Reason } from '@/api/problem'
import { useProblemText } from '@/api/problem-text'
import type { IssueTicketBody, Show, TicketsIssued } from '@/api/types'
import { WhyLink } from '@/api/why-link'
import { eventName } from '@/lib/event-name'
import { formatMoney } from '@/lib/money'
import { Button, IconButton } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { Choices, TextField } from '@/ui/field'
import { Card, Notice } from '@/ui/surface'
import { useSeatName } from '@/ui/seat-name'
import {
  basketTotal,
  linePrice,
  rejectedSeats,
  saleItems,
  ticketCount,
  withoutSeats,
  type Line,
} from './basket'
import { useSell } from './queries'

const methods = ['cash', 'card_terminal', 'complimentary'] as const
type Method = (typeof methods)[number]

/** A large order may meet as many others; a few show what it is. */
const REASONS_MAX = 3

export function SaleForm({
  show,
  lines,
  onLines,
  onSold,
}: {
  show: Show
  lines: readonly Line[]
  onLines: (lines: readonly Line[]) => void
  onSold: (sale: TicketsIssued) => void
}) {
  const { t } = useTranslation()
  const seatName = useSeatName()
  const explain = useProblemText()
  const sell = useSell(show.id)
  const [method, setMethod] = useState<Method>('cash')
  const [reason, setReason] = useState('')
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [checked, setChecked] = useState(false)
  const [gone, setGone] = useState<readonly string[]>([])

  const count = ticketCount(lines)
  const total = basketTotal(lines, show.ticket_types, show.currency)
  const free = method === 'complimentary'
  const emailOk = email.trim() === '' || /^\S+@\S+$/.test(email.trim())
  // A customer is a name and an address to write to, or nobody.
  const customerComplete = (name.trim() === '') === (email.trim() === '')
  const complete = count > 0 && emailOk && customerComplete && (!free || reason.trim() !== '')

  const submit = () => {
    setChecked(true)
    setGone([])
    if (!complete) return
    const items = saleItems(lines)
    const body: IssueTicketBody = {
      items,
      ...(name.trim() === '' ? {} : { customer: { name: name.trim(), email: email.trim() } }),
      payment: free ? { complimentary: { reason: reason.trim() } } : { method },
    }
    sell.mutate(body, {
      onSuccess: (sale) => {
        setChecked(false)
        setName('')
        setEmail('')
        setReason('')
        onSold(sale)
      },
      onError: (error) => {
        if (
          !(error instanceof ApiProblem) ||
          !['seat_taken', 'seat_blocked', 'unknown_seat'].includes(error.code)
        )
          return
        const rejected = rejectedSeats(items, error.errors)
        setGone([...rejected])
        onLines(withoutSeats(lines, rejected))
      },
    })
  }
  const typeName = (id: string) => show.ticket_types.find((type) => type.id === id)?.name ?? ''
  const describe = (line: Line) => {
    if (line.kind === 'seat') return seatName(line.address)
    const where = line.section ?? line.category
    return where === null
      ? t('box_office.places', { count: line.quantity })
      : t('box_office.places_in', { count: line.quantity, where })
  }

  return (
    <form
      noValidate
      aria-label={t('box_office.sale')}
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Card className="flex flex-col gap-5 p-4 sm:p-5">
        <section aria-labelledby="basket-title">
          <h2 id="basket-title" className="mb-2 text-lg font-bold">
            {t('box_office.tickets', { count })}
          </h2>
          {lines.length === 0 ? (
            <p className="rounded-xl bg-sunken px-4 py-3 text-muted">{t('box_office.pick')}</p>
          ) : (
            <ul className="divide-y divide-line">
              {lines.map((line) => (
                <li
                  key={
                    line.kind === 'seat'
                      ? line.address
                      : `${line.type} ${line.category ?? ''} ${line.section ?? ''}`
                  }
                  className="flex items-center gap-2"
                >
                  <div className="min-w-0 flex-1 py-1.5">
                    <p className="leading-snug font-semibold">{describe(line)}</p>
                    <p className="text-sm text-muted">{typeName(line.type)}</p>
                  </div>
                  <span className="tabular-nums">
                    {formatMoney({ amount: linePrice(line, show.ticket_types), currency: show.currency })}
                  </span>
                  <IconButton
                    label={t('box_office.remove', { what: describe(line) })}
                    className="-mr-2"
                    onClick={() => {
                      onLines(lines.filter((other) => other !== line))
                    }}
                  >
                    <X aria-hidden className="size-5" />
                  </IconButton>
                </li>
              ))}
            </ul>
          )}
        </section>

        <Choices
          legend={t('box_office.payment')}
          value={method}
          onChange={setMethod}
          options={methods.map((value) => ({ value, label: t(`payment.${value}`) }))}
        />
        {free && (
          <TextField
            label={t('box_office.complimentary_reason')}
            value={reason}
            error={checked && reason.trim() === '' ? t('box_office.reason_missing') : undefined}
            onChange={(event) => {
              setReason(event.target.value)
            }}
          />
        )}
        <details className="group" open={checked && (!emailOk || !customerComplete) ? true : undefined}>
          <summary className="flex min-h-11 cursor-pointer items-center font-semibold">
            {t('box_office.customer')}
            <span className="font-normal text-muted">&nbsp;· {t('app.optional')}</span>
          </summary>
          <div className="mt-2 flex flex-col gap-3">
            <TextField
              label={t('box_office.customer_name')}
              autoComplete="off"
              value={name}
              error={
                checked && !customerComplete && name.trim() === ''
                  ? t('box_office.customer_incomplete')
                  : undefined
              }
              onChange={(event) => {
                setName(event.target.value)
              }}
            />
            <TextField
              label={t('box_office.customer_email')}
              type="email"
              autoComplete="off"
              value={email}
              error={
                checked && !emailOk
                  ? t('box_office.email_wrong')
                  : checked && !customerComplete && email.trim() === ''
                    ? t('box_office.customer_incomplete')
                    : undefined
              }
              onChange={(event) => {
                setEmail(event.target.value)
              }}
            />
          </div>
        </details>

        {gone.length > 0 && (
          <Notice tone="warn" title={t('box_office.gone.title')}>
            {t('box_office.gone.detail', { seats: gone.map(seatName).join(', ') })}
          </Notice>
        )}
        {sell.error && gone.length === 0 && <ErrorNotice {...explain(sell.error)} />}
        {sell.error instanceof ApiProblem && <Reasons show={show.id} because={sell.error.because} />}
        {sell.failureCount > 0 && sell.isPending && (
          <Notice tone="warn" title={t('box_office.trying_again')}>
            {t('box_office.once')}
          </Notice>
        )}

        <div className="sticky bottom-0 -mx-4 -mb-4 rounded-b-2xl border-t border-line bg-surface px-4 py-3 sm:-mx-5 sm:-mb-5 sm:px-5">
          <p className="mb-2 flex items-baseline justify-between">
            <span className="text-muted">{t('box_office.total')}</span>
            <span className="text-2xl font-bold tabular-nums">
              {formatMoney(free ? { amount: 0, currency: show.currency } : total)}
            </span>
          </p>
          <Button
            type="submit"
            className="w-full"
            busy={sell.isPending}
            disabled={count === 0}
            icon={<ShoppingBag aria-hidden className="size-5" />}
          >
            {count === 0 ? t('box_office.sell_nothing') : t('box_office.sell', { count })}
          </Button>
        </div>
      </Card>
    </form>
  )
}

/** What stands in the way of a sale: the holds, sales and blocks that have the places. */
function Reasons({ show, because }: { show: string; because: readonly Reason[] }) {
  const { t } = useTranslation()
  if (because.length === 0) return null
  return (
    <ul className="-mt-3">
      {because.slice(0, REASONS_MAX).map(({ position, type }) => (
        <li key={position}>
          <WhyLink show={show} why={{ event: position }}>
            {t('audit.why.of_rejection', { type: eventName(type) })}
          </WhyLink>
        </li>
      ))}
    </ul>
  )
}

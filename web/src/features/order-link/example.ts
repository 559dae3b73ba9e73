import type { Line, Order } from '@/api/types'
import { ticket } from '@/test/examples'

const euros = (amount: number) => ({ amount, currency: 'EUR' })

const line = (id: string, seat: string): Line => ({
  id,
  kind: 'ticket',
  amount: euros(4500),
  tax: euros(294),
  ticket: null,
  ticket_type: 'adult',
  seat,
  category: null,
})

/** For tests: two paid tickets, the second of them void. */
export const order: Order = {
  id: 'order-1',
  reference: '85PBT',
  show: 'show-1',
  status: 'paid',
  lines: [line('line-1', 'Block A-3-12'), line('line-2', 'Block A-3-13')],
  total: euros(9000),
  paid: euros(9000),
  refunded: euros(0),
  due: euros(0),
  expires_at: null,
  channel: 'web',
  terms: 'pay_first',
  customer: { name: 'Carla Customer', email: 'carla@example.org', phone: null, locale: null },
  tickets: [
    { ...ticket, admitted: false },
    { ...ticket, id: 'ticket-2', short_code: '0815', seat: 'Block A-3-13', status: 'void', admitted: false },
  ],
}

import type { CheckInAnswer, Show, Ticket } from '@/api/types'

export const show: Show = {
  id: 'show-1',
  slug: 'concert',
  name: 'Concert',
  description: '',
  venue: { name: 'Hall', address: '', latitude: null, longitude: null },
  timezone: 'Europe/Berlin',
  doors_at: null,
  starts_at: '2026-12-12T18:30:00Z',
  ends_at: null,
  currency: 'EUR',
  sales: { opens_at: null, closes_at: null },
  hold_seconds: 900,
  pay_within_seconds: 86_400,
  code_length: 4,
  status: 'published',
  ticket_types: [
    {
      id: 'adult',
      name: 'Adult',
      price: null,
      prices: [
        { category: 'Gold', price: { amount: 4500, currency: 'EUR' } },
        { category: 'Silver', price: { amount: 2500, currency: 'EUR' } },
      ],
      sections: null,
      categories: null,
      capacity: null,
      persons: 1,
      max_per_order: 10,
      sales: { opens_at: null, closes_at: null },
    },
  ],
  areas: [{ name: 'main', limit: null, reentry: 'after_exit', per: 'show' }],
  gates: [],
}

export const ticket: Ticket = {
  id: 'ticket-1',
  order: 'order-1',
  short_code: '4711',
  ticket_type: 'adult',
  seat: 'Block A-3-12',
  section: 'Block A',
  status: 'valid',
  persons: 1,
  holder: null,
  admitted: true,
}

export const admitted: CheckInAnswer = {
  scan: 'scan',
  at: '2026-12-12T18:00:00Z',
  result: 'admitted',
  reason: null,
  overridable: false,
  say: 'Welcome.',
  do: 'admit',
  ticket: {
    id: 'ticket-1',
    short_code: '4711',
    ticket_type: 'adult',
    seat: 'Block A-3-12',
    persons: 1,
    holder: null,
    notes: null,
  },
  previous: null,
  entries_left: 0,
  persons_left: 0,
  undone: false,
}

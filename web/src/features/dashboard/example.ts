/** Rows of reports for tests. */
import type { AttendanceFigures, Row, SalesFigures } from '@/api/reports'
import type { Per } from './sales-series'

const eur = (amount: number) => ({ amount, currency: 'EUR' })

export function salesFigures(tickets: number, gross: number): SalesFigures {
  return {
    tickets,
    voided: 0,
    persons: tickets,
    gross: eur(gross),
    cancelled: eur(0),
    refunded: eur(0),
    paid: eur(gross),
    net: eur(gross),
    tax: eur(0),
  }
}

export function salesRow(
  per: Per,
  from: string,
  to: string,
  tickets: number,
  gross: number,
): Row<SalesFigures> {
  return {
    ...salesFigures(tickets, gross),
    key: { [per]: { from, to, local: from } },
    events: `/api/v1/reports/sales/events?show=show-1&${per}=${from}`,
  }
}

export function arrivalRow(from: string, gate: string | null, admitted: number): Row<AttendanceFigures> {
  const to = new Date(Date.parse(from) + 60_000).toISOString()
  return {
    admitted,
    undone: 0,
    returned: 0,
    departed: 0,
    overridden: 0,
    refused: 0,
    key: { minute: { from, to, local: from }, gate },
    events: '/api/v1/reports/attendance/events?show=show-1',
  }
}

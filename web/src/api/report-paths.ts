/** What reports answer, until the description of the API says it. */
import type { components } from './generated/schema'

type Money = components['schemas']['Money']

export interface Bucket {
  from: string
  to: string
  local: string
}
export interface ReportKey {
  show?: string | null
  hour?: Bucket | null
  day?: Bucket | null
  minute?: Bucket | null
  ticket_type?: { id: string; name: string | null } | null
  channel?: string | null
  price?: Money | null
  category?: string | null
  section?: string | null
  status?: string | null
  gate?: string | null
  area?: string | null
  reason?: string | null
  device?: string | null
  outcome?: string | null
}
export interface SalesFigures {
  tickets: number
  voided: number
  persons: number
  gross: Money
  cancelled: Money
  refunded: Money
  paid: Money
  net: Money
  tax: Money
}
export interface AttendanceFigures {
  admitted: number
  returned: number
  departed: number
  undone: number
  overridden: number
  refused: number
}
export interface NoShowFigures {
  issued: number
  admitted: number
  no_shows: number
}
export interface OccupancyFigures {
  capacity: number
  available: number
  held: number
  sold: number
  blocked: number
  admitted: number
}
export interface HoldFigures {
  holds: number
  places: number
  value: Money
}
export interface RefusalFigures {
  refused: number
  overridden: number
}
export type Row<Figures> = Figures & { key: ReportKey; events: string }
export interface Report<Figures> {
  position: number
  by: string[]
  shows: { id: string; name: string; timezone: string; currency: string }[]
  rows: Row<Figures>[]
  totals: Figures[]
}
export type ReportEvent = Record<string, unknown> & {
  position: number
  at: string
  type: string
}

interface Answer<Query, Path, Body> {
  get: {
    parameters: { query?: Query; path: Path }
    responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': Body } } }
  }
}
interface Show {
  show: string
}
interface AsOf {
  as_of?: string
  at?: number
}
type Filters = AsOf & { show?: string; from?: string; to?: string; by?: string; format?: string }
interface Of<Figures> {
  get: Omit<Answer<Filters, Show, Report<Figures>>['get'], 'parameters'> & { parameters: { query?: Filters } }
}

export interface ReportPaths {
  '/api/v1/reports/sales': Of<SalesFigures>
  '/api/v1/reports/attendance': Of<AttendanceFigures>
  '/api/v1/reports/no-shows': Of<NoShowFigures>
  '/api/v1/reports/occupancy': Of<OccupancyFigures>
  '/api/v1/reports/holds': Of<HoldFigures>
  '/api/v1/reports/refusals': Of<RefusalFigures>
  '/api/v1/reports/{report}/events': Answer<
    Record<string, string>,
    { report: string },
    { items: ReportEvent[]; next: string | null }
  >
  '/api/v1/shows/{show}/seats': Answer<AsOf, Show, components['schemas']['SeatsView']>
  '/api/v1/shows/{show}/attendance': Answer<AsOf, Show, components['schemas']['AttendanceView']>
  '/api/v1/shows/{show}/tickets': Answer<
    AsOf & { limit?: number; cursor?: string },
    Show,
    components['schemas']['List_TicketView']
  >
}

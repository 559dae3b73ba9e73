/** The names by which the app knows what reports answer. */
import type { components } from './generated/schema'

type Schemas = components['schemas']

export type SalesFigures = Schemas['SalesFigures']
export type AttendanceFigures = Schemas['AttendanceFigures']
export type NoShowFigures = Schemas['NoShowsFigures']
export type OccupancyFigures = Schemas['OccupancyFigures']
export type HoldFigures = Schemas['HoldsFigures']
export type RefusalFigures = Schemas['RefusalsFigures']

/** What a row is of, in whichever report. */
export type ReportKey = Partial<
  Schemas['SalesKey'] &
    Schemas['AttendanceKey'] &
    Schemas['OccupancyKey'] &
    Schemas['HoldsKey'] &
    Schemas['RefusalsKey']
>
export type Row<Figures> = Figures & { key: ReportKey; events: string }
export interface Report<Figures> {
  position: number
  by: string[]
  shows: Schemas['ReportShow'][]
  rows: Row<Figures>[]
  totals: Figures[]
}
export type ReportEvent =
  | Schemas['SalesEvent']
  | Schemas['AttendanceEvent']
  | Schemas['NoShowsEvent']
  | Schemas['OccupancyEvent']
  | Schemas['HoldsEvent']
  | Schemas['RefusalsEvent']
export interface ReportEvents {
  items: ReportEvent[]
  next: string | null
}

/** What the address of a show's history holds: the moment, the event that is open, and which events are listed. */
import { z } from 'zod'
import type { HistoryFilter } from '@/api/history'

const text = z.string().min(1).max(200).optional().catch(undefined)
const position = z.number().int().positive().optional().catch(undefined)

export const auditSearch = z.object({
  at: position,
  event: position,
  type: text,
  actor: text,
  device: text,
  person: text,
  correlation: text,
  seat: text,
  ticket: text,
  order: text,
  hold: text,
  block: text,
  scan: text,
  from: z.iso.datetime().optional().catch(undefined),
  to: z.iso.datetime().optional().catch(undefined),
})
export type AuditSearch = z.infer<typeof auditSearch>

export const FILTERS = [
  'type',
  'actor',
  'device',
  'person',
  'correlation',
  'seat',
  'ticket',
  'order',
  'hold',
  'block',
  'scan',
  'from',
  'to',
] as const satisfies readonly (keyof AuditSearch & keyof HistoryFilter)[]
export type FilterName = (typeof FILTERS)[number]

/** Only what is said: a filter that is left out must not be asked for as "undefined". */
export function filterOf(show: string, search: AuditSearch): HistoryFilter {
  const filter: HistoryFilter = { show }
  for (const name of FILTERS) if (search[name] !== undefined) filter[name] = search[name]
  return filter
}

export function exportLink(filter: HistoryFilter): string {
  const query = new URLSearchParams({ format: 'ndjson' })
  for (const [name, value] of Object.entries(filter)) if (typeof value === 'string') query.set(name, value)
  return `/api/v1/history?${query.toString()}`
}

/** What can happen to a show, in the order in which it usually does. */
export const EVENT_TYPES = [
  'ShowScheduled',
  'ShowRevised',
  'ShowRescheduled',
  'SeatingAdopted',
  'PoolAdded',
  'PoolRevised',
  'TicketTypeAdded',
  'TicketTypeRevised',
  'DoorSet',
  'ShowPublished',
  'SalesPaused',
  'SalesResumed',
  'SalesClosed',
  'ShowCancelled',
  'PlacesBlocked',
  'BlockReleased',
  'HoldPlaced',
  'HoldChanged',
  'HoldExtended',
  'HoldReleased',
  'HoldExpired',
  'OrderPlaced',
  'PaymentRecorded',
  'OrderCancelled',
  'OrderExpired',
  'RefundRecorded',
  'TicketIssued',
  'TicketVoided',
  'TicketReissued',
  'TicketMoved',
  'TicketTransferred',
  'HolderNamed',
  'CheckedIn',
  'CheckedOut',
  'CheckInRefused',
  'CheckInUndone',
  'AdmissionConflictFound',
  'PersonsCounted',
  'CodeGuessingNoticed',
] as const

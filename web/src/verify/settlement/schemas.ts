/** Events of a show as today's schema has them, whichever version recorded them: `domain/src/events/mod.rs`, `upcasters.rs`. */
import { Fields, Misunderstood } from './fields'

/** The newest schema of each type. Schema 2 of all that has one is about texts of one line. */
const NEWEST = new Map<string, 1 | 2>([
  ['ShowScheduled', 2],
  ['ShowRevised', 2],
  ['ShowRescheduled', 1],
  ['SeatingAdopted', 2],
  ['PoolAdded', 2],
  ['PoolRevised', 2],
  ['TicketTypeAdded', 2],
  ['TicketTypeRevised', 2],
  ['DoorSet', 2],
  ['ShowPublished', 1],
  ['SalesPaused', 1],
  ['SalesResumed', 1],
  ['SalesClosed', 1],
  ['ShowCancelled', 1],
  ['PlacesBlocked', 2],
  ['BlockReleased', 2],
  ['HoldPlaced', 2],
  ['HoldChanged', 2],
  ['HoldExtended', 1],
  ['HoldReleased', 2],
  ['HoldExpired', 2],
  ['OrderPlaced', 2],
  ['PaymentRecorded', 1],
  ['OrderCancelled', 2],
  ['OrderExpired', 2],
  ['RefundRecorded', 1],
  ['TicketIssued', 2],
  ['TicketVoided', 2],
  ['TicketReissued', 1],
  ['TicketMoved', 2],
  ['TicketTransferred', 1],
  ['HolderNamed', 1],
  ['CheckedIn', 2],
  ['CheckedOut', 2],
  ['CheckInRefused', 2],
  ['CheckInUndone', 2],
  ['AdmissionConflictFound', 2],
  ['PersonsCounted', 2],
])

/** What the event says in today's words. */
export function understand(type: string, schema: number, payload: string): Fields {
  const newest = NEWEST.get(type)
  if (newest === undefined || schema < 1 || schema > newest)
    throw new Misunderstood(`no event ${type} of schema ${schema} is known`)
  const value: unknown = JSON.parse(payload)
  return new Fields(schema === newest ? value : straightened(value))
}

/** Ends a line, or turns what stands beside it around; in texts of one line each became U+FFFD. */
const BENDS = /[\u{2028}\u{2029}\u{202A}-\u{202E}\u{2066}-\u{2069}]/gu
const LONG: readonly string[] = ['description', 'address']

function straightened(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(BENDS, '\u{FFFD}')
  if (Array.isArray(value)) return value.map(straightened)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).map(([name, field]: [string, unknown]) => [
    name,
    LONG.includes(name) ? field : straightened(field),
  ])
  return Object.fromEntries(fields)
}

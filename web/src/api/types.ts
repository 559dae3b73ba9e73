/**
 * The names by which the rest of the app knows the contract; only this folder knows how they are generated. Where the
 * description says "a string" of what is one of a few words, the words stand here, and `words.ts` reads them.
 */
import type { components, operations } from './generated/schema'
import type { CheckInResult, DoorAdvice, RefusalReason, ShowStatus, TicketStatus } from './words'

export type { RefusalReason, ShowStatus } from './words'

type Schemas = components['schemas']
type Replace<T, U> = Omit<T, keyof U> & U

/** The API's name of an operation. */
export type Operation = keyof operations

export type Me = Schemas['Me']
export type Role = Schemas['Role']
export type Member = Schemas['Member']
export type Device = Schemas['Device']
export type ApiKey = Schemas['ApiKey']
export type Settings = Schemas['SettingsView']
export type SettingsPatch = Schemas['ChangeSettingsBody']
export type Person = Schemas['PersonItem']
export type PersonDetails = Schemas['PersonView']
export type HistoryItem = Schemas['HistoryItem']
export type Money = Schemas['Money']
export type Show = Replace<Schemas['ShowView'], { status: ShowStatus }>
export type TicketType = Schemas['TicketTypeView']
export type CategoryPrice = Schemas['CategoryPriceView']
export type Seating = Schemas['SeatingView']
export type Section = Schemas['SectionView']
export type SeatedSection = Section & { rows: NonNullable<Section['rows']> }
export type Availability = Replace<Schemas['AvailabilityView'], { status: ShowStatus }>
export type TicketTypeAvailability = Schemas['TicketTypeAvailability']
export type SectionAvailability = Schemas['SectionAvailability']
export type Level = Schemas['Level']
export type Seats = Schemas['SeatsView']
export type SeatState = Schemas['SeatState']
/** The figures that the app shows. */
export type Attendance = Pick<
  Schemas['AttendanceView'],
  'issued' | 'admitted' | 'inside' | 'departed' | 'refused' | 'overridden' | 'counted'
>
export type Ticket = Replace<Schemas['TicketView'], { status: TicketStatus }>
export type Line = Schemas['LineView']
export type Order = Replace<Schemas['OrderWithShow'], { tickets: Ticket[] }>
export type TicketsIssued = Schemas['TicketsIssuedAnswer']
export type CheckInAnswer = Replace<
  Schemas['CheckInAnswer'],
  { result: CheckInResult; reason: RefusalReason | null; do: DoorAdvice; because: readonly number[] }
>

export type SignInBody = Schemas['SignIn']
export type SetUpBody = Schemas['SetUpBody']
export type AdoptSeatingBody = Schemas['AdoptSeatingBody']
export type SectionInput = Schemas['SectionBody']
export type RowInput = Schemas['RowBody'] & { seats: (SeatInput | null)[] }
export type SeatInput = Schemas['SeatBody']
export type TicketTypeBody = Schemas['AddTicketTypeBody']
export type IssueTicketBody = Schemas['IssueTicketBody']
export type VoidTicketBody = Schemas['VoidTicketBody']
export type CheckInBody = Schemas['ScanBody']

export function isSeated(section: Section): section is SeatedSection {
  return section.rows !== null
}

/** What a ticket type costs: one price everywhere (category null), or one for each category that it sells. */
export function pricesOf(type: TicketType): readonly CategoryPrice[] {
  if (type.price !== null) return [{ category: null, price: type.price }]
  return type.prices ?? []
}

/** The price of a place of this category; null where the ticket type does not sell it. */
export function priceOf(type: TicketType, category: string | null): Money | null {
  if (category !== null && type.categories !== null && !type.categories.includes(category)) return null
  return pricesOf(type).find((price) => price.category === null || price.category === category)?.price ?? null
}

/** Whether a ticket type sells places of this section and category. */
export function opens(type: TicketType, section: string, category: string | null): boolean {
  return (type.sections === null || type.sections.includes(section)) && priceOf(type, category) !== null
}

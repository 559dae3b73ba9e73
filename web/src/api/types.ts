/** The names by which the rest of the app knows the contract; only this folder knows how they are generated. */
import type { components } from './generated/schema'

type Schemas = components['schemas']

export type Me = Schemas['Me']
export type Money = Schemas['Money']
export type Show = Schemas['Show']
export type ShowStatus = Schemas['ShowStatus']
export type TicketType = Schemas['TicketType']
export type CategoryPrice = Schemas['CategoryPrice']
export type Seating = Schemas['Seating']
export type Section = Seating['sections'][number]
export type SeatedSection = Section & { rows: NonNullable<Section['rows']> }
export type StandingSection = Section & { capacity: number }
export type Availability = Schemas['Availability']
export type TicketTypeAvailability = Schemas['TicketTypeAvailability']
export type SectionAvailability = Schemas['SectionAvailability']
export type Level = Schemas['Level']
export type Seats = Schemas['Seats']
export type SeatState = Schemas['SeatState']
export type Attendance = Schemas['Attendance']
export type Ticket = Schemas['Ticket']
export type TicketsIssued = Schemas['TicketsIssued']
export type CheckInAnswer = Schemas['CheckInAnswer']
export type RefusalReason = Schemas['RefusalReason']

export type SignInBody = Schemas['SignIn']
export type ScheduleShowBody = Schemas['ScheduleShow']
export type ReviseShowBody = Schemas['ReviseShow']
export type RescheduleShowBody = Schemas['RescheduleShow']
export type AdoptSeatingBody = Schemas['AdoptSeating']
export type SectionInput = Schemas['SectionInput']
export type RowInput = Schemas['RowInput']
export type TicketTypeBody = Schemas['TicketTypeInput']
export type TicketTypeChangeBody = Schemas['TicketTypeChange']
export type IssueTicketBody = Schemas['IssueTicket']
export type VoidTicketBody = Schemas['VoidTicket']
export type CheckInBody = Schemas['CheckIn']

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

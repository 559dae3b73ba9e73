/**
 * Closed lists of words in answers. A server that is newer than this page may know more of them: each list says what
 * an unknown word is taken for, always the careful way.
 */
import { z } from 'zod'
import type { components } from './generated/schema'
import type { Availability, CheckInAnswer, Order, Role, Show, Ticket } from './types'

type Schemas = components['schemas']

export const showStatus = z.enum(['draft', 'published', 'paused', 'closed', 'cancelled'])
export type ShowStatus = z.infer<typeof showStatus>

/** From the one who may do everything downwards. */
export const ROLES: readonly Role[] = ['owner', 'manager', 'seller', 'door', 'auditor', 'analyst']

/** Nobody gives a role above their own: owners any, managers all but theirs. */
export function rolesToGive(own: Role): readonly Role[] {
  return own === 'owner' ? ROLES : ROLES.filter((candidate) => candidate !== 'owner')
}

const ticketStatus = z.enum(['valid', 'void'])
export type TicketStatus = z.infer<typeof ticketStatus>

const checkInResult = z.enum(['admitted', 'refused', 'confirm', 'invalid'])
export type CheckInResult = z.infer<typeof checkInResult>

const refusalReason = z.enum([
  'already_checked_in',
  'not_inside',
  'unknown_code',
  'bad_signature',
  'wrong_show',
  'wrong_area',
  'wrong_gate',
  'void',
  'replaced',
  'unpaid',
  'too_early',
  'not_yet_valid',
  'no_longer_valid',
  'area_full',
  'show_cancelled',
])
export type RefusalReason = z.infer<typeof refusalReason>

const doorAdvice = z.enum(['admit', 'refuse', 'send_to_box_office', 'other_gate', 'wait', 'call_manager'])
export type DoorAdvice = z.infer<typeof doorAdvice>

export const readShow = (view: Schemas['ShowView']): Show => ({
  ...view,
  status: showStatus.catch('closed').parse(view.status),
})

export const readAvailability = (view: Schemas['AvailabilityView']): Availability => ({
  ...view,
  status: showStatus.catch('closed').parse(view.status),
})

export const readTicket = (view: Schemas['TicketView']): Ticket => ({
  ...view,
  status: ticketStatus.catch('void').parse(view.status),
})

const orderStatus = z.enum(['awaiting_payment', 'paid', 'cancelled', 'expired'])
const orderTerms = z.enum(['pay_first', 'pay_at_door', 'on_account'])

export const readOrder = (view: Schemas['OrderWithShow']): Order => ({
  ...view,
  status: orderStatus.catch('awaiting_payment').parse(view.status),
  terms: orderTerms.catch('pay_first').parse(view.terms),
  tickets: view.tickets.map(readTicket),
})

export const readCheckIn = (view: Schemas['CheckInAnswer']): CheckInAnswer => ({
  ...view,
  result: checkInResult.catch('refused').parse(view.result),
  reason: refusalReason.nullable().catch(null).parse(view.reason),
  do: doorAdvice.catch('call_manager').parse(view.do),
})

import type { Availability, SectionAvailability, TicketTypeAvailability } from './types'

export interface Numbers {
  capacity: number
  sold: number
  held: number
  blocked: number
  available: number
}

/** The numbers of a section or ticket type; null for whoever may see levels only, or where nothing limits it. */
export function numbersOf(entry: SectionAvailability | TicketTypeAvailability): Numbers | null {
  const { capacity, sold, held, blocked, available } = entry
  if (typeof capacity !== 'number' || typeof sold !== 'number') return null
  return { capacity, sold, held: held ?? 0, blocked: blocked ?? 0, available: available ?? 0 }
}

/** Every place is in one section, so the sections add up to the show. */
export function totals(availability: Availability): Numbers | null {
  const all = availability.sections.map(numbersOf)
  if (all.length === 0 || all.some((numbers) => numbers === null)) return null
  return all.reduce<Numbers>(
    (sum, numbers) => ({
      capacity: sum.capacity + (numbers?.capacity ?? 0),
      sold: sum.sold + (numbers?.sold ?? 0),
      held: sum.held + (numbers?.held ?? 0),
      blocked: sum.blocked + (numbers?.blocked ?? 0),
      available: sum.available + (numbers?.available ?? 0),
    }),
    { capacity: 0, sold: 0, held: 0, blocked: 0, available: 0 },
  )
}

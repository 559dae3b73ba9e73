/**
 * The page of events that ends at a position. The history is told forwards only, so this looks for a beginning from which
 * about a page leads there: from how densely the show's events stand, and then by trying.
 */
export interface Span {
  first: number
  last: number
  events: number
}

interface Listed<Item> {
  items: Item[]
  next: string | null
}

/** A page never has more than a list may, and is worth having from so many. */
const MOST = 100
const ENOUGH = 15
const WANTED = 40
/** Twenty halvings find one event in a million. */
const TRIES_MAX = 24

export async function pageBefore<Item>(
  end: number,
  span: Span,
  list: (after: number, limit: number) => Promise<Listed<Item>>,
): Promise<{ items: Item[]; from: number }> {
  const whole = end - span.first
  if (whole <= 0) return { items: [], from: span.first }
  const each = (span.last - span.first + 1) / Math.max(1, span.events)
  let tooShort = 0
  let tooLong = Infinity
  let length = Math.min(whole, Math.max(1, Math.round(WANTED * each)))
  let found: Item[] = []
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const { items, next } = await list(end - 1 - length, MOST)
    if (next !== null) tooLong = length
    else {
      found = items
      tooShort = length
      if (items.length >= ENOUGH || length === whole) break
    }
    length = Math.min(whole, tooLong === Infinity ? length * 4 : Math.floor((tooShort + tooLong) / 2))
    if (length <= tooShort) break
  }
  return { items: found, from: end - tooShort }
}

/** Names of cached queries. What belongs to one show lies below it, so that it can be made stale at once. */
export const keys = {
  me: ['me'] as const,
  shows: ['shows'] as const,
  showList: (q: string) => ['shows', 'list', q] as const,
  show: (show: string) => ['shows', show, 'details'] as const,
  everythingOf: (show: string) => ['shows', show] as const,
  availability: (show: string) => ['shows', show, 'availability'] as const,
  seating: (show: string) => ['shows', show, 'seating'] as const,
  seats: (show: string) => ['shows', show, 'seats'] as const,
  attendance: (show: string) => ['shows', show, 'attendance'] as const,
  tickets: (show: string) => ['shows', show, 'tickets'] as const,
  ticket: (ticket: string) => ['tickets', ticket] as const,
  ticketSearch: (show: string, q: string) => ['shows', show, 'tickets', q] as const,
}

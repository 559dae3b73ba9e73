/** "TicketIssued" → "Ticket issued". */
export function eventName(type: string): string {
  return (
    type.charAt(0) +
    type
      .slice(1)
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
  )
}

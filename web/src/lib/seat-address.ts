/** `Block A-3-12`: section, row, seat. Only a section's name may hold a dash, so it is read from the end. */
export function seatParts(address: string): { section: string; row: string; seat: string } | null {
  const match = /^(.+)-([^-]+)-([^-]+)$/.exec(address)
  if (!match) return null
  const [, section = '', row = '', seat = ''] = match
  return { section, row, seat }
}

/**
 * Read-your-own-writes. A command answers with the log position of its last event; queries that are sent
 * with the highest one seen wait until their read model has got there.
 */
export const POSITION_HEADER = 'Turnout-Position'

let highest = 0

export function seenPosition(): number {
  return highest
}

/** Keeps the position of a command's answer; positions never go back. */
export function keepPosition(headers: Headers): void {
  const position = readPosition(headers)
  if (position !== null && position > highest) highest = position
}

export function readPosition(headers: Headers): number | null {
  const text = headers.get(POSITION_HEADER)
  if (text === null || !/^\d{1,15}$/.test(text)) return null
  return Number(text)
}

/** For a server whose log is younger than this page (a fresh installation behind the same address). */
export function forgetPosition(): void {
  highest = 0
}

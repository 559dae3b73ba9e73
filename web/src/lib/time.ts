/**
 * Instants travel as RFC 3339 in UTC; people see a show's local time, in its own zone, wherever they are.
 * A "wall time" here is the text of a datetime-local input, `2026-12-31T19:30`.
 */
const WALL = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/

function parts(instant: Date, zone: string): Record<string, string> {
  const found: Record<string, string> = {}
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  for (const part of format.formatToParts(instant)) found[part.type] = part.value
  return found
}

/** The instant as a wall time in the zone. */
export function toWallTime(instant: string, zone: string): string {
  const p = parts(new Date(instant), zone)
  return `${p.year ?? ''}-${p.month ?? ''}-${p.day ?? ''}T${p.hour ?? ''}:${p.minute ?? ''}`
}

/** Milliseconds that the zone's clocks are ahead of UTC at the instant. */
function offsetAt(instant: number, zone: string): number {
  const p = parts(new Date(instant), zone)
  const shown = Date.UTC(
    Number(p.year),
    Number(p.month) - 1,
    Number(p.day),
    Number(p.hour),
    Number(p.minute),
    Number(p.second),
  )
  return shown - Math.floor(instant / 1000) * 1000
}

/**
 * The wall time in the zone as an instant; null when it is not a date. An hour that the clocks repeat is its
 * first occurrence, one that they skip moves on by the skipped time.
 */
export function fromWallTime(wall: string, zone: string): string | null {
  const match = WALL.exec(wall)
  if (!match) return null
  const [, year, month, day, hour, minute] = match.map(Number)
  const guess = Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute)
  const before = offsetAt(guess - 24 * 3_600_000, zone)
  const after = offsetAt(guess + 24 * 3_600_000, zone)
  const fits = [before, after]
    .map((offset) => guess - offset)
    .find((instant) => toWall(instant, zone) === wall)
  return isoSeconds(fits ?? guess - before)
}

function toWall(instant: number, zone: string): string {
  return toWallTime(new Date(instant).toISOString(), zone)
}

function isoSeconds(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}

/** "Thursday, 31 December 2026 at 19:30" */
export function formatWhen(instant: string, zone: string, locale = 'en-GB'): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    dateStyle: 'full',
    timeStyle: 'short',
    hourCycle: 'h23',
  }).format(new Date(instant))
}

/** "Thu 31 Dec 2026, 19:30" */
export function formatWhenShort(instant: string, zone: string, locale = 'en-GB'): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(instant))
}

/** "Sat 21 Nov 2026, 14:05:09 CET": to the second, because the moment decides which events had happened. */
export function formatMoment(instant: string, zone: string, locale = 'en-GB'): string {
  const format = kept('moment', zone, locale, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  })
  return `${format.format(new Date(instant))} ${zoneName(instant, zone, locale)}`
}

/** Lists show hundreds of moments while one drags; making a format costs many times what using it does. */
const formats = new Map<string, Intl.DateTimeFormat>()

function kept(
  what: 'moment' | 'zone',
  zone: string,
  locale: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = `${what} ${locale} ${zone}`
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: zone })
  formats.set(key, format)
  return format
}

/** "19:30", with the day in front when it is not today's in the zone. */
export function formatClock(instant: string, zone: string, now: Date, locale = 'en-GB'): string {
  const sameDay = toWallTime(instant, zone).slice(0, 10) === toWallTime(now.toISOString(), zone).slice(0, 10)
  return new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    ...(sameDay ? {} : { weekday: 'short', day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(instant))
}

const STEPS: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** "3 minutes ago", "yesterday", "in 5 days"; what is less than a minute away is "now". */
export function formatAgo(instant: string, now: Date, locale = 'en-GB'): string {
  const seconds = Math.round((Date.parse(instant) - now.getTime()) / 1000)
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length)
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  return step ? format.format(Math.trunc(seconds / step[1]), step[0]) : format.format(0, 'second')
}

/** "9:41": what is left until the instant, never below zero. */
export function formatCountdown(instant: string, now: Date): string {
  const seconds = Math.max(0, Math.ceil((Date.parse(instant) - now.getTime()) / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

/** "CET", "GMT+1": what the zone is called at the instant. */
export function zoneName(instant: string, zone: string, locale = 'en-GB'): string {
  const found = kept('zone', zone, locale, { timeZoneName: 'short' })
    .formatToParts(new Date(instant))
    .find((part) => part.type === 'timeZoneName')
  return found?.value ?? zone
}

export function dayParts(instant: string, zone: string, locale = 'en-GB'): { day: string; month: string } {
  const date = new Date(instant)
  return {
    day: new Intl.DateTimeFormat(locale, { timeZone: zone, day: 'numeric' }).format(date),
    month: new Intl.DateTimeFormat(locale, { timeZone: zone, month: 'short' }).format(date),
  }
}

export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

export function allZones(): string[] {
  const zones = new Set(Intl.supportedValuesOf('timeZone'))
  zones.add('UTC')
  zones.add(localZone())
  return [...zones].sort()
}

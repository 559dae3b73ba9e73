/**
 * Moments as the settlement writes them: RFC 3339 with no, three, six or nine digits behind the second, whatever says all of
 * it; in UTC, and on the clock of the show.
 */
import { Misunderstood } from './fields'

const MOMENT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|\+00:00)$/
const DAY_MS = 24 * 3_600 * 1_000
const MINUTE_MS = 60_000

export interface Moment {
  /** Since 1970, of the whole second. */
  ms: number
  /** Nine digits. */
  fraction: string
}

export function readMoment(text: string): Moment {
  const [, seconds, fraction = ''] = MOMENT.exec(text) ?? []
  const ms = seconds === undefined ? Number.NaN : Date.parse(`${seconds}Z`)
  if (Number.isNaN(ms)) throw new Misunderstood(`not a time: ${text}`)
  return { ms, fraction: fraction.padEnd(9, '0') }
}

export const isBefore = (one: Moment, other: Moment) =>
  one.ms === other.ms ? one.fraction < other.fraction : one.ms < other.ms

export const aDayLater = ({ ms, fraction }: Moment): Moment => ({ ms: ms + DAY_MS, fraction })

export const inUtc = (moment: Moment) => `${clock(moment, 0)}Z`

export function inZone(moment: Moment, zone: string): string {
  const offset = offsetMinutes(moment.ms, zone)
  const size = Math.abs(offset)
  const digits = (value: number) => String(value).padStart(2, '0')
  return `${clock(moment, offset)}${offset < 0 ? '-' : '+'}${digits(Math.floor(size / 60))}:${digits(size % 60)}`
}

function clock({ ms, fraction }: Moment, offset: number): string {
  const seconds = new Date(ms + offset * MINUTE_MS).toISOString().slice(0, 19)
  const digits = fraction.replace(/(?:000)+$/, '')
  return digits === '' ? seconds : `${seconds}.${digits}`
}

/** How far the zone's clock is ahead of UTC then, by what this browser knows of zones. */
function offsetMinutes(ms: number, zone: string): number {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name) ?? []
  if (!name.startsWith('GMT') || (sign === undefined && name !== 'GMT'))
    throw new Misunderstood(`the clock of ${zone} is not known`)
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0))
}

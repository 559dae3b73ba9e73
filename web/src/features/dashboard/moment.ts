/** "Sat 21 Nov 2026, 14:05:09 CET": to the second, because the moment decides which events had happened. */
import { zoneName } from '@/lib/time'

export function formatMoment(instant: string, zone: string, locale = 'en-GB'): string {
  const text = new Intl.DateTimeFormat(locale, {
    timeZone: zone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(instant))
  return `${text} ${zoneName(instant, zone, locale)}`
}

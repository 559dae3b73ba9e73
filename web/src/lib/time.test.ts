import { describe, expect, it } from 'vitest'
import {
  formatAgo,
  formatClock,
  formatCountdown,
  formatWhen,
  fromWallTime,
  toWallTime,
  zoneName,
} from './time'

const berlin = 'Europe/Berlin'

describe('time', () => {
  it("is shown in the show's zone, not the reader's", () => {
    expect(formatWhen('2026-12-12T18:30:00Z', berlin)).toMatch(/^Saturday,? 12 December 2026 at 19:30$/)
    expect(zoneName('2026-12-12T18:30:00Z', berlin)).toBe('CET')
  })
  it('goes to a wall time and back', () => {
    for (const instant of ['2026-12-12T18:30:00Z', '2026-07-01T22:15:00Z', '2026-02-28T23:59:00Z']) {
      for (const zone of [berlin, 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Auckland', 'UTC']) {
        expect(fromWallTime(toWallTime(instant, zone), zone)).toBe(instant)
      }
    }
  })
  it('takes the first of an hour that the clocks repeat', () => {
    expect(fromWallTime('2026-10-25T02:30', berlin)).toBe('2026-10-25T00:30:00Z')
  })
  it('moves a time that the clocks skip', () => {
    expect(fromWallTime('2026-03-29T02:30', berlin)).toBe('2026-03-29T01:30:00Z')
  })
  it('is nothing when there is no wall time', () => {
    expect(fromWallTime('', berlin)).toBeNull()
    expect(fromWallTime('soon', berlin)).toBeNull()
  })
  it('names the day only when it is another one', () => {
    const evening = new Date('2026-12-12T20:00:00Z')
    expect(formatClock('2026-12-12T18:30:00Z', berlin, evening)).toBe('19:30')
    expect(formatClock('2026-12-11T18:30:00Z', berlin, evening)).toContain('11 Dec')
  })
  it('says how long ago, and how much is left', () => {
    const now = new Date('2026-12-12T18:00:00Z')
    expect(formatAgo('2026-12-12T17:59:40Z', now)).toBe('now')
    expect(formatAgo('2026-12-12T17:56:30Z', now)).toBe('3 minutes ago')
    expect(formatAgo('2026-12-14T19:00:00Z', now)).toBe('in 2 days')
    expect(formatCountdown('2026-12-12T18:09:41Z', now)).toBe('9:41')
    expect(formatCountdown('2026-12-12T17:00:00Z', now)).toBe('0:00')
  })
})

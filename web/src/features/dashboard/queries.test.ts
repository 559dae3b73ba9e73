import { expect, it } from 'vitest'
import { eventsLink, eventsOf, exportLink, readEventsLink } from './queries'

it('follows what a row says of its events', () => {
  const local = '2027-10-31T02:00:00+01:00'
  const link = `/api/v1/reports/no-shows/events?show=s&day=${encodeURIComponent(local)}&section=&at=17`
  expect(readEventsLink(link)).toEqual({
    report: 'no-shows',
    query: { show: 's', day: local, section: '', at: '17' },
  })
})
it('names the events within a time, as of a moment', () => {
  const within = { from: Date.parse('2027-01-01T10:00:00Z'), to: Date.parse('2027-01-01T10:05:00Z') }
  expect(readEventsLink(eventsLink('attendance', 's', '2027-01-02T00:00:00Z', within))).toEqual({
    report: 'attendance',
    query: {
      show: 's',
      from: '2027-01-01T10:00:00.000Z',
      to: '2027-01-01T10:05:00.000Z',
      as_of: '2027-01-02T00:00:00Z',
    },
  })
})
it('takes figures away as they are shown', () => {
  expect(exportLink('sales', 's', 'day', null, 'csv')).toBe('/api/v1/reports/sales?show=s&by=day&format=csv')
  expect(exportLink('sales', 's', 'day', '2027-01-02T00:00:00Z', 'xlsx')).toBe(
    '/api/v1/reports/sales?show=s&by=day&format=xlsx&as_of=2027-01-02T00%3A00%3A00Z',
  )
})
it('names the events that add to some figures alone', () => {
  const link = eventsLink('sales', 's', null)
  expect(eventsOf(link, undefined)).toBe(link)
  expect(readEventsLink(eventsOf(link, ['gross', 'cancelled'])).query).toEqual({
    show: 's',
    figure: 'gross,cancelled',
  })
})

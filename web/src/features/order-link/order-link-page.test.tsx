import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, expect, it, vi } from 'vitest'
import { actAs } from '@/api/client'
import { show } from '@/test/examples'
import { json, network, problem } from '@/test/network'
import { withCache } from '@/test/wrap'
import { order } from './example'
import { FoundByLink } from './order-link-page'

const link = { order: 'order-1', secret: 'AgGh_hvi' }
const picture = () => new Response('png', { headers: { 'Content-Type': 'image/png' } })

beforeEach(() => {
  actAs({ kind: 'customer', secret: link.secret })
  URL.createObjectURL = vi.fn(() => 'blob:picture')
  URL.revokeObjectURL = vi.fn()
})

it('shows the order with its tickets, asking by its secret only', async () => {
  const sent = network(({ path }) => {
    if (path === '/api/v1/orders/order-1') return json(order)
    return path === '/api/v1/shows/show-1' ? json(show) : picture()
  })
  render(<FoundByLink link={link} />, { wrapper: withCache() })
  expect(await screen.findByRole('heading', { name: 'Concert', level: 1 })).toBeVisible()
  expect(screen.getByText('Nothing more is due.')).toBeVisible()
  expect(screen.getByText('Saturday, 12 December 2026 at 19:30')).toBeVisible()
  expect(document.title).toBe('Order 85PBT')

  const good = screen.getByRole('region', { name: 'Ticket 4711' })
  expect(await within(good).findByRole('img', { name: 'QR code of ticket 4711' })).toHaveAttribute(
    'src',
    'blob:picture',
  )
  const gone = screen.getByRole('region', { name: 'Ticket 0815' })
  expect(within(gone).getByText('Void')).toBeVisible()
  expect(within(gone).queryByRole('img')).toBeNull()
  expect(within(gone).queryByRole('button')).toBeNull()

  expect(sent.map(({ path }) => path)).toEqual([
    '/api/v1/orders/order-1',
    '/api/v1/shows/show-1',
    '/api/v1/tickets/ticket-1/qr.png',
  ])
  for (const { headers, cookies } of sent) {
    expect(headers.get('Authorization')).toBe('Bearer AgGh_hvi')
    expect(cookies).toBe('omit')
  }
})

it('saves a ticket as a file of a name that says which', async () => {
  const sent = network(({ path }) => {
    if (path === '/api/v1/orders/order-1') return json(order)
    return path === '/api/v1/shows/show-1' ? json(show) : picture()
  })
  const names: string[] = []
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
    names.push(this.download)
  })
  render(<FoundByLink link={link} />, { wrapper: withCache() })
  for (const [label, name] of [
    ['PDF', 'concert-4711.pdf'],
    ['Picture', 'concert-4711.png'],
    ['Calendar', 'concert-4711.ics'],
  ] as const) {
    await userEvent.click(await screen.findByRole('button', { name: `${label} of ticket 4711` }))
    await vi.waitFor(() => {
      expect(names.at(-1)).toBe(name)
    })
  }
  expect(sent.at(-1)?.path).toBe('/api/v1/tickets/ticket-1/calendar.ics')
})

it.each([401, 404])('says that the link is not complete when the server answers %i', async (status) => {
  network(() => problem(status, 'unauthenticated'))
  render(<FoundByLink link={link} />, { wrapper: withCache() })
  expect(await screen.findByRole('heading', { name: 'This link is not complete' })).toBeVisible()
  expect(screen.getByText(/Open it again from your confirmation/)).toBeVisible()
})

it('does not blame the link when the server is busy', async () => {
  network(() => problem(429, 'too_many_requests'))
  render(<FoundByLink link={link} />, { wrapper: withCache() })
  expect(await screen.findByRole('button', { name: 'Try again' })).toBeVisible()
  expect(screen.queryByText('This link is not complete')).toBeNull()
})

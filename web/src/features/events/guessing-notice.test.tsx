import { render, screen, waitFor } from '@testing-library/react'
import { expect, it } from 'vitest'
import { json, network } from '@/test/network'
import { withCache } from '@/test/wrap'
import { GuessingNotice } from './guessing-notice'

const alert = (position: number, payload: unknown) => ({
  position,
  recorded_at: new Date(Date.now() - 5 * 60_000).toISOString(),
  type: 'CodeGuessingNoticed',
  payload,
})
const here = { show: 'show-1', device: null, codes: 61, throttled: true }

it('tells of those who guess codes at this event, and whether they are slowed down', async () => {
  const sent = network(() =>
    json({
      items: [
        alert(1, { ...here, show: 'another' }),
        alert(2, here),
        alert(3, { ...here, device: 'device-1', codes: 90, throttled: false }),
        alert(4, 'not understood'),
      ],
      next: null,
    }),
  )
  render(<GuessingNotice show="show-1" />, { wrapper: withCache() })
  expect(await screen.findByRole('alert')).toHaveTextContent('Somebody may be guessing ticket codes')
  const told = screen.getAllByRole('listitem').map((item) => item.textContent)
  expect(told).toEqual([
    '90 wrong codes on a paired device, 5 minutes ago. Devices are never slowed down.',
    '61 wrong codes by a member or an API key, 5 minutes ago. They have to wait now.',
  ])
  expect(sent.map(({ path }) => path)).toEqual(['/api/v1/history'])
})

it('says nothing where nobody does', async () => {
  const sent = network(() => json({ items: [], next: null }))
  const { container } = render(<GuessingNotice show="show-1" />, { wrapper: withCache() })
  await waitFor(() => {
    expect(sent).toHaveLength(1)
  })
  expect(container).toBeEmptyDOMElement()
})

import { render, screen } from '@testing-library/react'
import { expect, it, vi } from 'vitest'
import { json, network } from '@/test/network'
import { withCache } from '@/test/wrap'
import { PairingCode } from './pairing-code'

const device = {
  id: 'device-1',
  name: 'Tablet',
  shows: ['show-1'],
  gates: [],
  may_override: false,
  paired_at: '2026-12-12T18:00:00Z',
  last_seen_at: null,
}
const inTenMinutes = () => new Date(Date.now() + 600_000).toISOString()
const open = (expiresAt: string, known: string[] = []) => {
  const onAgain = vi.fn()
  render(
    <PairingCode
      code="tp_0123456789abcdefghijkl"
      expiresAt={expiresAt}
      name="Tablet"
      known={known}
      onAgain={onAgain}
      onClose={vi.fn()}
    />,
    { wrapper: withCache() },
  )
  return onAgain
}

it('shows the code as a picture and as a link, and how long it is good', async () => {
  network(() => json({ items: [], next: null }))
  open(inTenMinutes())
  expect(screen.getByRole('img', { name: 'QR code for pairing Tablet' })).toBeVisible()
  expect(screen.getByLabelText('Or open this link on the device')).toHaveValue(
    `${location.origin}/pair#tp_0123456789abcdefghijkl`,
  )
  expect(screen.getByText('Expires in 10:00')).toBeVisible()
  expect(await screen.findByText('Waiting for the device …')).toBeVisible()
})

it('notices by itself that the device has paired', async () => {
  let paired = false
  network(() => {
    const items = paired ? [device] : []
    paired = true
    return json({ items, next: null })
  })
  open(inTenMinutes())
  expect(await screen.findByText('“Tablet” is paired.', undefined, { timeout: 4_000 })).toBeVisible()
  expect(screen.queryByRole('img', { name: /QR code/ })).toBeNull()
})

it('is not taken in by another device of the same name', async () => {
  const sent = network(() => json({ items: [device], next: null }))
  open(inTenMinutes(), ['device-1'])
  await vi.waitFor(() => {
    expect(sent.length).toBeGreaterThan(0)
  })
  expect(screen.getByText('Waiting for the device …')).toBeVisible()
})

it('takes an expired code away and offers another', () => {
  network(() => json({ items: [], next: null }))
  const onAgain = open(new Date(Date.now() - 1_000).toISOString())
  expect(screen.queryByRole('img', { name: /QR code/ })).toBeNull()
  screen.getByRole('button', { name: 'Show a new code' }).click()
  expect(onAgain).toHaveBeenCalledOnce()
})

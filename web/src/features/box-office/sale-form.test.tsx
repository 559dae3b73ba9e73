import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { useState } from 'react'
import { expect, it, vi } from 'vitest'
import { show } from '@/test/examples'
import { json, lost, network, problem } from '@/test/network'
import { withCache } from '@/test/wrap'
import type { Line } from './basket'
import { SaleForm } from './sale-form'

const sale = { order: 'o', reference: 'R', total: { amount: 9000, currency: 'EUR' }, tickets: [] }

function Counter({ onSold }: { onSold: () => void }) {
  const [lines, setLines] = useState<readonly Line[]>([
    { kind: 'seat', address: 'Block A-1-1', category: 'Gold', type: 'adult' },
    { kind: 'seat', address: 'Block A-1-2', category: 'Gold', type: 'adult' },
  ])
  return <SaleForm show={show} lines={lines} onLines={setLines} onSold={onSold} />
}

function open(onSold = vi.fn()) {
  render(<Counter onSold={onSold} />, { wrapper: withCache() })
  return onSold
}

it('sells what is in the basket, once, with a key', async () => {
  const sent = network(() => json(sale, 201))
  const onSold = open()
  await userEvent.click(screen.getByRole('radio', { name: 'Card terminal' }))
  await userEvent.click(screen.getByRole('button', { name: 'Sell 2 tickets' }))
  await waitFor(() => {
    expect(onSold).toHaveBeenCalled()
  })
  expect(sent).toHaveLength(1)
  expect(sent[0]?.body).toEqual({
    items: [{ ticket_type: 'adult', seats: ['Block A-1-1', 'Block A-1-2'] }],
    payment: { method: 'card_terminal' },
  })
  expect(sent[0]?.headers.get('Idempotency-Key')).toMatch(/^[0-9a-f-]{36}$/)
})

it('repeats a sale whose answer was lost with the same key', async () => {
  let times = 0
  const sent = network(() => {
    times += 1
    return times === 1 ? lost() : json(sale, 201)
  })
  const onSold = open()
  await userEvent.click(screen.getByRole('button', { name: 'Sell 2 tickets' }))
  await waitFor(
    () => {
      expect(onSold).toHaveBeenCalled()
    },
    { timeout: 3_000 },
  )
  expect(sent).toHaveLength(2)
  expect(sent[1]?.headers.get('Idempotency-Key')).toBe(sent[0]?.headers.get('Idempotency-Key'))
})

it('takes a seat that somebody else was faster with off the list, and sells nothing', async () => {
  const sent = network(() =>
    problem(409, 'seat_taken', [{ pointer: '/items/0/seats/1', detail: 'Block A-1-2 is sold.' }]),
  )
  const onSold = open()
  await userEvent.click(screen.getByRole('button', { name: 'Sell 2 tickets' }))
  expect(await screen.findByText('Just taken by somebody else')).toBeInTheDocument()
  expect(screen.getByText(/Nothing was sold\. Block A · row 1 · seat 2/)).toBeInTheDocument()
  expect(screen.getByRole('button', { name: 'Sell 1 ticket' })).toBeEnabled()
  expect(onSold).not.toHaveBeenCalled()
  // What is sold now is another sale.
  await userEvent.click(screen.getByRole('button', { name: 'Sell 1 ticket' }))
  await waitFor(() => {
    expect(sent).toHaveLength(2)
  })
  expect(sent[1]?.headers.get('Idempotency-Key')).not.toBe(sent[0]?.headers.get('Idempotency-Key'))
})

it('asks why a complimentary ticket is free before it sends anything', async () => {
  const sent = network(() => json(sale, 201))
  const onSold = open()
  await userEvent.click(screen.getByRole('radio', { name: 'Complimentary' }))
  await userEvent.click(screen.getByRole('button', { name: 'Sell 2 tickets' }))
  expect(screen.getByText('Say why; it is kept with the sale.')).toBeInTheDocument()
  expect(sent).toHaveLength(0)
  await userEvent.type(screen.getByLabelText('Why it is free'), 'Press')
  await userEvent.click(screen.getByRole('button', { name: 'Sell 2 tickets' }))
  await waitFor(() => {
    expect(onSold).toHaveBeenCalled()
  })
  expect(sent[0]?.body).toMatchObject({ payment: { complimentary: { reason: 'Press' } } })
})

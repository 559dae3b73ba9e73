import { render, screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { ticket } from '@/test/examples'
import { json, network, problem } from '@/test/network'
import { withCache } from '@/test/wrap'
import { VoidDialog } from './void-dialog'

it('asks what becomes of the place of somebody who is inside', async () => {
  let times = 0
  const sent = network(() => {
    times += 1
    return times === 1 ? problem(409, 'holder_inside') : json({})
  })
  const onClose = vi.fn()
  render(<VoidDialog show="show-1" ticket={ticket} onClose={onClose} />, { wrapper: withCache() })
  expect(screen.getByRole('button', { name: 'Void the ticket' })).toBeDisabled()
  await userEvent.type(screen.getByLabelText('Reason'), 'Stolen')
  await userEvent.click(screen.getByRole('button', { name: 'Void the ticket' }))
  await userEvent.click(await screen.findByRole('radio', { name: /They stay inside/ }))
  await userEvent.click(screen.getByRole('button', { name: 'Void the ticket' }))
  await waitFor(() => {
    expect(onClose).toHaveBeenCalled()
  })
  expect(sent.map(({ body }) => body)).toEqual([{ reason: 'Stolen' }, { reason: 'Stolen', keep_place: true }])
})

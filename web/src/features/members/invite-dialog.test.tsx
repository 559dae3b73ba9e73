import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { json, network, problem } from '@/test/network'
import { withCache } from '@/test/wrap'
import { InviteDialog } from './invite-dialog'

it('says at the field what is wrong, then shows the link once', async () => {
  const link = 'https://tickets.example.org/invitation#ti_secret'
  let times = 0
  const sent = network(() => {
    times += 1
    return times === 1
      ? problem(422, 'invalid', [{ pointer: '/email', detail: 'is no e-mail address' }])
      : json({ id: 'member-2', link }, 201)
  })
  render(<InviteDialog onClose={vi.fn()} />, { wrapper: withCache() })
  expect(screen.getByRole('button', { name: 'Make the link' })).toBeDisabled()
  await userEvent.type(screen.getByLabelText('Email'), 'dora')
  await userEvent.click(screen.getByRole('radio', { name: /^Door/ }))
  await userEvent.click(screen.getByRole('button', { name: 'Make the link' }))
  expect(await screen.findByText('is no e-mail address')).toBeVisible()
  await userEvent.type(screen.getByLabelText('Email'), '@example.org')
  await userEvent.click(screen.getByRole('button', { name: 'Make the link' }))
  expect(await screen.findByLabelText('Link')).toHaveValue(link)
  expect(screen.getByText(/It is shown only now/)).toBeVisible()
  expect(sent.map(({ body }) => body)).toEqual([
    { email: 'dora', role: 'door' },
    { email: 'dora@example.org', role: 'door' },
  ])
})

import { act, renderHook, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it } from 'vitest'
import { admitted } from '@/test/examples'
import { json, lost, network, problem } from '@/test/network'
import { withCache } from '@/test/wrap'
import { useDoor } from './use-door'

const open = (listening = true) =>
  renderHook(
    () => useDoor('show-1', 4, 'in', { kind: 'gate', name: 'North' }, () => 'What to do.', listening),
    { wrapper: withCache() },
  )

it('checks what is typed on a keyboard as soon as the code is full', async () => {
  const sent = network(() => json(admitted))
  const door = open()
  await userEvent.keyboard('47{Backspace}711')
  await waitFor(() => {
    expect(door.result.current[0].phase).toBe('answered')
  })
  expect(sent).toHaveLength(1)
  expect(sent[0]?.path).toBe('/api/v1/shows/show-1/check-ins')
  expect(sent[0]?.body).toMatchObject({ short_code: '4711', direction: 'in', gate: 'North' })
  await userEvent.keyboard('{Escape}')
  expect(door.result.current[0]).toEqual({ phase: 'entering', digits: '' })
})

it('sends the same scan again when no answer comes, and says so meanwhile', async () => {
  let times = 0
  const sent = network(() => {
    times += 1
    if (times === 1) return lost()
    return times === 2 ? problem(503, 'overloaded') : json(admitted)
  })
  const door = open()
  await userEvent.keyboard('4711')
  await waitFor(() => {
    expect(door.result.current[0]).toMatchObject({ phase: 'checking', unreachable: true })
  })
  await waitFor(
    () => {
      expect(door.result.current[0].phase).toBe('answered')
    },
    { timeout: 4_000 },
  )
  expect(sent).toHaveLength(3)
  expect(new Set(sent.map(({ body }) => JSON.stringify(body))).size).toBe(1)
})

it('takes a token from a scanner that types', async () => {
  const sent = network(() => json(admitted))
  const door = open()
  const token = `eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJ4In0.${'a1'.repeat(43)}`
  await userEvent.keyboard(`${token}{Enter}`)
  await waitFor(() => {
    expect(door.result.current[0].phase).toBe('answered')
  })
  expect(sent[0]?.body).toMatchObject({ token })
})

it('does not retry what the server rejects', async () => {
  const sent = network(() => problem(422, 'invalid'))
  const door = open()
  await userEvent.keyboard('4711')
  await waitFor(() => {
    expect(door.result.current[0]).toMatchObject({ phase: 'failed', message: 'What to do.' })
  })
  expect(sent).toHaveLength(1)
})

it('hears nothing while a dialog asks for a reason', async () => {
  const sent = network(() => json(admitted))
  const door = open(false)
  await userEvent.keyboard('4711')
  expect(door.result.current[0]).toEqual({ phase: 'entering', digits: '' })
  act(() => {
    door.result.current[1]({ type: 'digit', digit: '4', scanId: 's' })
  })
  expect(door.result.current[0]).toEqual({ phase: 'entering', digits: '4' })
  expect(sent).toHaveLength(0)
})

import { QueryClient } from '@tanstack/react-query'
import { beforeEach, expect, it, vi } from 'vitest'
import { actAs, answer, client } from '@/api/client'
import { deviceOfThisBrowser, keepDevice, startAs } from '@/api/device'
import { me } from '@/test/examples'
import { json, network, problem } from '@/test/network'
import { followSignOuts } from './signed-out'

const went = vi.fn()
const ask = () => answer(() => client.GET('/api/v1/members')).catch(() => null)

beforeEach(() => {
  went.mockReset()
  vi.stubGlobal('location', {
    origin: location.origin,
    pathname: '/settings/members',
    search: '',
    assign: went,
    replace: went,
  })
  followSignOuts(new QueryClient())
})

it('goes to sign in when the session has ended, and remembers from where', async () => {
  actAs({ kind: 'session', csrf: 'token', organization: null })
  network(() => problem(401, 'unauthenticated'))
  await ask()
  await vi.waitFor(() => {
    expect(went).toHaveBeenCalledWith('/sign-in?next=%2Fsettings%2Fmembers')
  })
  expect(went).toHaveBeenCalledOnce()
})

it('stays where the session is still good: something else was not allowed in', async () => {
  actAs({ kind: 'session', csrf: 'token', organization: null })
  const sent = network(({ path }) => (path === '/api/v1/me' ? json(me) : problem(401, 'unauthenticated')))
  await ask()
  await vi.waitFor(() => {
    expect(sent.map(({ path }) => path)).toEqual(['/api/v1/members', '/api/v1/me'])
  })
  expect(went).not.toHaveBeenCalled()
})

it('forgets a device that was removed, and says so', async () => {
  keepDevice({ id: 'device-1', name: 'Tablet', token: 'td_1' })
  startAs('/door/show-1')
  network(() => problem(401, 'unauthenticated'))
  await ask()
  expect(went).toHaveBeenCalledWith('/pair?removed=true')
  expect(deviceOfThisBrowser()).toBeNull()
})

it('asks nothing of people who are not signed in', async () => {
  actAs({ kind: 'nobody' })
  const sent = network(() => problem(401, 'unauthenticated'))
  await ask()
  expect(sent).toHaveLength(1)
  expect(went).not.toHaveBeenCalled()
})

import { QueryClient } from '@tanstack/react-query'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { me } from '@/test/examples'
import { json, network } from '@/test/network'
import { actAs, answer, client } from './client'
import { may, meQuery, switchOrganization } from './session'

const two = {
  ...me,
  organizations: [
    { id: 'house-1', slug: 'house', name: 'The House', role: 'owner' },
    { id: 'club-2', slug: 'club', name: 'The Club', role: 'seller' },
  ],
}

beforeEach(() => {
  actAs({ kind: 'nobody' })
})
afterEach(() => {
  document.cookie = 'turnout_organization=; Path=/; Max-Age=0'
})

it('names the organization with every request where there are several, and by cookie', async () => {
  const sent = network(() => json(two))
  await new QueryClient().query(meQuery)
  await answer(() => client.GET('/api/v1/members'))
  expect(sent.map(({ headers }) => headers.get('Turnout-Organization'))).toEqual([null, 'house-1'])
  expect(document.cookie).toContain('turnout_organization=house-1')
})

it('does without where there is one', async () => {
  const sent = network(() => json(me))
  await new QueryClient().query(meQuery)
  await answer(() => client.GET('/api/v1/members'))
  expect(sent[1]?.headers.has('Turnout-Organization')).toBe(false)
  expect(document.cookie).toBe('')
})

it('starts anew in another organization', () => {
  const assign = vi.fn()
  vi.stubGlobal('location', { protocol: 'http:', assign })
  switchOrganization('club-2')
  expect(document.cookie).toContain('turnout_organization=club-2')
  expect(assign).toHaveBeenCalledWith('/')
})

it('knows what one may do', () => {
  const seller = { ...me, may: ['list_devices', 'issue_ticket'] }
  expect(may(seller, 'issue_ticket')).toBe(true)
  expect(may(seller, 'issue_ticket', 'list_members')).toBe(false)
})

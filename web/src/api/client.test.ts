import { beforeEach, describe, expect, it, vi } from 'vitest'
import { forgetPosition } from '@/lib/position'
import { json, lost, network, problem } from '@/test/network'
import { actAs, answer, client, done, whenUnauthenticated } from './client'
import { ApiProblem, isPassing, Unreachable } from './problem'

const publish = () =>
  done(() => client.POST('/api/v1/shows/{show}/publish', { params: { path: { show: 's' } } }))
const getShow = () => answer(() => client.GET('/api/v1/shows/{show}', { params: { path: { show: 's' } } }))

describe('the client', () => {
  beforeEach(() => {
    forgetPosition()
    actAs({ kind: 'session', csrf: 'token', organization: null })
  })

  it("sends a command's position with the queries that follow", async () => {
    const sent = network(({ method }) => json({}, 200, method === 'POST' ? { 'Turnout-Position': '42' } : {}))
    await getShow()
    await publish()
    await getShow()
    expect(sent.map(({ headers }) => headers.get('Turnout-Position'))).toEqual([null, null, '42'])
  })
  it('does not take over positions of queries: waiting for others is not our business', async () => {
    const sent = network(() => json({}, 200, { 'Turnout-Position': '99' }))
    await getShow()
    await getShow()
    expect(sent[1]?.headers.has('Turnout-Position')).toBe(false)
  })
  it('carries the cross-site token with commands only, and the organization with all', async () => {
    actAs({ kind: 'session', csrf: 'token', organization: 'org' })
    const sent = network(() => json({}))
    await getShow()
    await publish()
    expect(sent.map(({ headers }) => headers.get('X-CSRF-Token'))).toEqual([null, 'token'])
    expect(sent.map(({ headers }) => headers.get('Turnout-Organization'))).toEqual(['org', 'org'])
  })
  it('is the device where the page is a device, and nobody else', async () => {
    actAs({ kind: 'device', token: 'td_1' })
    const sent = network(() => json({}))
    await publish()
    expect(sent[0]?.headers.get('Authorization')).toBe('Bearer td_1')
    expect(sent[0]?.headers.has('X-CSRF-Token')).toBe(false)
    expect(sent[0]?.cookies).toBe('omit')
  })
  it('is the customer where the page is one by the link of an order, and nobody else', async () => {
    actAs({ kind: 'customer', secret: 'AgGh_hvi' })
    const sent = network(() => json({}))
    await getShow()
    expect(sent[0]?.headers.get('Authorization')).toBe('Bearer AgGh_hvi')
    expect(sent[0]?.headers.has('Turnout-Organization')).toBe(false)
    expect(sent[0]?.cookies).toBe('omit')
  })
  it('tells when the server does not know who asks', async () => {
    const told = vi.fn()
    whenUnauthenticated(told)
    network(() => problem(401, 'unauthenticated'))
    await expect(getShow()).rejects.toMatchObject({ status: 401 })
    expect(told).toHaveBeenCalledOnce()
  })
  it('starts over when the log is another one than before', async () => {
    let refused = 0
    network(({ method, headers }) => {
      if (method === 'POST') return json({}, 200, { 'Turnout-Position': '42' })
      if (!headers.has('Turnout-Position')) return json({ id: 's' })
      refused += 1
      return problem(422, 'invalid', [
        { pointer: '/Turnout-Position', detail: 'Beyond the head of the log.' },
      ])
    })
    await publish()
    await expect(getShow()).resolves.toEqual({ id: 's' })
    expect(refused).toBe(1)
  })
  it('tells a rejection, a delay and a lost answer apart', async () => {
    network(() => problem(409, 'sold_out', [{ pointer: '/items/0', detail: 'None left.' }]))
    const rejection = await publish().catch((error: unknown) => error)
    expect(rejection).toBeInstanceOf(ApiProblem)
    expect(rejection).toMatchObject({ status: 409, code: 'sold_out', errors: [{ pointer: '/items/0' }] })
    expect(isPassing(rejection)).toBe(false)

    network(() => problem(503, 'read_model_behind', [], { 'Retry-After': '1' }))
    const delay = await getShow().catch((error: unknown) => error)
    expect(delay).toMatchObject({ status: 503, retryAfterSeconds: 1 })
    expect(isPassing(delay)).toBe(true)

    network(lost)
    const silence = await publish().catch((error: unknown) => error)
    expect(silence).toBeInstanceOf(Unreachable)
    expect(isPassing(silence)).toBe(true)
  })
  it('understands an answer that is no problem document', async () => {
    network(() => new Response('<html>Bad gateway</html>', { status: 502 }))
    await expect(publish()).rejects.toMatchObject({ status: 502, code: 'unknown' })
  })
})

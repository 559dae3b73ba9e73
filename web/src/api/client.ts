import createClient, { type Middleware } from 'openapi-fetch'
import { forgetPosition, keepPosition, POSITION_HEADER, seenPosition } from '@/lib/position'
import type { paths } from './generated/schema'
import { ApiProblem, toProblem, Unreachable } from './problem'

/**
 * The one way to the server. Adds what every request needs: who asks (the session's cross-site request token and
 * organization, a door device's token, or an order's secret), and the log position that our own commands reached; and keeps the latter.
 */
export type Credentials =
  | { kind: 'nobody' }
  /** The cookie says who; `organization` says for whom, where there are several. */
  | { kind: 'session'; csrf: string | null; organization: string | null }
  | { kind: 'device'; token: string }
  /** Whoever has the link of an order. */
  | { kind: 'customer'; secret: string }

export const ORGANIZATION_HEADER = 'Turnout-Organization'

let credentials: Credentials = { kind: 'nobody' }

export function actAs(next: Credentials): void {
  credentials = next
}

export function actingAs(): Credentials['kind'] {
  return credentials.kind
}

/** Told whenever the server does not know who asks; not whether that ends anything. */
let onUnauthenticated: () => void = () => undefined

export function whenUnauthenticated(listener: () => void): void {
  onUnauthenticated = listener
}

const isQuery = (method: string) => method === 'GET' || method === 'HEAD'

const headers: Middleware = {
  onRequest({ request: plain }) {
    // A device and a customer are themselves, whoever else is signed in to this browser.
    const alone = credentials.kind === 'device' || credentials.kind === 'customer'
    const request = alone ? new Request(plain, { credentials: 'omit' }) : plain
    if (isQuery(request.method) && seenPosition() > 0) {
      request.headers.set(POSITION_HEADER, String(seenPosition()))
    }
    switch (credentials.kind) {
      case 'nobody':
        break
      case 'session':
        if (credentials.organization !== null) {
          request.headers.set(ORGANIZATION_HEADER, credentials.organization)
        }
        if (!isQuery(request.method) && credentials.csrf !== null) {
          request.headers.set('X-CSRF-Token', credentials.csrf)
        }
        break
      case 'device':
        request.headers.set('Authorization', `Bearer ${credentials.token}`)
        break
      case 'customer':
        request.headers.set('Authorization', `Bearer ${credentials.secret}`)
        break
    }
    return request
  },
  onResponse({ request, response }) {
    if (!isQuery(request.method) && response.ok) keepPosition(response.headers)
  },
}

/** Where there are several forms of an answer, it is the JSON that is asked for. */
export const client = createClient<paths, 'application/json'>({
  baseUrl: globalThis.location.origin,
  credentials: 'same-origin',
  // Looked up at each call, so that tests can stand in for the network.
  fetch: (request) => globalThis.fetch(request),
})
client.use(headers)

interface Outcome<T> {
  data?: T
  error?: unknown
  response: Response
}

async function settle<T>(call: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  let outcome: Outcome<T>
  try {
    outcome = await call()
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new Unreachable(cause)
  }
  if (outcome.response.status === 401) onUnauthenticated()
  if (!outcome.response.ok) throw toProblem(outcome.response, outcome.error)
  return outcome
}

/** The answer's body; everything but success is thrown as ApiProblem or Unreachable. */
export async function answer<T>(call: () => Promise<Outcome<T>>): Promise<T> {
  return (await answerAndHeaders(call)).data
}

export async function answerAndHeaders<T>(
  call: () => Promise<Outcome<T>>,
): Promise<{ data: T; headers: Headers }> {
  let outcome: Outcome<T>
  try {
    outcome = await settle(call)
  } catch (error) {
    // Our position is beyond the log's head: this is another log than the one that answered us before.
    if (!(error instanceof ApiProblem && error.status === 422 && seenPosition() > 0 && namesPosition(error)))
      throw error
    forgetPosition()
    outcome = await settle(call)
  }
  if (outcome.data === undefined) throw new Unreachable(new Error('The answer had no body'))
  return { data: outcome.data, headers: outcome.response.headers }
}

function namesPosition(problem: ApiProblem): boolean {
  return /position/i.test(problem.detail) || problem.errors.some((error) => /position/i.test(error.pointer))
}

/** For commands whose answer says nothing beyond success. */
export async function done(call: () => Promise<Outcome<unknown>>): Promise<void> {
  await settle(call)
}

import { vi } from 'vitest'

export interface Sent {
  method: string
  path: string
  headers: Headers
  cookies: RequestCredentials
  body: unknown
}

type Reply = (sent: Sent) => Response | Promise<Response>

/** Stands in for the network: answers requests in code, and keeps what was sent. */
export function network(reply: Reply): Sent[] {
  const sent: Sent[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const text = await request.clone().text()
    const body: unknown = text === '' ? null : JSON.parse(text)
    const one: Sent = {
      method: request.method,
      path: new URL(request.url).pathname,
      headers: request.headers,
      cookies: request.credentials,
      body,
    }
    sent.push(one)
    return reply(one)
  })
  return sent
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  })
}

export function problem(
  status: number,
  code: string,
  errors: { pointer: string; detail: string }[] = [],
  headers: Record<string, string> = {},
): Response {
  return new Response(
    JSON.stringify({ type: `/problems/${code}`, title: code, status, detail: 'What to do.', code, errors }),
    { status, headers: { 'Content-Type': 'application/problem+json', ...headers } },
  )
}

export function lost(): Response {
  throw new TypeError('Failed to fetch')
}

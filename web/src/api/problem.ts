import { z } from 'zod'
import type { PointedError } from '@/lib/field-errors'

const problemBody = z.object({
  title: z.string(),
  status: z.number(),
  detail: z.string().nullish(),
  code: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).nullish(),
  because: z
    .array(z.object({ position: z.number(), type: z.string() }))
    .nullish()
    .catch(null),
})

/** An event that made it so. */
export interface Reason {
  position: number
  type: string
}

/** The server's refusal of a request (RFC 9457). */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly errors: readonly PointedError[]
  readonly retryAfterSeconds: number | null
  /** Events that stand in the way, for staff. */
  readonly because: readonly Reason[]

  constructor(problem: {
    status: number
    code: string
    title: string
    detail: string
    errors: readonly PointedError[]
    retryAfterSeconds: number | null
    because?: readonly Reason[]
  }) {
    super(problem.title)
    this.name = 'ApiProblem'
    this.status = problem.status
    this.code = problem.code
    this.detail = problem.detail
    this.errors = problem.errors
    this.retryAfterSeconds = problem.retryAfterSeconds
    this.because = problem.because ?? []
  }
}

/** No answer came: the outcome of what was asked is open. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('No answer from the server', { cause })
    this.name = 'Unreachable'
  }
}

export function toProblem(response: Response, body: unknown): ApiProblem {
  const retryAfter = Number(response.headers.get('Retry-After') ?? Number.NaN)
  const retryAfterSeconds = Number.isFinite(retryAfter) ? retryAfter : null
  const parsed = problemBody.safeParse(body)
  if (!parsed.success) {
    return new ApiProblem({
      status: response.status,
      code: 'unknown',
      title: `HTTP ${response.status}`,
      detail: '',
      errors: [],
      retryAfterSeconds,
    })
  }
  const { title, code, detail, errors, because } = parsed.data
  return new ApiProblem({
    status: response.status,
    code,
    title,
    detail: detail ?? '',
    errors: errors ?? [],
    because: because ?? [],
    retryAfterSeconds,
  })
}

/** Worth asking again, with the same key where it is a command: nothing came, or the server said "later". */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof Unreachable || (error instanceof ApiProblem && [502, 503, 504].includes(error.status))
  )
}

/** Whether the refusal is about this part of the request. */
export function isAbout(error: unknown, pointer: string): boolean {
  return error instanceof ApiProblem && error.errors.some((pointed) => pointed.pointer === pointer)
}

/** Understood, but against the rules as things are now. */
export function isRejected(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 409
}

import type { QueryClient } from '@tanstack/react-query'
import { actingAs, whenUnauthenticated } from '@/api/client'
import { forgetDevice } from '@/api/device'
import { ApiProblem } from '@/api/problem'
import { leave, meQuery } from '@/api/session'

/**
 * Follows the end of whoever this page acts as, whatever request found it out: a session's page goes back to signing
 * in, a device's to pairing. A wrong password is the same 401, so a session is asked for once more.
 */
export function followSignOuts(queries: QueryClient): void {
  let asking = false
  const askAgain = async () => {
    asking = true
    try {
      await queries.query({ ...meQuery, staleTime: 0 })
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) {
        const { pathname, search } = globalThis.location
        leave(pathname + search)
      }
    } finally {
      asking = false
    }
  }
  whenUnauthenticated(() => {
    switch (actingAs()) {
      case 'nobody':
      case 'customer':
        break
      case 'session':
        if (!asking) void askAgain()
        break
      case 'device':
        forgetDevice()
        globalThis.location.replace('/pair?removed=true')
        break
    }
  })
}

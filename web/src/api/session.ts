import {
  queryOptions,
  useMutation,
  useQueryClient,
  useSuspenseQuery,
  type QueryClient,
} from '@tanstack/react-query'
import { actAs, actingAs, answer, client, done } from './client'
import { keys } from './keys'
import { keepOrganization } from './organization-cookie'
import type { Me, Operation, SignInBody } from './types'

/** After this time another role, or the session's end, is noticed at the next step: what is public tells neither. */
const SURE_FOR_MS = 10_000

/**
 * Who this page acts as. A session's page names its organization with every request; the cookie of the same name is
 * for pictures and live updates, which can carry no header, and for the next visit.
 */
export const meQuery = queryOptions({
  queryKey: keys.me,
  staleTime: SURE_FOR_MS,
  queryFn: async ({ signal }) => remember(await answer(() => client.GET('/api/v1/me', { signal }))),
})

function remember(me: Me): Me {
  if (actingAs() === 'device' || actingAs() === 'customer') return me
  const several = me.organizations.length > 1
  actAs({ kind: 'session', csrf: me.csrf, organization: several ? me.organization.id : null })
  if (several) keepOrganization(me.organization.id)
  return me
}

/** A page of another organization starts anew: nothing of this one stays in memory. */
export function switchOrganization(organization: string): void {
  keepOrganization(organization)
  globalThis.location.assign('/')
}

/** What the one who is signed in may do, by the API's names of operations. */
export function useMay(): (...operations: [Operation, ...Operation[]]) => boolean {
  const { data: me } = useSuspenseQuery(meQuery)
  return (...operations) => may(me, ...operations)
}

/** Whether all of these are allowed. */
export function may(me: Me, ...operations: [Operation, ...Operation[]]): boolean {
  return operations.every((operation) => me.may.includes(operation))
}

/** Somebody signed in on this page: what is known of others is forgotten. */
export function becomes(cache: QueryClient, me: Me): void {
  cache.removeQueries({ type: 'inactive' })
  actAs({ kind: 'nobody' })
  cache.setQueryData(keys.me, remember(me))
}

export function useSignIn() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async (body: SignInBody) => {
      becomes(cache, await answer(() => client.POST('/api/v1/session', { body })))
    },
  })
}

/** Signed out, a page starts anew: nothing of what was seen stays in memory. */
export function leave(next?: string): void {
  const query = next === undefined ? '' : `?${new URLSearchParams({ next }).toString()}`
  globalThis.location.assign(`/sign-in${query}`)
}

export function useSignOut() {
  return useMutation({
    mutationFn: () => done(() => client.DELETE('/api/v1/session')),
    onSuccess: () => {
      leave()
    },
  })
}

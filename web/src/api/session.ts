import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client, done, actAs } from './client'
import { keys } from './keys'
import type { Me, SignInBody } from './types'

const CHOSEN = 'turnout.organization'

/** The organization that requests act in: the one chosen before, else the first. */
export function chosenOrganization(me: Me): string | null {
  const known = localStorage.getItem(CHOSEN)
  const found = me.organizations.find((organization) => organization.id === known)
  return (found ?? me.organizations[0])?.id ?? null
}

export function chooseOrganization(me: Me, id: string): void {
  localStorage.setItem(CHOSEN, id)
  actAs(me.csrf, id)
}

function remember(me: Me): Me {
  actAs(me.csrf, me.organizations.length > 1 ? chosenOrganization(me) : null)
  return me
}

export const meQuery = queryOptions({
  queryKey: keys.me,
  staleTime: 5 * 60_000,
  queryFn: async ({ signal }) => remember(await answer(() => client.GET('/api/v1/me', { signal }))),
})

export function useSignIn() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: async (body: SignInBody) => {
      await done(() => client.POST('/api/v1/session', { body }))
      return cache.query({ ...meQuery, staleTime: 0 })
    },
  })
}

export function useSignOut() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: () => done(() => client.DELETE('/api/v1/session')),
    onSuccess: () => {
      actAs(null, null)
      cache.clear()
    },
  })
}

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'
import type { Role } from '@/api/types'
import { Intention } from '@/lib/intention'

export function useInvite() {
  const cache = useQueryClient()
  const [intention] = useState(() => new Intention())
  return useMutation({
    mutationFn: (body: { email: string; role: Role }) =>
      answer(() =>
        client.POST('/api/v1/members', {
          params: { header: { 'Idempotency-Key': intention.keyFor(body) } },
          body,
        }),
      ),
    onSuccess: () => {
      intention.done()
      return cache.invalidateQueries({ queryKey: keys.members })
    },
  })
}

export function useChangeRole() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ member, role }: { member: string; role: Role }) =>
      done(() => client.PATCH('/api/v1/members/{member}', { params: { path: { member } }, body: { role } })),
    // Their own role may be the one that changed.
    onSuccess: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: keys.members }),
        cache.invalidateQueries({ queryKey: keys.me }),
      ]),
  })
}

export function useRemoveMember() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (member: string) =>
      done(() => client.DELETE('/api/v1/members/{member}', { params: { path: { member } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.members }),
  })
}

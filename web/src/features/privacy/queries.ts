import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'

const PEOPLE_PAGE = 50

export const peopleQuery = (q: string) =>
  infiniteQueryOptions({
    queryKey: keys.peopleFound(q),
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      answer(() =>
        client.GET('/api/v1/people', {
          params: { query: { q, limit: PEOPLE_PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next,
  })

export const personQuery = (person: string) =>
  queryOptions({
    queryKey: keys.person(person),
    queryFn: ({ signal }) =>
      answer(() => client.GET('/api/v1/people/{person}', { params: { path: { person } }, signal })),
  })

/** All that is known of a person, as a file. */
export function useExport() {
  return useMutation({
    mutationFn: async (person: string) => {
      const found = await answer(() =>
        client.GET('/api/v1/people/{person}/export', { params: { path: { person } } }),
      )
      save(`person-${person}.json`, JSON.stringify(found, null, 2))
    },
  })
}

function save(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}

export function useErase() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ person, reason }: { person: string; reason: string }) =>
      done(() =>
        client.POST('/api/v1/people/{person}/erase', { params: { path: { person } }, body: { reason } }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.peopleFoundAny }),
  })
}

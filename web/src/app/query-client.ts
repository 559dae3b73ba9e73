import { QueryClient } from '@tanstack/react-query'
import { isPassing } from '@/api/problem'

const TRIES_MAX = 3

/** Passing trouble (no answer, 503 such as read_model_behind) is asked again; what is refused stays refused. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < TRIES_MAX && isPassing(error),
        retryDelay: (failures) => Math.min(4_000, 400 * 2 ** failures),
      },
      mutations: { retry: false },
    },
  })
}

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import type { ReactNode } from 'react'

/** A cache of its own for each test. */
export function withCache(cache = new QueryClient({ defaultOptions: { queries: { retry: false } } })) {
  return function WithCache({ children }: { children: ReactNode }) {
    return <QueryClientProvider client={cache}>{children}</QueryClientProvider>
  }
}

import { queryOptions, useMutation } from '@tanstack/react-query'
import { answer, client } from '@/api/client'
import { ApiProblem } from '@/api/problem'
import type { Order } from '@/api/types'
import { readOrder, readShow } from '@/api/words'
import { saveFile } from './save-file'

/** While a payment is awaited, the page looks for it this often. */
const LOOK_AGAIN_MS = 30_000

/** Kept apart from what staff see of the same things: by the secret, in memory only. */
const orderKey = (order: string, secret: string) => ['order link', order, secret] as const

export interface OrderLink {
  order: string
  secret: string
}

export const orderQuery = ({ order, secret }: OrderLink) =>
  queryOptions({
    queryKey: [...orderKey(order, secret), 'order'],
    queryFn: async ({ signal }) =>
      readOrder(
        await answer(() => client.GET('/api/v1/orders/{order}', { params: { path: { order } }, signal })),
      ),
    refetchInterval: ({ state }) => (state.data?.status === 'awaiting_payment' ? LOOK_AGAIN_MS : false),
  })

export const orderShowQuery = ({ order, secret }: OrderLink, show: string) =>
  queryOptions({
    queryKey: [...orderKey(order, secret), 'show'],
    queryFn: async ({ signal }) =>
      readShow(
        await answer(() => client.GET('/api/v1/shows/{show}', { params: { path: { show } }, signal })),
      ),
  })

/** The picture of a ticket's QR code. A reissued ticket has another one, and another short code. */
export const qrQuery = ({ order, secret }: OrderLink, ticket: Order['tickets'][number]) =>
  queryOptions({
    queryKey: [...orderKey(order, secret), 'qr', ticket.id, ticket.short_code],
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      answer(() =>
        client.GET('/api/v1/tickets/{ticket}/qr.png', {
          params: { path: { ticket: ticket.id } },
          parseAs: 'blob',
          signal,
        }),
      ),
  })

export type TicketFile = 'pdf' | 'png' | 'calendar'

export function useSaveTicket(ticket: string) {
  return useMutation({
    mutationFn: async ({ file, name }: { file: TicketFile; name: string }) => {
      const { path, ending } = files[file]
      const found = await answer(() => client.GET(path, { params: { path: { ticket } }, parseAs: 'blob' }))
      saveFile(found, `${name}.${ending}`)
    },
  })
}

const files = {
  pdf: { path: '/api/v1/tickets/{ticket}/pdf', ending: 'pdf' },
  png: { path: '/api/v1/tickets/{ticket}/qr.png', ending: 'png' },
  calendar: { path: '/api/v1/tickets/{ticket}/calendar.ics', ending: 'ics' },
} as const

/** The server does not know this secret, or not for this order: the link is not what was sent. */
export function isBrokenLink(error: unknown): boolean {
  return error instanceof ApiProblem && [401, 403, 404, 422].includes(error.status)
}

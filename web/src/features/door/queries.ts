import { useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'
import type { CheckInAnswer, CheckInBody } from '@/api/types'
import { readCheckIn } from '@/api/words'
import { unreachable } from '@/lib/exhaustive'
import type { Credential, Scan } from '@/lib/keypad'
import type { Place } from './place'

/** A queue does not wait longer than this for one answer; the scan is then sent again, as the same scan. */
const PATIENCE_MS = 6_000

function credential(given: Credential): Pick<CheckInBody, 'short_code' | 'token' | 'ticket'> {
  switch (given.kind) {
    case 'code':
      return { short_code: given.short_code }
    case 'token':
      return { token: given.token }
    case 'ticket':
      return { ticket: given.ticket }
    default:
      return unreachable(given)
  }
}

export type WayThrough = 'in' | 'out'

export async function sendScan(
  show: string,
  scan: Scan,
  direction: WayThrough,
  place: Place | null,
): Promise<CheckInAnswer> {
  const body: CheckInBody = {
    ...credential(scan.credential),
    scan: scan.id,
    direction,
    ...(place === null ? {} : place.kind === 'gate' ? { gate: place.name } : { area: place.name }),
    ...(scan.override === null ? {} : { override: { reason: scan.override } }),
  }
  const view = await answer(async () => {
    const controller = new AbortController()
    const timer = setTimeout(() => {
      controller.abort(new Error('No answer in time'))
    }, PATIENCE_MS)
    try {
      return await client.POST('/api/v1/shows/{show}/check-ins', {
        params: { path: { show } },
        body,
        signal: controller.signal,
      })
    } finally {
      clearTimeout(timer)
    }
  })
  return readCheckIn(view)
}

export function useUndoCheckIn(show: string) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ scan, reason }: { scan: string; reason: string }) =>
      done(() =>
        client.POST('/api/v1/shows/{show}/check-ins/{scan}/undo', {
          params: { path: { show, scan } },
          body: { reason },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.attendance(show) }),
  })
}

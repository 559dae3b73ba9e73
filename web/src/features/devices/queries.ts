import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { answer, client, done } from '@/api/client'
import { keys } from '@/api/keys'

export const devicesQuery = queryOptions({
  queryKey: keys.devices,
  queryFn: async ({ signal }) => (await answer(() => client.GET('/api/v1/devices', { signal }))).items,
})

export interface PairingOffer {
  name: string
  shows: string[]
  gates: string[]
  may_override: boolean
}

/** Each offer is a new one: its secret is shown once, so a repeat could not show it. */
export function useOfferPairing() {
  return useMutation({
    mutationFn: (body: PairingOffer) => answer(() => client.POST('/api/v1/devices/pairings', { body })),
  })
}

export function useRevokeDevice() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (device: string) =>
      done(() => client.DELETE('/api/v1/devices/{device}', { params: { path: { device } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: keys.devices }),
  })
}

/** The device's own part: takes the pairing, and then knows for whom it stands at the door. */
export function usePairDevice() {
  return useMutation({
    mutationFn: (pairing: string) => answer(() => client.POST('/api/v1/devices', { body: { pairing } })),
  })
}

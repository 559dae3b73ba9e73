import type { QueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { actAs, actingAs } from './client'

/**
 * The door device that this browser is. Its token is kept in the browser until the device is removed; the door's
 * pages act as the device, all others as whoever is signed in. A page is one or the other from its start to its end.
 */
const KEPT_AS = 'turnout.device'

const storedDevice = z.object({ id: z.string(), name: z.string(), token: z.string() })
export type StoredDevice = z.infer<typeof storedDevice>

export function deviceOfThisBrowser(): StoredDevice | null {
  try {
    return storedDevice.parse(JSON.parse(localStorage.getItem(KEPT_AS) ?? ''))
  } catch {
    return null
  }
}

export function keepDevice(device: StoredDevice): void {
  localStorage.setItem(KEPT_AS, JSON.stringify(device))
}

export function forgetDevice(): void {
  localStorage.removeItem(KEPT_AS)
}

export const isDoorPath = (path: string) => path === '/door' || path.startsWith('/door/')

/** At the start of a page: the door's pages are the device's, where this browser is one. */
export function startAs(path: string): void {
  const device = deviceOfThisBrowser()
  if (device && isDoorPath(path)) actAs({ kind: 'device', token: device.token })
}

/** Whether a page at this path has to be loaded anew, because it would act as somebody else. */
export function actsAsAnother(path: string): boolean {
  if (actingAs() === 'customer') return true
  const asDevice = isDoorPath(path) && deviceOfThisBrowser() !== null
  return asDevice !== (actingAs() === 'device')
}

/** From here on this page is the device; what others saw is forgotten. */
export function becomeDevice(cache: QueryClient, device: StoredDevice): void {
  keepDevice(device)
  cache.removeQueries({ type: 'inactive' })
  actAs({ kind: 'device', token: device.token })
}

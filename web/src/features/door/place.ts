import type { Show } from '@/api/types'

/** Where this device stands: a gate, or an area where no gates are named. */
export interface Place {
  kind: 'gate' | 'area'
  name: string
}

/** `gates`: those that a device is bound to; none binds it to no gate. */
export function placesOf(show: Show, gates: readonly string[]): Place[] {
  if (show.gates.length > 0) {
    const own = show.gates.filter(({ name }) => gates.length === 0 || gates.includes(name))
    return own.map(({ name }) => ({ kind: 'gate', name }))
  }
  return show.areas.length > 1 ? show.areas.map(({ name }) => ({ kind: 'area', name })) : []
}

const storageKey = (show: string) => `turnout.door.${show}`

export const placeKey = (place: Place) => `${place.kind}:${place.name}`

/** The place chosen before on this device, if the event still has it; the only one when there is one. */
export function rememberedPlace(show: Show, places: readonly Place[]): Place | null {
  if (places.length === 1) return places[0] ?? null
  const known = localStorage.getItem(storageKey(show.id))
  return places.find((place) => placeKey(place) === known) ?? null
}

export function rememberPlace(show: Show, place: Place): void {
  localStorage.setItem(storageKey(show.id), placeKey(place))
}

import type { Show } from '@/api/types'

/** Where this device stands: a gate, or an area where no gates are named. */
export interface Place {
  kind: 'gate' | 'area'
  name: string
}

export function placesOf(show: Show): Place[] {
  if (show.gates.length > 0) return show.gates.map(({ name }) => ({ kind: 'gate', name }))
  return show.areas.length > 1 ? show.areas.map(({ name }) => ({ kind: 'area', name })) : []
}

const storageKey = (show: string) => `turnout.door.${show}`

export const placeKey = (place: Place) => `${place.kind}:${place.name}`

/** The place chosen before on this device, if the event still has it; the only one when there is one. */
export function rememberedPlace(show: Show): Place | null {
  const places = placesOf(show)
  if (places.length === 1) return places[0] ?? null
  const known = localStorage.getItem(storageKey(show.id))
  return places.find((place) => placeKey(place) === known) ?? null
}

export function rememberPlace(show: Show, place: Place): void {
  localStorage.setItem(storageKey(show.id), placeKey(place))
}

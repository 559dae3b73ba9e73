import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { seatParts } from '@/lib/seat-address'
import type { PlacedSeat } from '@/lib/seat-map'
import type { SeatLook } from './seat-look'

/** A seat's address as people say it: "Block A · row 3 · seat 12". */
export function useSeatName(): (address: string) => string {
  const { t } = useTranslation()
  return useCallback(
    (address: string) => {
      const parts = seatParts(address)
      return parts ? t('seat.short', parts) : address
    },
    [t],
  )
}

/** What a seat on a map is called, with how it stands and, between the two, a note: its category, or what it costs. */
export function useSeatOnMapName(): (seat: PlacedSeat, look: SeatLook, note?: string | null) => string {
  const { t } = useTranslation()
  return useCallback(
    (seat, look, note = seat.category) =>
      t('seat.name', {
        section: seat.section,
        row: seat.row,
        seat: seat.seat,
        price: note === null ? '' : `, ${note}`,
        features: seat.features.includes('accessible') ? `, ${t('seat.accessible')}` : '',
        state: t(`seat.state.${look}`),
      }),
    [t],
  )
}

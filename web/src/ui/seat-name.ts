import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { seatParts } from '@/lib/seat-address'

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

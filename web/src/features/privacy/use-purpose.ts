import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

/** Why something is kept, in words; as the server names it where this page does not know the purpose. */
export function usePurpose(): (purpose: string) => string {
  const { i18n } = useTranslation()
  return useCallback(
    (purpose: string) => {
      const known: unknown = i18n.getResource('en', 'translation', `privacy.purpose.${purpose}`)
      return typeof known === 'string' ? known : purpose.replaceAll('_', ' ')
    },
    [i18n],
  )
}

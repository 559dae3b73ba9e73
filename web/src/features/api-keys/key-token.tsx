import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { SecretOnce } from '@/ui/secret-once'
import { Notice } from '@/ui/surface'

/** The token of a new key. A repeated answer has none. */
export function KeyToken({ token, onClose }: { token: string | null; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <div className="flex flex-col gap-4">
      {token === null ? (
        <Notice tone="warn" title={t('api_keys.no_token')} />
      ) : (
        <SecretOnce label={t('api_keys.token')} value={token} note={t('api_keys.once')} />
      )}
      <Button onClick={onClose}>{t('app.done')}</Button>
    </div>
  )
}

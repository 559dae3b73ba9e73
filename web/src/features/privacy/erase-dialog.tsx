import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { TextArea } from '@/ui/field'

/** Erasure cannot be taken back: says what goes and what stays, and asks why. */
export function EraseDialog({
  name,
  busy,
  problem,
  onErase,
  onClose,
}: {
  name: string
  busy: boolean
  problem: { title: string; lines: readonly string[] } | null
  onErase: (reason: string) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('privacy.erase.title', { name })}
      description={t('privacy.erase.detail')}
      closeLabel={t('app.close')}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          onErase(reason.trim())
        }}
      >
        <ul className="list-disc space-y-1 pl-5">
          <li>{t('privacy.erase.goes')}</li>
          <li>{t('privacy.erase.stays')}</li>
        </ul>
        <TextArea
          label={t('app.reason')}
          hint={t('privacy.erase.reason_hint')}
          value={reason}
          onChange={(event) => {
            setReason(event.target.value)
          }}
        />
        {problem && <ErrorNotice {...problem} />}
        <Button type="submit" look="danger" busy={busy} disabled={reason.trim() === ''}>
          {t('privacy.erase.confirm')}
        </Button>
      </form>
    </Dialog>
  )
}

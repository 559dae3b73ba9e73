import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button'
import { Dialog } from './dialog'
import { ErrorNotice } from './error-state'

/** Asks before something that is hard to take back. */
export function ConfirmDialog({
  title,
  detail,
  confirm,
  busy,
  problem,
  onConfirm,
  onClose,
  children,
}: {
  title: string
  detail: string
  confirm: string
  busy: boolean
  problem: { title: string; lines: readonly string[] } | null
  onConfirm: () => void
  onClose: () => void
  children?: ReactNode
}) {
  const { t } = useTranslation()
  return (
    <Dialog open onOpenChange={onClose} title={title} description={detail} closeLabel={t('app.close')}>
      <div className="flex flex-col gap-4">
        {children}
        {problem && <ErrorNotice {...problem} />}
        <div className="flex flex-wrap gap-3 max-sm:flex-col">
          <Button look="danger" busy={busy} onClick={onConfirm}>
            {confirm}
          </Button>
          <Button look="secondary" onClick={onClose}>
            {t('app.cancel')}
          </Button>
        </div>
      </div>
    </Dialog>
  )
}

import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { TextField } from '@/ui/field'

/** Asks for a reason; the usual ones are one tap away, because nobody types in front of a queue. */
export function ReasonDialog({
  title,
  detail,
  usual,
  confirm,
  busy,
  problem,
  onConfirm,
  onClose,
}: {
  title: string
  detail: string
  usual: readonly string[]
  confirm: string
  busy: boolean
  problem: { title: string; lines: readonly string[] } | null
  onConfirm: (reason: string) => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [reason, setReason] = useState('')
  return (
    <Dialog open onOpenChange={onClose} title={title} description={detail} closeLabel={t('app.close')}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (reason.trim() !== '') onConfirm(reason.trim())
        }}
      >
        <div className="flex flex-wrap gap-2">
          {usual.map((text) => (
            <Button
              key={text}
              look={reason === text ? 'primary' : 'secondary'}
              aria-pressed={reason === text}
              onClick={() => {
                setReason(text)
              }}
            >
              {text}
            </Button>
          ))}
        </div>
        <TextField
          label={t('app.reason')}
          value={reason}
          onChange={(event) => {
            setReason(event.target.value)
          }}
        />
        {problem && <ErrorNotice {...problem} />}
        <Button type="submit" className="min-h-14 text-lg" busy={busy} disabled={reason.trim() === ''}>
          {confirm}
        </Button>
      </form>
    </Dialog>
  )
}

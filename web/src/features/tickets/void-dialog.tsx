import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '@/api/problem'
import { useProblemText } from '@/api/problem-text'
import type { Ticket } from '@/api/types'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { Choices, TextArea } from '@/ui/field'
import { useVoidTicket } from './queries'

type Whereabouts = 'has_left' | 'stays'

/** Voids a ticket. For somebody who is inside the server wants to know what becomes of the place. */
export function VoidDialog({ show, ticket, onClose }: { show: string; ticket: Ticket; onClose: () => void }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const voiding = useVoidTicket(show)
  const [reason, setReason] = useState('')
  const [inside, setInside] = useState(false)
  const [whereabouts, setWhereabouts] = useState<Whereabouts>('has_left')

  const submit = () => {
    const answer = whereabouts === 'has_left' ? { holder_has_left: true } : { keep_place: true }
    voiding.mutate(
      { ticket: ticket.id, body: { reason: reason.trim(), ...(inside ? answer : {}) } },
      {
        onSuccess: onClose,
        onError: (error) => {
          if (error instanceof ApiProblem && error.code === 'holder_inside') setInside(true)
        },
      },
    )
  }
  const asked = voiding.error instanceof ApiProblem && voiding.error.code === 'holder_inside'

  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('void.title', { code: ticket.short_code })}
      description={t('void.detail')}
      closeLabel={t('app.close')}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        <TextArea
          label={t('app.reason')}
          value={reason}
          onChange={(event) => {
            setReason(event.target.value)
          }}
        />
        {inside && (
          <div role="alert" className="rounded-xl bg-warn-soft p-4">
            <p className="mb-3 font-semibold">{t('void.inside.title')}</p>
            <Choices
              legend={t('void.inside.legend')}
              columns
              value={whereabouts}
              onChange={setWhereabouts}
              options={[
                { value: 'has_left', label: t('void.inside.has_left'), hint: t('void.inside.has_left_hint') },
                { value: 'stays', label: t('void.inside.stays'), hint: t('void.inside.stays_hint') },
              ]}
            />
          </div>
        )}
        {voiding.error && !asked && <ErrorNotice {...explain(voiding.error)} />}
        <Button type="submit" look="danger" busy={voiding.isPending} disabled={reason.trim() === ''}>
          {t('void.confirm')}
        </Button>
      </form>
    </Dialog>
  )
}

import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { useMay } from '@/api/session'
import type { Operation, Show, ShowStatus } from '@/api/types'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { TextArea } from '@/ui/field'
import { useSalesStep } from './queries'

type Step = 'pause' | 'resume' | 'close' | 'cancel'

const steps: Record<ShowStatus, readonly Step[]> = {
  draft: ['cancel'],
  published: ['pause', 'close', 'cancel'],
  paused: ['resume', 'close', 'cancel'],
  closed: ['cancel'],
  cancelled: [],
}

const operations: Record<Step, Operation> = {
  pause: 'pause_sales',
  resume: 'resume_sales',
  close: 'close_sales',
  cancel: 'cancel_show',
}

/** Which ways sales can go from here; whatever is hard to take back asks first. */
export function SalesControls({ show }: { show: Show }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const change = useSalesStep(show.id)
  const may = useMay()
  const possible = steps[show.status].filter((step) => may(operations[step]))
  const [asking, setAsking] = useState<'close' | 'cancel' | null>(null)
  const [reason, setReason] = useState('')

  const start = (step: Step) => {
    change.reset()
    if (step === 'close' || step === 'cancel') setAsking(step)
    else change.mutate({ step })
  }
  const confirm = (step: 'close' | 'cancel') => {
    change.mutate(step === 'cancel' ? { step, reason: reason.trim() } : { step }, {
      onSuccess: () => {
        setAsking(null)
      },
    })
  }

  if (possible.length === 0) return null
  return (
    <div className="flex flex-col gap-3 max-sm:w-full">
      <div className="flex flex-wrap gap-2">
        {possible.map((step) => (
          <Button
            key={step}
            look={step === 'cancel' ? 'quiet' : 'secondary'}
            className={step === 'cancel' ? 'text-bad!' : ''}
            busy={change.isPending && asking === null && (step === 'pause' || step === 'resume')}
            onClick={() => {
              start(step)
            }}
          >
            {t(`sales.${step}.action`)}
          </Button>
        ))}
      </div>
      {change.error && asking === null && <ErrorNotice {...explain(change.error)} />}
      {asking !== null && (
        <Dialog
          open
          onOpenChange={(open) => {
            if (!open) setAsking(null)
          }}
          title={t(`sales.${asking}.title`)}
          description={t(`sales.${asking}.detail`)}
          closeLabel={t('app.close')}
        >
          <div className="flex flex-col gap-4">
            {asking === 'cancel' && (
              <TextArea
                label={t('app.reason')}
                value={reason}
                onChange={(event) => {
                  setReason(event.target.value)
                }}
              />
            )}
            {change.error && <ErrorNotice {...explain(change.error)} />}
            <Button
              look={asking === 'cancel' ? 'danger' : 'primary'}
              busy={change.isPending}
              disabled={asking === 'cancel' && reason.trim() === ''}
              onClick={() => {
                confirm(asking)
              }}
            >
              {t(`sales.${asking}.confirm`)}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  )
}

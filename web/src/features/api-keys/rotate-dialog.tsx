import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import type { ApiKey } from '@/api/types'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { Choices } from '@/ui/field'
import { KeyToken } from './key-token'
import { useRotateKey } from './queries'

/** For how long the old key lives on beside the new one. */
const OVERLAP_SECONDS = { none: 0, hour: 3_600, day: 86_400, week: 604_800 } as const
type Overlap = keyof typeof OVERLAP_SECONDS
const overlaps = ['none', 'hour', 'day', 'week'] as const

export function RotateDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const rotate = useRotateKey()
  const [overlap, setOverlap] = useState<Overlap>('day')
  const name = apiKey.name ?? t('members.nameless')
  if (rotate.data) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={t('api_keys.rotate.done', { name })}
        closeLabel={t('app.close')}
      >
        <KeyToken token={rotate.data.token} onClose={onClose} />
      </Dialog>
    )
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('api_keys.rotate.title', { name })}
      description={t('api_keys.rotate.detail')}
      closeLabel={t('app.close')}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          rotate.mutate({ key: apiKey.id, overlapSeconds: OVERLAP_SECONDS[overlap] })
        }}
      >
        <Choices
          legend={t('api_keys.rotate.overlap')}
          value={overlap}
          onChange={setOverlap}
          options={overlaps.map((value) => ({ value, label: t(`api_keys.rotate.overlaps.${value}`) }))}
        />
        {rotate.error && <ErrorNotice {...explain(rotate.error)} />}
        <Button type="submit" busy={rotate.isPending}>
          {t('api_keys.rotate.submit')}
        </Button>
      </form>
    </Dialog>
  )
}

import { useTranslation } from 'react-i18next'
import type { ShowStatus } from '@/api/types'
import { Badge, type Tone } from '@/ui/surface'

const tones: Record<ShowStatus, Tone> = {
  draft: 'plain',
  published: 'ok',
  paused: 'warn',
  closed: 'accent',
  cancelled: 'bad',
}

export function StatusBadge({ status }: { status: ShowStatus }) {
  const { t } = useTranslation()
  return <Badge tone={tones[status]}>{t(`status.${status}`)}</Badge>
}

import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { formatAgo } from '@/lib/time'
import { Notice } from '@/ui/surface'
import { useNow } from '@/ui/use-now'
import { guessingQuery } from './queries'

/** So many are shown; the history has all. */
const SHOWN = 3

/** Says that somebody may be guessing ticket codes at this event's door, to those who may read the history. */
export function GuessingNotice({ show }: { show: string }) {
  const { t } = useTranslation()
  const now = useNow(60_000)
  const alerts = useQuery(guessingQuery).data?.filter((alert) => alert.show === show) ?? []
  if (alerts.length === 0) return null
  return (
    <div className="mt-6">
      <Notice tone="warn" title={t('event.guessing.title')}>
        <ul className="mt-1 list-disc space-y-1 pl-5">
          {alerts.slice(0, SHOWN).map(({ position, at, codes, throttled }) => (
            <li key={position}>
              {t(throttled ? 'event.guessing.throttled' : 'event.guessing.device', {
                count: codes,
                ago: formatAgo(at, now),
              })}
            </li>
          ))}
        </ul>
        <p className="mt-1">{t('event.guessing.detail')}</p>
      </Notice>
    </div>
  )
}

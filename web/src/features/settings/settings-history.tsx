import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { membersQuery } from '@/api/queries'
import { meQuery, may } from '@/api/session'
import { formatWhenShort, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { Loading, Skeleton } from '@/ui/surface'
import { settingsHistoryQuery } from './queries'

/** So many are shown until more are asked for. */
const SHOWN_FIRST = 10

/** Who changed which settings, and when. */
export function SettingsHistory() {
  const { t, i18n } = useTranslation()
  const explain = useProblemText()
  const { data: me } = useSuspenseQuery(meQuery)
  const history = useQuery(settingsHistoryQuery)
  const members = useQuery({ ...membersQuery, enabled: may(me, 'list_members') })
  const [all, setAll] = useState(false)

  const who = (actor: string): string => {
    if (actor === me.actor) return t('settings.history.you')
    const member = members.data?.find(({ id }) => actor === `member:${id}`)
    if (member?.name) return member.name
    if (actor.startsWith('member:')) return t('settings.history.member')
    if (actor.startsWith('key:')) return t('settings.history.key')
    return t('settings.history.installation')
  }
  const field = (name: string): string => {
    const known: unknown = i18n.getResource('en', 'translation', `settings.field.${name}`)
    return typeof known === 'string' ? known : name
  }

  if (history.error) return <ErrorNotice {...explain(history.error)} />
  if (history.isPending) {
    return (
      <Loading label={t('app.loading')}>
        <Skeleton className="h-24" />
      </Loading>
    )
  }
  if (history.data.length === 0) return <p className="text-muted">{t('settings.history.none')}</p>
  const shown = all ? history.data : history.data.slice(0, SHOWN_FIRST)
  return (
    <>
      <ol className="divide-y divide-line">
        {shown.map((change) => (
          <li key={change.position} className="py-2.5">
            <p className="font-medium">{change.fields.map(field).join(', ')}</p>
            <p className="text-sm text-muted">
              <time dateTime={change.at}>{formatWhenShort(change.at, localZone())}</time> ·{' '}
              {who(change.actor)}
            </p>
          </li>
        ))}
      </ol>
      {shown.length < history.data.length && (
        <Button
          look="secondary"
          className="mt-3"
          onClick={() => {
            setAll(true)
          }}
        >
          {t('app.more')}
        </Button>
      )}
    </>
  )
}

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { formatAgo, formatWhenShort, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { ErrorNotice } from '@/ui/error-state'
import { Badge, Loading, Skeleton } from '@/ui/surface'
import { useNow } from '@/ui/use-now'
import { sessionsQuery, useEndSession, useSignOutEverywhere } from './queries'

export function Sessions() {
  const { t } = useTranslation()
  const explain = useProblemText()
  const now = useNow(60_000)
  const sessions = useQuery(sessionsQuery)
  const end = useEndSession()
  const everywhere = useSignOutEverywhere()
  const [asking, setAsking] = useState(false)
  const problem = sessions.error ?? end.error

  return (
    <div className="flex flex-col gap-4">
      {problem && <ErrorNotice {...explain(problem)} />}
      {sessions.isPending ? (
        <Loading label={t('app.loading')}>
          <Skeleton className="h-20" />
        </Loading>
      ) : (
        <ul className="divide-y divide-line" aria-label={t('account.sessions.title')}>
          {sessions.data?.items.map((session) => {
            const name = session.client
            return (
              <li key={session.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
                <div className="min-w-0 flex-1 basis-56">
                  <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-semibold">
                    {name}
                    {session.current && <Badge tone="ok">{t('account.sessions.current')}</Badge>}
                  </p>
                  <p className="text-sm text-muted">
                    {t('account.sessions.times', {
                      seen: formatAgo(session.seen_at, now),
                      started: formatWhenShort(session.started_at, localZone()),
                    })}
                  </p>
                </div>
                {!session.current && (
                  <Button
                    look="secondary"
                    aria-label={t('account.sessions.end_named', { name })}
                    busy={end.isPending && end.variables === session.id}
                    onClick={() => {
                      end.mutate(session.id)
                    }}
                  >
                    {t('app.sign_out')}
                  </Button>
                )}
              </li>
            )
          })}
        </ul>
      )}
      <div>
        <Button
          look="danger"
          onClick={() => {
            everywhere.reset()
            setAsking(true)
          }}
        >
          {t('account.everywhere.action')}
        </Button>
      </div>
      {asking && (
        <ConfirmDialog
          title={t('account.everywhere.title')}
          detail={t('account.everywhere.detail')}
          confirm={t('account.everywhere.action')}
          busy={everywhere.isPending}
          problem={everywhere.error && explain(everywhere.error)}
          onConfirm={() => {
            everywhere.mutate()
          }}
          onClose={() => {
            setAsking(false)
          }}
        />
      )}
    </div>
  )
}

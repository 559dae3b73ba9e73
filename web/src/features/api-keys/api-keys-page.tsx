import { useSuspenseQuery } from '@tanstack/react-query'
import { KeyRound } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { allShowsQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import type { ApiKey } from '@/api/types'
import { formatAgo, formatWhenShort, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { PageHead } from '@/ui/page-head'
import { Badge, Card, EmptyState } from '@/ui/surface'
import { useNow } from '@/ui/use-now'
import { IssueDialog } from './issue-dialog'
import { apiKeysQuery, useRevokeKey } from './queries'
import { RotateDialog } from './rotate-dialog'

type Asking = { about: 'new' } | { about: 'rotation' | 'revocation'; key: ApiKey } | null

export function ApiKeysPage() {
  const { t } = useTranslation()
  const explain = useProblemText()
  const may = useMay()
  const { data: apiKeys } = useSuspenseQuery(apiKeysQuery)
  const revoke = useRevokeKey()
  const [asking, setAsking] = useState<Asking>(null)
  const close = () => {
    setAsking(null)
  }
  const issue = may('issue_api_key') && (
    <Button
      icon={<KeyRound aria-hidden className="size-5" />}
      onClick={() => {
        setAsking({ about: 'new' })
      }}
    >
      {t('api_keys.new.action')}
    </Button>
  )
  return (
    <>
      <PageHead
        title={t('api_keys.title')}
        detail={t('api_keys.detail')}
        action={apiKeys.length > 0 && issue}
      />
      {apiKeys.length === 0 ? (
        <EmptyState
          icon={<KeyRound aria-hidden className="size-7" />}
          title={t('api_keys.none.title')}
          action={issue}
        >
          {t('api_keys.none.detail')}
        </EmptyState>
      ) : (
        <ul className="grid gap-3" aria-label={t('api_keys.title')}>
          {apiKeys.map((key) => (
            <li key={key.id}>
              <KeyCard
                apiKey={key}
                replaced={apiKeys.some(({ replaces }) => replaces === key.id)}
                onRotate={() => {
                  setAsking({ about: 'rotation', key })
                }}
                onRevoke={() => {
                  revoke.reset()
                  setAsking({ about: 'revocation', key })
                }}
              />
            </li>
          ))}
        </ul>
      )}
      {asking?.about === 'new' && <IssueDialog onClose={close} />}
      {asking?.about === 'rotation' && <RotateDialog apiKey={asking.key} onClose={close} />}
      {asking?.about === 'revocation' && (
        <ConfirmDialog
          title={t('api_keys.revoke.title', { name: asking.key.name ?? t('members.nameless') })}
          detail={t('api_keys.revoke.detail')}
          confirm={t('api_keys.revoke.confirm')}
          busy={revoke.isPending}
          problem={revoke.error && explain(revoke.error)}
          onConfirm={() => {
            revoke.mutate(asking.key.id, { onSuccess: close })
          }}
          onClose={close}
        />
      )}
    </>
  )
}

function KeyCard({
  apiKey,
  replaced,
  onRotate,
  onRevoke,
}: {
  apiKey: ApiKey
  /** Another one has taken its place; it ends by itself. */
  replaced: boolean
  onRotate: () => void
  onRevoke: () => void
}) {
  const { t } = useTranslation()
  const may = useMay()
  const { data: shows } = useSuspenseQuery(allShowsQuery)
  const now = useNow(60_000)
  const { expires_at: expires, last_used_at: used } = apiKey
  const name = apiKey.name ?? t('members.nameless')
  return (
    <Card className="flex flex-wrap items-start gap-x-4 gap-y-3 p-4 sm:p-5">
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-lg leading-snug font-bold [overflow-wrap:anywhere]">
          {name}
          <Badge tone="accent">{t(`role.${apiKey.role}.name`)}</Badge>
          {replaced && <Badge tone="warn">{t('api_keys.replaced')}</Badge>}
        </h2>
        <p className="mt-1 text-muted">
          {apiKey.shows === null
            ? t('api_keys.all_shows')
            : apiKey.shows
                .map((id) => shows.find((show) => show.id === id)?.name ?? t('devices.unknown_show'))
                .join(', ')}
        </p>
        <p className="mt-1 text-sm text-muted">
          {[
            used === null ? t('api_keys.never_used') : t('api_keys.used', { ago: formatAgo(used, now) }),
            expires === null
              ? t('api_keys.no_end')
              : t('api_keys.ends', {
                  time: formatWhenShort(expires, localZone()),
                  ago: formatAgo(expires, now),
                }),
            t('api_keys.made', { time: formatWhenShort(apiKey.created_at, localZone()) }),
          ].join(' · ')}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        {may('rotate_api_key') && !replaced && (
          <Button
            look="secondary"
            aria-label={t('api_keys.rotate.action_named', { name })}
            onClick={onRotate}
          >
            {t('api_keys.rotate.action')}
          </Button>
        )}
        {may('revoke_api_key') && (
          <Button look="danger" aria-label={t('api_keys.revoke.action_named', { name })} onClick={onRevoke}>
            {t('api_keys.revoke.action')}
          </Button>
        )}
      </div>
    </Card>
  )
}

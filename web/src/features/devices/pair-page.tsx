import { useQueries, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { DoorOpen } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { becomeDevice, deviceOfThisBrowser } from '@/api/device'
import { isAbout, isRejected } from '@/api/problem'
import { useProblemText } from '@/api/problem-text'
import { showQuery } from '@/api/queries'
import { meQuery } from '@/api/session'
import { formatWhenShort } from '@/lib/time'
import { Button, buttonClass } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { Notice } from '@/ui/surface'
import { useLinkSecret } from '@/ui/use-link-secret'
import { WelcomeFrame } from '@/ui/welcome-frame'
import { usePairDevice } from './queries'

/**
 * The device's own page: opened by the link of a pairing it asks before it takes it, because many phones show what a
 * QR code leads to in a window that is gone a moment later. Also where a removed device ends up.
 */
export function PairPage() {
  const { t } = useTranslation()
  const pairing = useLinkSecret('tp_')
  const { removed } = useSearch({ from: '/pair' })
  if (pairing !== null) return <Pairing key={pairing} pairing={pairing} />
  if (removed === true) {
    return (
      <WelcomeFrame title={t('pair.removed.title')}>
        <Notice tone="bad" title={t('pair.removed.notice')}>
          {t('pair.removed.detail')}
        </Notice>
        <StaffDoor />
      </WelcomeFrame>
    )
  }
  return (
    <WelcomeFrame title={t('pair.title')}>
      <Notice tone="accent" title={t('pair.none.title')}>
        {t('pair.none.detail')}
      </Notice>
      <StaffDoor />
    </WelcomeFrame>
  )
}

function StaffDoor() {
  const { t } = useTranslation()
  return (
    <Link to="/door" className={buttonClass('secondary', 'mt-4 w-full')}>
      {deviceOfThisBrowser() === null ? t('pair.staff') : t('pair.open_door')}
    </Link>
  )
}

function Pairing({ pairing }: { pairing: string }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const cache = useQueryClient()
  const pair = usePairDevice()
  const before = deviceOfThisBrowser()

  if (pair.data)
    return (
      <Paired
        name={pair.data.name ?? ''}
        shows={pair.data.shows}
        gates={pair.data.gates}
        mayOverride={pair.data.may_override}
      />
    )
  const dead = isAbout(pair.error, '/pairing') || isRejected(pair.error)
  return (
    <WelcomeFrame title={t('pair.title')}>
      <div className="flex flex-col gap-4">
        {dead ? (
          <Notice tone="warn" title={explain(pair.error).title}>
            {t('pair.dead')}
          </Notice>
        ) : (
          <>
            <p>{t('pair.detail')}</p>
            {before !== null && <p className="text-muted">{t('pair.replaces', { name: before.name })}</p>}
            {pair.error && <ErrorNotice {...explain(pair.error)} />}
            <Button
              className="min-h-14 text-lg"
              busy={pair.isPending}
              onClick={() => {
                pair.mutate(pairing, {
                  onSuccess: ({ device, name, token }) => {
                    if (token !== null) becomeDevice(cache, { id: device, name: name ?? '', token })
                  },
                })
              }}
            >
              {t('pair.submit')}
            </Button>
          </>
        )}
      </div>
    </WelcomeFrame>
  )
}

function Paired({
  name,
  shows,
  gates,
  mayOverride,
}: {
  name: string
  shows: readonly string[]
  gates: readonly string[]
  mayOverride: boolean
}) {
  const { t } = useTranslation()
  const { data: me } = useQuery(meQuery)
  const found = useQueries({ queries: shows.map((show) => showQuery(show)) }).flatMap(
    ({ data }) => data ?? [],
  )
  const only = shows.length === 1 ? shows[0] : undefined
  return (
    <WelcomeFrame title={t('pair.done', { name })}>
      <dl className="mb-5 grid gap-4">
        <Fact term={t('app.organization')}>{me?.organization.name ?? '…'}</Fact>
        <Fact term={t('pair.shows')}>
          <ul>
            {found.map((show) => (
              <li key={show.id}>
                {show.name}{' '}
                <span className="font-normal text-muted">
                  {formatWhenShort(show.starts_at, show.timezone)}
                </span>
              </li>
            ))}
          </ul>
        </Fact>
        <Fact term={t('pair.gates')}>{gates.length === 0 ? t('pair.all_gates') : gates.join(', ')}</Fact>
        <Fact term={t('pair.override')}>{mayOverride ? t('pair.may') : t('pair.may_not')}</Fact>
      </dl>
      {only === undefined ? (
        <Link to="/door" className={buttonClass('primary', 'min-h-14 w-full text-lg')}>
          <DoorOpen aria-hidden className="size-6" />
          {t('pair.open_door')}
        </Link>
      ) : (
        <Link
          to="/door/$id"
          params={{ id: only }}
          className={buttonClass('primary', 'min-h-14 w-full text-lg')}
        >
          <DoorOpen aria-hidden className="size-6" />
          {t('pair.open_door')}
        </Link>
      )}
    </WelcomeFrame>
  )
}

function Fact({ term, children }: { term: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-muted">{term}</dt>
      <dd className="font-semibold [overflow-wrap:anywhere]">{children}</dd>
    </div>
  )
}

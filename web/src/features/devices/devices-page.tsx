import { useSuspenseQuery } from '@tanstack/react-query'
import { QrCode, TabletSmartphone } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { allShowsQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import type { Device } from '@/api/types'
import { formatAgo, formatWhenShort, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { PageHead } from '@/ui/page-head'
import { Badge, Card, EmptyState } from '@/ui/surface'
import { useNow } from '@/ui/use-now'
import { PairingDialog } from './pairing-dialog'
import { devicesQuery, useRevokeDevice } from './queries'

/** The list is looked at again this often: last contact is what one comes here for. */
const LOOK_AGAIN_MS = 15_000

export function DevicesPage() {
  const { t } = useTranslation()
  const explain = useProblemText()
  const may = useMay()
  const { data: devices } = useSuspenseQuery({ ...devicesQuery, refetchInterval: LOOK_AGAIN_MS })
  const revoke = useRevokeDevice()
  const [pairing, setPairing] = useState(false)
  const [revoking, setRevoking] = useState<Device | null>(null)
  const pair = may('offer_pairing') && (
    <Button
      icon={<QrCode aria-hidden className="size-5" />}
      onClick={() => {
        setPairing(true)
      }}
    >
      {t('devices.pair.action')}
    </Button>
  )

  return (
    <>
      <PageHead title={t('devices.title')} detail={t('devices.detail')} action={devices.length > 0 && pair} />
      {devices.length === 0 ? (
        <EmptyState
          icon={<TabletSmartphone aria-hidden className="size-7" />}
          title={t('devices.none.title')}
          action={pair}
        >
          {t('devices.none.detail')}
        </EmptyState>
      ) : (
        <ul className="grid gap-3" aria-label={t('devices.title')}>
          {devices.map((device) => (
            <li key={device.id}>
              <DeviceCard
                device={device}
                onRevoke={
                  may('revoke_device')
                    ? () => {
                        revoke.reset()
                        setRevoking(device)
                      }
                    : null
                }
              />
            </li>
          ))}
        </ul>
      )}
      {pairing && (
        <PairingDialog
          known={devices.map(({ id }) => id)}
          onClose={() => {
            setPairing(false)
          }}
        />
      )}
      {revoking && (
        <ConfirmDialog
          title={t('devices.revoke.title', { name: revoking.name ?? t('members.nameless') })}
          detail={t('devices.revoke.detail')}
          confirm={t('devices.revoke.confirm')}
          busy={revoke.isPending}
          problem={revoke.error && explain(revoke.error)}
          onConfirm={() => {
            revoke.mutate(revoking.id, {
              onSuccess: () => {
                setRevoking(null)
              },
            })
          }}
          onClose={() => {
            setRevoking(null)
          }}
        />
      )}
    </>
  )
}

function DeviceCard({ device, onRevoke }: { device: Device; onRevoke: (() => void) | null }) {
  const { t } = useTranslation()
  const { data: shows } = useSuspenseQuery(allShowsQuery)
  const now = useNow(15_000)
  const name = device.name ?? t('members.nameless')
  const names = device.shows.map(
    (id) => shows.find((show) => show.id === id)?.name ?? t('devices.unknown_show'),
  )
  return (
    <Card className="flex flex-wrap items-start gap-x-4 gap-y-3 p-4 sm:p-5">
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="flex flex-wrap items-center gap-x-3 gap-y-1 text-lg leading-snug font-bold [overflow-wrap:anywhere]">
          {name}
          {device.may_override && <Badge tone="warn">{t('devices.may_override')}</Badge>}
        </h2>
        <p className="mt-1">{names.join(', ')}</p>
        {device.gates.length > 0 && (
          <p className="text-muted">{t('devices.at_gates', { gates: device.gates.join(', ') })}</p>
        )}
        <p className="mt-1 text-sm text-muted">
          {device.last_seen_at === null
            ? t('devices.never_seen')
            : t('devices.seen', { ago: formatAgo(device.last_seen_at, now) })}
          {' · '}
          {t('devices.paired_at', { time: formatWhenShort(device.paired_at, localZone()) })}
        </p>
      </div>
      {onRevoke && (
        <Button look="danger" aria-label={t('devices.revoke.action_named', { name })} onClick={onRevoke}>
          {t('devices.revoke.action')}
        </Button>
      )}
    </Card>
  )
}

import { useQuery } from '@tanstack/react-query'
import { CircleCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { formatCountdown } from '@/lib/time'
import { Button } from '@/ui/button'
import { QrCode } from '@/ui/qr-code'
import { SecretOnce } from '@/ui/secret-once'
import { Notice } from '@/ui/surface'
import { useNow } from '@/ui/use-now'
import { devicesQuery } from './queries'

/** Somebody stands there with a device in hand: it must be seen at once that it has paired. */
const LOOK_EVERY_MS = 1_500

/** Addresses that lead every device to itself. */
const OWN_MACHINE = /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/

/** The code of one pairing, for as long as it is good; notices by itself when a device has taken it. */
export function PairingCode({
  code,
  expiresAt,
  name,
  known,
  onAgain,
  onClose,
}: {
  code: string
  expiresAt: string
  name: string
  known: readonly string[]
  onAgain: () => void
  onClose: () => void
}) {
  const { t } = useTranslation()
  const now = useNow(1_000)
  const over = Date.parse(expiresAt) <= now.getTime()
  const devices = useQuery({ ...devicesQuery, refetchInterval: over ? false : LOOK_EVERY_MS })
  const paired = devices.data?.find((device) => device.name === name && !known.includes(device.id))
  const { host, origin } = globalThis.location
  const link = `${origin}/pair#${code}`

  if (paired) {
    return (
      <div className="flex flex-col gap-4">
        <p role="status" className="flex flex-col items-center gap-3 py-4 text-center text-lg font-semibold">
          <CircleCheck aria-hidden className="size-14 text-ok" />
          {t('devices.pair.paired', { name })}
        </p>
        <Button onClick={onClose}>{t('app.done')}</Button>
      </div>
    )
  }
  if (over) {
    return (
      <div className="flex flex-col gap-4">
        <Notice tone="warn" title={t('devices.pair.over')} />
        <Button onClick={onAgain}>{t('devices.pair.again')}</Button>
      </div>
    )
  }
  return (
    <div className="flex flex-col gap-4">
      {OWN_MACHINE.test(host) && (
        <Notice tone="warn" title={t('devices.pair.local.title')}>
          {t('devices.pair.local.detail', { host })}
        </Notice>
      )}
      <p>{t('devices.pair.scan', { name })}</p>
      <QrCode
        text={link}
        label={t('devices.pair.qr', { name })}
        className="mx-auto w-full max-w-72 rounded-xl border border-line"
      />
      <p className="text-center font-semibold tabular-nums">
        {t('devices.pair.left', { time: formatCountdown(expiresAt, now) })}
      </p>
      <SecretOnce label={t('devices.pair.link')} value={link} note={t('devices.pair.once')} />
      <p role="status" className="text-center text-muted">
        {t('devices.pair.waiting')}
      </p>
    </div>
  )
}

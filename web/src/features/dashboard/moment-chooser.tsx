import { History } from 'lucide-react'
import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { formatMoment, fromWallTime, toWallTime, zoneName } from '@/lib/time'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { TextField } from '@/ui/field'
import { Notice } from '@/ui/surface'
import type { AsOf } from './queries'

/** Chooses the moment that the dashboard shows, by the event's own clock. */
export function MomentChooser({
  asOf,
  zone,
  onChange,
}: {
  asOf: AsOf
  zone: string
  onChange: (asOf: AsOf) => void
}) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const [wall, setWall] = useState('')
  const [error, setError] = useState<string>()
  const now = () => new Date().toISOString()

  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    const instant = fromWallTime(wall, zone)
    if (instant === null) setError(t('dashboard.moment.missing'))
    else if (Date.parse(instant) > Date.now()) setError(t('dashboard.moment.future'))
    else {
      setOpen(false)
      onChange(instant)
    }
  }
  return (
    <>
      <Button
        look="secondary"
        icon={<History aria-hidden className="size-5" />}
        onClick={() => {
          setWall(toWallTime(asOf ?? now(), zone))
          setError(undefined)
          setOpen(true)
        }}
      >
        {t('dashboard.moment.action')}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={t('dashboard.moment.title')}
        description={t('dashboard.moment.detail')}
        closeLabel={t('app.close')}
      >
        <form noValidate onSubmit={submit} className="flex flex-col gap-4">
          <TextField
            label={t('dashboard.moment.label')}
            hint={t('dashboard.moment.zone', { zone, name: zoneName(now(), zone) })}
            error={error}
            type="datetime-local"
            max={toWallTime(now(), zone)}
            value={wall}
            onChange={(event) => {
              setWall(event.target.value)
              setError(undefined)
            }}
          />
          <div className="flex flex-wrap gap-3 max-sm:flex-col">
            <Button type="submit">{t('dashboard.moment.show')}</Button>
            {asOf !== null && (
              <Button
                look="secondary"
                onClick={() => {
                  setOpen(false)
                  onChange(null)
                }}
              >
                {t('dashboard.moment.now')}
              </Button>
            )}
          </div>
        </form>
      </Dialog>
    </>
  )
}

/** That the past is shown, where nobody can overlook it, on paper too. */
export function PastBanner({ asOf, zone, onNow }: { asOf: string; zone: string; onNow: () => void }) {
  const { t } = useTranslation()
  return (
    <div className="sticky top-16 z-20 mt-5 rounded-xl border border-warn/50 print:static">
      <Notice
        tone="warn"
        title={t('dashboard.moment.past', { when: formatMoment(asOf, zone) })}
        action={
          <button
            type="button"
            className="min-h-9 font-semibold text-text underline underline-offset-4 print:hidden"
            onClick={onNow}
          >
            {t('dashboard.moment.now')}
          </button>
        }
      />
    </div>
  )
}

import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormProblem } from '@/api/form-problem'
import { allShowsQuery } from '@/api/queries'
import type { Show } from '@/api/types'
import { formatWhenShort } from '@/lib/time'
import { Button } from '@/ui/button'
import { CheckField, CheckList } from '@/ui/check-list'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { TextField } from '@/ui/field'
import { Notice } from '@/ui/surface'
import { PairingCode } from './pairing-code'
import { useOfferPairing, type PairingOffer } from './queries'

/** A device pairs while this dialog is open: what it may do is said first, then its code is shown. */
export function PairingDialog({ known, onClose }: { known: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation()
  const [knownBefore] = useState(known)
  const [offered, setOffered] = useState<PairingOffer | null>(null)
  const offer = useOfferPairing()
  const code = offer.data?.pairing
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('devices.pair.title')}
      description={code === undefined ? t('devices.pair.detail') : undefined}
      closeLabel={t('app.close')}
    >
      {offer.data && offered && typeof code === 'string' ? (
        <PairingCode
          key={code}
          code={code}
          expiresAt={offer.data.expires_at}
          name={offered.name}
          known={knownBefore}
          onAgain={() => {
            offer.mutate(offered)
          }}
          onClose={onClose}
        />
      ) : (
        <OfferForm
          error={offer.error}
          busy={offer.isPending}
          onOffer={(next) => {
            setOffered(next)
            offer.mutate(next)
          }}
        />
      )}
    </Dialog>
  )
}

/** A door does not open for what is over or called off. */
const OVER_AFTER_MS = 24 * 3_600_000
const toCome = (show: Show, now: number) =>
  show.status !== 'cancelled' && Date.parse(show.ends_at ?? show.starts_at) > now - OVER_AFTER_MS

function OfferForm({
  error,
  busy,
  onOffer,
}: {
  error: Error | null
  busy: boolean
  onOffer: (offer: PairingOffer) => void
}) {
  const { t } = useTranslation()
  const { data: all } = useSuspenseQuery(allShowsQuery)
  const [now] = useState(() => Date.now())
  const shows = all.filter((show) => toCome(show, now))
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string[]>(() => (shows[0] && shows.length === 1 ? [shows[0].id] : []))
  const [gates, setGates] = useState<string[]>([])
  const [mayOverride, setMayOverride] = useState(false)
  const problem = useFormProblem(error, [
    ['/name', 'name'],
    ['/shows', 'shows'],
    ['/gates', 'gates'],
  ])
  const gatesOffered = [
    ...new Set(
      shows.filter((show) => chosen.includes(show.id)).flatMap((show) => show.gates.map((gate) => gate.name)),
    ),
  ]
  if (shows.length === 0) {
    return (
      <Notice tone="accent" title={t('devices.pair.no_shows.title')}>
        {t('devices.pair.no_shows.detail')}
      </Notice>
    )
  }
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        onOffer({
          name: name.trim(),
          shows: chosen,
          gates: gates.filter((gate) => gatesOffered.includes(gate)),
          may_override: mayOverride,
        })
      }}
    >
      {problem.summary && <ErrorNotice {...problem.summary} />}
      <TextField
        label={t('devices.pair.name')}
        placeholder={t('devices.pair.name_example')}
        autoComplete="off"
        value={name}
        error={problem.fields.name}
        onChange={(event) => {
          setName(event.target.value)
        }}
      />
      <CheckList
        legend={t('devices.pair.shows')}
        error={problem.fields.shows}
        chosen={chosen}
        onChange={setChosen}
        options={shows.map((show) => ({
          value: show.id,
          label: show.name,
          hint: formatWhenShort(show.starts_at, show.timezone),
        }))}
      />
      {gatesOffered.length > 0 && (
        <CheckList
          legend={t('devices.pair.gates')}
          hint={t('devices.pair.gates_hint')}
          error={problem.fields.gates}
          chosen={gates}
          onChange={setGates}
          options={gatesOffered.map((gate) => ({ value: gate, label: gate }))}
        />
      )}
      <CheckField
        label={t('devices.pair.may_override')}
        hint={t('devices.pair.may_override_hint')}
        checked={mayOverride}
        onChange={setMayOverride}
      />
      <Button type="submit" busy={busy} disabled={name.trim() === '' || chosen.length === 0}>
        {t('devices.pair.show_code')}
      </Button>
    </form>
  )
}

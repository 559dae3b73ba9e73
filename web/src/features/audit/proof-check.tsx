import { useMutation } from '@tanstack/react-query'
import { CircleAlert, CircleCheck, CircleHelp, ShieldCheck } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { answer, client } from '@/api/client'
import type { HistoryEvent } from '@/api/history'
import { ApiProblem } from '@/api/problem'
import { useProblemText } from '@/api/problem-text'
import { formatMoment, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { Notice } from '@/ui/surface'
import { forget, recall, remember } from './remembered'
import { verifyEvent, type Step, type Verdict } from './verify-event'

/** A position is sealed within about a second; asked again so often, so far apart. */
const TRIES = 4
const AGAIN_MS = 700

const NOT_PROVED = { from: 0, to: 0, from_root: '', to_root: '', hashes: [] }

/** "Verify in this browser": fetches what proves the event, and says in plain words what was proved and what was not. */
export function ProofCheck({ event }: { event: HistoryEvent }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const check = useMutation({
    mutationFn: () => verify(event),
    retry: (failures, error) =>
      failures < TRIES && error instanceof ApiProblem && error.code === 'not_sealed_yet',
    retryDelay: AGAIN_MS,
    onSuccess: ({ remember: next }) => {
      if (next) remember(next)
    },
  })
  return (
    <section aria-labelledby="proof-title" className="mt-6">
      <h3 id="proof-title" className="text-lg font-bold">
        {t('audit.proof.title')}
      </h3>
      <p className="mt-1 mb-3 text-muted">{t('audit.proof.detail')}</p>
      <Button
        look="secondary"
        icon={<ShieldCheck aria-hidden className="size-5" />}
        busy={check.isPending}
        onClick={() => {
          check.mutate()
        }}
      >
        {t('audit.proof.verify')}
      </Button>
      <div className="mt-3 grid gap-3">
        {check.error && <ErrorNotice {...explain(check.error)} />}
        {check.data && (
          <Outcome
            verdict={check.data}
            position={event.position}
            onForget={() => {
              forget()
              check.reset()
            }}
          />
        )}
      </div>
    </section>
  )
}

async function verify(event: HistoryEvent): Promise<Verdict> {
  const [proof, keys] = await Promise.all([
    answer(() => client.GET('/api/v1/history/proof', { params: { query: { position: event.position } } })),
    answer(() => client.GET('/api/v1/history/keys', { parseAs: 'text' })),
  ])
  return verifyEvent({
    event,
    proof,
    keys,
    before: recall(),
    now: new Date(),
    consistency: async (from, to) => {
      try {
        return await answer(() =>
          client.GET('/api/v1/history/consistency', { params: { query: { from, to } } }),
        )
      } catch (error) {
        // It does not have what it had: nothing proves that it goes on from there.
        if (error instanceof ApiProblem && error.status === 422) return NOT_PROVED
        throw error
      }
    },
  })
}

function Outcome({
  verdict,
  position,
  onForget,
}: {
  verdict: Verdict
  position: number
  onForget: () => void
}) {
  const { t } = useTranslation()
  const { steps, key, before, size, text } = verdict
  const wrong = steps.filter(({ outcome }) => outcome === 'wrong')
  const otherLog = wrong.some(({ step }) => step === 'key' || step === 'continues')
  const whole = steps.every(({ outcome }) => outcome !== 'masked')
  return (
    <>
      {wrong.length === 0 ? (
        <Notice tone={whole ? 'ok' : 'plain'} title={t(whole ? 'audit.proof.holds' : 'audit.proof.stands')}>
          {t(whole ? 'audit.proof.holds_detail' : 'audit.proof.stands_detail', { position, size })}
        </Notice>
      ) : (
        <Notice
          tone="bad"
          title={t(otherLog ? 'audit.proof.other_log' : 'audit.proof.fails')}
          action={
            otherLog && (
              <Button look="danger" onClick={onForget}>
                {t('audit.proof.forget')}
              </Button>
            )
          }
        >
          {t(otherLog ? 'audit.proof.other_log_detail' : 'audit.proof.fails_detail')}
        </Notice>
      )}
      <ul className="grid gap-2" aria-label={t('audit.proof.steps')}>
        {steps.map((step) => (
          <StepLine key={step.step} step={step} before={before?.at ?? null} />
        ))}
      </ul>
      {text !== null && (
        <details>
          <summary className="flex min-h-11 w-fit cursor-pointer items-center font-semibold text-accent">
            {t('audit.proof.text')}
          </summary>
          <pre className="rounded-xl bg-sunken p-3 font-mono text-sm [overflow-wrap:anywhere] whitespace-pre-wrap">
            {text}
          </pre>
        </details>
      )}
      {key && (
        <div className="rounded-xl bg-sunken px-4 py-3 text-sm">
          <p className="font-semibold">{t('audit.proof.key')}</p>
          <p className="mt-1 font-mono [overflow-wrap:anywhere]">{key.line}</p>
          <p className="mt-2 font-semibold">{t('audit.proof.fingerprint')}</p>
          <p className="mt-1 font-mono [overflow-wrap:anywhere]">{key.fingerprint}</p>
          <p className="mt-2 text-muted">{t('audit.proof.key_detail')}</p>
        </div>
      )}
      <p className="text-sm text-muted">{t('audit.proof.not_proved')}</p>
    </>
  )
}

const icons = {
  holds: <CircleCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-ok" />,
  wrong: <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-bad" />,
  masked: <CircleHelp aria-hidden className="mt-0.5 size-5 shrink-0 text-muted" />,
  first: <CircleHelp aria-hidden className="mt-0.5 size-5 shrink-0 text-muted" />,
} as const

function StepLine({ step, before }: { step: Step; before: string | null }) {
  const { t } = useTranslation()
  const text = () => {
    switch (step.step) {
      case 'shown':
        return t(`audit.proof.shown.${step.outcome}`)
      case 'content':
        return t(`audit.proof.content.${step.outcome}`)
      case 'leaf':
        return t(`audit.proof.leaf.${step.outcome}`)
      case 'included':
        return t(`audit.proof.included.${step.outcome}`)
      case 'signed':
        return t(`audit.proof.signed.${step.outcome}`)
      case 'key':
        return t(`audit.proof.same_key.${step.outcome}`)
      case 'continues':
        return t(`audit.proof.continues.${step.outcome}`, {
          when: before === null ? '' : formatMoment(before, localZone()),
        })
    }
  }
  return (
    <li className="flex gap-2.5" data-outcome={step.outcome}>
      {icons[step.outcome]}
      <span>{text()}</span>
    </li>
  )
}

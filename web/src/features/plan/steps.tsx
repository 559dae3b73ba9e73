import { Link } from '@tanstack/react-router'
import { Check } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { cx } from '@/ui/cx'

export const steps = ['details', 'seating', 'tickets', 'publish'] as const
export type Step = (typeof steps)[number]

/** Where one is on the way to an event on sale; every step can be gone back to. */
export function Steps({
  current,
  show,
  finished = [],
}: {
  current: Step
  show: string | null
  finished?: readonly Step[]
}) {
  const { t } = useTranslation()
  return (
    <nav aria-label={t('plan.steps')} className="mb-6">
      <ol className="grid grid-cols-4 gap-1.5 sm:gap-2">
        {steps.map((step, at) => {
          const here = step === current
          const ready = finished.includes(step)
          const look = cx(
            'flex min-h-12 items-center justify-center gap-2 rounded-xl border px-1 py-1.5 text-sm font-semibold sm:justify-start sm:px-3 sm:text-[0.95rem]',
            'max-sm:flex-col max-sm:gap-0.5 max-sm:text-xs',
            here ? 'border-accent bg-accent-soft text-text' : 'border-line bg-surface text-muted',
          )
          const content = (
            <>
              <span
                aria-hidden
                className={cx(
                  'flex size-6 shrink-0 items-center justify-center rounded-full text-xs font-bold',
                  ready ? 'bg-ok-soft text-ok' : here ? 'bg-accent text-on-accent' : 'bg-sunken text-muted',
                )}
              >
                {ready ? <Check className="size-4" /> : at + 1}
              </span>
              <span>{t(`plan.step.${step}`)}</span>
              {ready && <span className="sr-only">{t('plan.finished')}</span>}
            </>
          )
          return (
            <li key={step}>
              {show === null ? (
                <span aria-current={here ? 'step' : undefined} className={look}>
                  {content}
                </span>
              ) : (
                <Link
                  to="/events/$id/plan"
                  params={{ id: show }}
                  search={{ step }}
                  aria-current={here ? 'step' : undefined}
                  className={cx(look, 'hover:border-edge')}
                >
                  {content}
                </Link>
              )}
            </li>
          )
        })}
      </ol>
    </nav>
  )
}

import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { seatingQuery, showQuery } from '@/api/queries'
import type { Show } from '@/api/types'
import { toWallTime } from '@/lib/time'
import { DetailsForm } from './details-form'
import { PublishStep } from './publish-step'
import { useReviseShow } from './queries'
import { SeatingStep } from './seating-step'
import { Steps, type Step } from './steps'
import { TicketTypesStep } from './ticket-types-step'

export function PlanPage() {
  const { t } = useTranslation()
  const { id } = useParams({ from: '/seller/events/$id/plan' })
  const { step } = useSearch({ from: '/seller/events/$id/plan' })
  const navigate = useNavigate()
  const { data: show } = useSuspenseQuery(showQuery(id))
  const { data: seating } = useSuspenseQuery(seatingQuery(id))

  const finished: Step[] = ['details']
  if (seating.sections.length > 0) finished.push('seating')
  if (show.ticket_types.length > 0) finished.push('tickets')
  if (show.status !== 'draft') finished.push('publish')
  const go = (next: Step) => void navigate({ to: '/events/$id/plan', params: { id }, search: { step: next } })

  return (
    <div className="mx-auto w-full max-w-4xl px-4 py-6 sm:px-6 sm:py-10">
      <Link
        to="/events/$id"
        params={{ id }}
        className="-ml-1 inline-flex min-h-11 items-center gap-1.5 rounded-lg px-1 font-semibold text-muted hover:text-text"
      >
        <ArrowLeft aria-hidden className="size-5" />
        {t('plan.back')}
      </Link>
      <h1 className="mb-5 text-3xl font-bold">{show.name}</h1>
      <Steps current={step} show={id} finished={finished} />
      {step === 'details' && (
        <EditDetails
          key={show.id}
          show={show}
          onSaved={() => {
            if (show.status === 'draft') go('seating')
          }}
        />
      )}
      {step === 'seating' && (
        <SeatingStep
          show={show}
          seating={seating}
          onContinue={() => {
            go('tickets')
          }}
        />
      )}
      {step === 'tickets' && (
        <TicketTypesStep
          show={show}
          seating={seating}
          onContinue={() => {
            go('publish')
          }}
        />
      )}
      {step === 'publish' && <PublishStep show={show} seating={seating} />}
    </div>
  )
}

function EditDetails({ show, onSaved }: { show: Show; onSaved: () => void }) {
  const { t } = useTranslation()
  const revise = useReviseShow(show)
  const wall = (instant: string | null) => (instant === null ? '' : toWallTime(instant, show.timezone))
  return (
    <DetailsForm
      values={{
        name: show.name,
        description: show.description,
        venue_name: show.venue.name,
        venue_address: show.venue.address,
        timezone: show.timezone,
        starts_at: wall(show.starts_at),
        doors_at: wall(show.doors_at),
        ends_at: wall(show.ends_at),
        currency: show.currency,
      }}
      fixed
      error={revise.error}
      busy={revise.isPending}
      saved={revise.isSuccess ? t('plan.saved') : undefined}
      submitLabel={show.status === 'draft' ? t('plan.save_and_continue') : t('plan.save')}
      onSubmit={(values) => {
        revise.mutate(values, { onSuccess: onSaved })
      }}
    />
  )
}

import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { settingsQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { localZone } from '@/lib/time'
import { DetailsForm } from './details-form'
import { useScheduleShow } from './queries'
import { Steps } from './steps'

export function NewEventPage() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const schedule = useScheduleShow()
  const may = useMay()
  // Loaded with the page, where they may be seen.
  const { data: settings } = useQuery({ ...settingsQuery, enabled: may('get_settings') })
  return (
    <div className="mx-auto w-full max-w-4xl px-4 py-6 sm:px-6 sm:py-10">
      <h1 className="text-3xl font-bold">{t('plan.new')}</h1>
      <p className="mt-1 mb-5 text-muted">{t('plan.new_hint')}</p>
      <Steps current="details" show={null} />
      <DetailsForm
        values={{
          name: '',
          description: '',
          venue_name: '',
          venue_address: '',
          timezone: settings?.timezone ?? localZone(),
          starts_at: '',
          doors_at: '',
          ends_at: '',
          currency: settings?.currency ?? 'EUR',
        }}
        fixed={false}
        error={schedule.error}
        busy={schedule.isPending}
        submitLabel={t('plan.continue_to_seating')}
        onSubmit={(values) => {
          schedule.mutate(values, {
            onSuccess: ({ id }) =>
              void navigate({ to: '/events/$id/plan', params: { id }, search: { step: 'seating' } }),
          })
        }}
      />
    </div>
  )
}

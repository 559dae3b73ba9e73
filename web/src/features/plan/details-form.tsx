import { zodResolver } from '@hookform/resolvers/zod'
import { useMemo } from 'react'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { ApiProblem } from '@/api/problem'
import { useProblemText } from '@/api/problem-text'
import { fieldErrors } from '@/lib/field-errors'
import { CURRENCIES } from '@/lib/money'
import { allZones, fromWallTime } from '@/lib/time'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { SelectField, TextArea, TextField } from '@/ui/field'
import { Card, Notice } from '@/ui/surface'

const details = z
  .object({
    name: z.string().trim().min(1, 'name'),
    description: z.string(),
    venue_name: z.string().trim().min(1, 'venue_name'),
    venue_address: z.string().trim(),
    timezone: z.string().min(1),
    starts_at: z.string().min(1, 'starts_at'),
    doors_at: z.string(),
    ends_at: z.string(),
    currency: z.string().regex(/^[A-Z]{3}$/),
  })
  .refine((value) => value.doors_at === '' || value.starts_at === '' || value.doors_at <= value.starts_at, {
    path: ['doors_at'],
    message: 'doors_after_start',
  })
  .refine((value) => value.ends_at === '' || value.starts_at === '' || value.ends_at > value.starts_at, {
    path: ['ends_at'],
    message: 'ends_before_start',
  })

export type Details = z.infer<typeof details>
type Field = keyof Details

/** Which part of the request each field is. */
const claims: readonly (readonly [string, Field])[] = [
  ['/name', 'name'],
  ['/description', 'description'],
  ['/venue/name', 'venue_name'],
  ['/venue/address', 'venue_address'],
  ['/venue', 'venue_name'],
  ['/timezone', 'timezone'],
  ['/starts_at', 'starts_at'],
  ['/doors_at', 'doors_at'],
  ['/ends_at', 'ends_at'],
  ['/currency', 'currency'],
]

/** The times of a form as instants. */
export function instants(value: Details): {
  starts_at: string
  doors_at: string | null
  ends_at: string | null
} {
  return {
    starts_at: fromWallTime(value.starts_at, value.timezone) ?? value.starts_at,
    doors_at: fromWallTime(value.doors_at, value.timezone),
    ends_at: fromWallTime(value.ends_at, value.timezone),
  }
}

export function DetailsForm({
  values,
  fixed,
  error,
  busy,
  saved,
  submitLabel,
  onSubmit,
}: {
  values: Details
  /** Currency and time zone can be chosen only while planning something new. */
  fixed: boolean
  error: Error | null
  busy: boolean
  saved?: string | undefined
  submitLabel: string
  onSubmit: (values: Details) => void
}) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const form = useForm({ resolver: zodResolver(details), defaultValues: values })
  const zones = useMemo(() => allZones(), [])
  const problem = error instanceof ApiProblem ? fieldErrors(error.errors, claims) : null
  const atFields = problem !== null && problem.rest.length === 0 && Object.keys(problem.fields).length > 0

  const message = (field: Field): string | undefined => {
    const own = form.formState.errors[field]?.message
    switch (own) {
      case undefined:
        return problem?.fields[field]
      case 'name':
        return t('details.error.name')
      case 'venue_name':
        return t('details.error.venue_name')
      case 'starts_at':
        return t('details.error.starts_at')
      case 'doors_after_start':
        return t('details.error.doors_after_start')
      case 'ends_before_start':
        return t('details.error.ends_before_start')
      default:
        return own
    }
  }

  return (
    <form
      noValidate
      onSubmit={(event) => void form.handleSubmit(onSubmit)(event)}
      className="flex flex-col gap-5"
    >
      {error &&
        (atFields ? (
          <Notice tone="bad" title={t('app.look_at_fields')} />
        ) : (
          <ErrorNotice
            title={explain(error).title}
            lines={
              problem
                ? problem.rest.map((rest) => rest.detail).concat(explain(error).lines.slice(0, 1))
                : explain(error).lines
            }
          />
        ))}
      <Card className="flex flex-col gap-4 p-5 sm:p-6">
        <h2 className="text-lg font-bold">{t('details.what')}</h2>
        <TextField
          label={t('details.name')}
          error={message('name')}
          autoComplete="off"
          {...form.register('name')}
        />
        <TextArea
          label={t('details.description')}
          optional={t('app.optional')}
          error={message('description')}
          {...form.register('description')}
        />
      </Card>
      <Card className="flex flex-col gap-4 p-5 sm:p-6">
        <h2 className="text-lg font-bold">{t('details.when')}</h2>
        <div className="grid gap-4 sm:grid-cols-3">
          <TextField
            label={t('details.starts_at')}
            type="datetime-local"
            error={message('starts_at')}
            {...form.register('starts_at')}
          />
          <TextField
            label={t('details.doors_at')}
            optional={t('app.optional')}
            type="datetime-local"
            error={message('doors_at')}
            {...form.register('doors_at')}
          />
          <TextField
            label={t('details.ends_at')}
            optional={t('app.optional')}
            type="datetime-local"
            error={message('ends_at')}
            {...form.register('ends_at')}
          />
        </div>
        <SelectField
          label={t('details.timezone')}
          hint={fixed ? t('details.timezone_fixed') : t('details.timezone_hint')}
          error={message('timezone')}
          className="sm:max-w-sm"
          aria-disabled={fixed || undefined}
          {...form.register('timezone')}
        >
          {(fixed ? [values.timezone] : zones).map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </SelectField>
      </Card>
      <Card className="flex flex-col gap-4 p-5 sm:p-6">
        <h2 className="text-lg font-bold">{t('details.where')}</h2>
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label={t('details.venue_name')}
            autoComplete="off"
            error={message('venue_name')}
            {...form.register('venue_name')}
          />
          <TextField
            label={t('details.venue_address')}
            optional={t('app.optional')}
            autoComplete="off"
            error={message('venue_address')}
            {...form.register('venue_address')}
          />
        </div>
      </Card>
      <Card className="flex flex-col gap-4 p-5 sm:p-6">
        <h2 className="text-lg font-bold">{t('details.money')}</h2>
        <SelectField
          label={t('details.currency')}
          hint={fixed ? t('details.currency_fixed') : t('details.currency_hint')}
          error={message('currency')}
          className="sm:max-w-sm"
          aria-disabled={fixed || undefined}
          {...form.register('currency')}
        >
          {(fixed ? [values.currency] : [...new Set([...CURRENCIES, values.currency])]).map((currency) => (
            <option key={currency}>{currency}</option>
          ))}
        </SelectField>
      </Card>
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" busy={busy}>
          {submitLabel}
        </Button>
        {saved !== undefined && (
          <p role="status" className="font-medium text-ok">
            {saved}
          </p>
        )}
      </div>
    </form>
  )
}

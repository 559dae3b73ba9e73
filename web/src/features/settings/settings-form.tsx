import { zodResolver } from '@hookform/resolvers/zod'
import { useMemo, type ReactNode } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { useFormProblem } from '@/api/form-problem'
import type { Settings } from '@/api/types'
import { mergePatch } from '@/lib/merge-patch'
import { CURRENCIES } from '@/lib/money'
import { allZones } from '@/lib/time'
import { Button } from '@/ui/button'
import { CheckField } from '@/ui/check-list'
import { ErrorNotice } from '@/ui/error-state'
import { SelectField, TextField } from '@/ui/field'
import { Card } from '@/ui/surface'
import {
  claims,
  CODE_LENGTHS,
  CODE_USES,
  formValues,
  fromForm,
  HOLDER_SHOWN,
  PERIODS,
  REENTRIES,
  toForm,
  type FormField,
} from './form-values'
import { useChangeSettings } from './queries'

export function SettingsForm({ settings }: { settings: Settings }) {
  const { t } = useTranslation()
  const change = useChangeSettings()
  const zones = useMemo(() => [...new Set([...allZones(), settings.timezone])].sort(), [settings.timezone])
  const currencies = [...new Set([...CURRENCIES, settings.currency])]
  const form = useForm({
    resolver: zodResolver(formValues),
    values: toForm(settings),
    // What is being typed stays, whatever comes from the server meanwhile.
    resetOptions: { keepDirtyValues: true },
  })
  const [taxed, taxIncluded, publicNumbers] = useWatch({
    control: form.control,
    name: ['taxed', 'tax_included', 'public_numbers'],
  })
  const problem = useFormProblem(change.error, claims)
  const { isDirty } = form.formState

  const submit = form.handleSubmit((values) => {
    change.mutate(mergePatch(fromForm(toForm(settings)), fromForm(values)), {
      onSuccess: (saved) => {
        form.reset(toForm(saved), { keepDirtyValues: false })
      },
    })
  })
  const error = (field: FormField): string | undefined => {
    const own = form.formState.errors[field]?.message
    switch (own) {
      case undefined:
        return problem.fields[field]
      case 'required':
        return t('settings.error.required')
      case 'number':
        return t('settings.error.number')
      case 'whole':
        return t('settings.error.whole')
      case 'languages':
        return t('settings.error.languages')
      default:
        return own
    }
  }
  const set = (field: 'taxed' | 'tax_included' | 'public_numbers') => (checked: boolean) => {
    form.setValue(field, checked, { shouldDirty: true })
  }
  const text = (field: FormField) => ({ error: error(field), ...form.register(field) })

  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      <Section title={t('settings.section.organization')}>
        <TextField
          label={t('settings.field.name')}
          hint={t('settings.slug', { slug: settings.slug })}
          autoComplete="organization"
          {...text('name')}
        />
        <TextField
          label={t('settings.field.languages')}
          hint={t('settings.languages_hint')}
          {...text('languages')}
        />
        <SelectField
          label={t('settings.field.timezone')}
          hint={t('settings.new_events')}
          {...text('timezone')}
        >
          {zones.map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </SelectField>
        <SelectField
          label={t('settings.field.currency')}
          hint={t('settings.new_events')}
          {...text('currency')}
        >
          {currencies.map((currency) => (
            <option key={currency}>{currency}</option>
          ))}
        </SelectField>
      </Section>

      <Section title={t('settings.section.selling')}>
        <TextField
          label={t('settings.hold_minutes')}
          hint={t('settings.hold_hint')}
          inputMode="decimal"
          {...text('hold_minutes')}
        />
        <TextField
          label={t('settings.pay_within_hours')}
          hint={t('settings.pay_hint')}
          inputMode="decimal"
          {...text('pay_within_hours')}
        />
        <SelectField
          label={t('settings.field.code_length')}
          hint={t('settings.code_length_hint')}
          {...text('code_length')}
        >
          <option value="">{t('settings.code_length_auto')}</option>
          {CODE_LENGTHS.map((length) => (
            <option key={length} value={length}>
              {t('settings.digits', { count: Number(length) })}
            </option>
          ))}
        </SelectField>
        <div className="flex flex-col gap-3">
          <CheckField
            label={t('settings.taxed')}
            hint={t('settings.tax_hint')}
            checked={taxed}
            onChange={set('taxed')}
          />
          {taxed && (
            <>
              <TextField label={t('settings.tax_percent')} inputMode="decimal" {...text('tax_percent')} />
              <CheckField
                label={t('settings.tax_included')}
                checked={taxIncluded}
                onChange={set('tax_included')}
              />
            </>
          )}
        </div>
        <CheckField
          label={t('settings.field.public_numbers')}
          hint={t('settings.public_numbers_hint')}
          checked={publicNumbers}
          onChange={set('public_numbers')}
        />
      </Section>

      <Section title={t('settings.section.door')} detail={t('settings.new_events')}>
        <SelectField label={t('settings.reentry.label')} {...text('reentry')}>
          {REENTRIES.map((value) => (
            <option key={value} value={value}>
              {t(`settings.reentry.${value}`)}
            </option>
          ))}
        </SelectField>
        <SelectField label={t('settings.per.label')} {...text('per')}>
          {PERIODS.map((value) => (
            <option key={value} value={value}>
              {t(`settings.per.${value}`)}
            </option>
          ))}
        </SelectField>
        <SelectField label={t('settings.codes.label')} {...text('codes')}>
          {CODE_USES.map((value) => (
            <option key={value} value={value}>
              {t(`settings.codes.${value}`)}
            </option>
          ))}
        </SelectField>
        <SelectField label={t('settings.holder.label')} {...text('holder')}>
          {HOLDER_SHOWN.map((value) => (
            <option key={value} value={value}>
              {t(`settings.holder.${value}`)}
            </option>
          ))}
        </SelectField>
        <TextField
          label={t('settings.opens_before')}
          hint={t('settings.opens_before_hint')}
          inputMode="decimal"
          {...text('opens_before_minutes')}
        />
      </Section>

      <Section title={t('settings.section.privacy')} detail={t('settings.retention_detail')}>
        <TextField
          label={t('settings.people_days')}
          hint={t('settings.people_days_hint')}
          inputMode="numeric"
          {...text('people_days')}
        />
        <TextField
          label={t('settings.money_days')}
          hint={t('settings.money_days_hint')}
          inputMode="numeric"
          {...text('money_days')}
        />
      </Section>

      <Section title={t('settings.section.limits')} detail={t('settings.limits_detail')}>
        <TextField label={t('settings.holds')} inputMode="numeric" {...text('holds')} />
        <TextField label={t('settings.held_places')} inputMode="numeric" {...text('held_places')} />
        <TextField label={t('settings.unpaid_orders')} inputMode="numeric" {...text('unpaid_orders')} />
        <TextField label={t('settings.unpaid_places')} inputMode="numeric" {...text('unpaid_places')} />
      </Section>

      <div className="sticky bottom-0 z-10 -mx-4 flex flex-wrap items-center gap-4 border-t border-line bg-bg/95 px-4 py-3 backdrop-blur">
        <Button type="submit" busy={change.isPending} disabled={!isDirty}>
          {t('settings.save')}
        </Button>
        {isDirty && !change.isPending && (
          <Button
            look="quiet"
            onClick={() => {
              change.reset()
              form.reset(toForm(settings), { keepDirtyValues: false })
            }}
          >
            {t('settings.discard')}
          </Button>
        )}
        {change.isSuccess && !isDirty && (
          <p role="status" className="font-medium text-ok">
            {t('plan.saved')}
          </p>
        )}
        {problem.summary && (
          <div className="w-full">
            <ErrorNotice {...problem.summary} />
          </div>
        )}
      </div>
    </form>
  )
}

function Section({ title, detail, children }: { title: string; detail?: string; children: ReactNode }) {
  return (
    <Card className="p-5 sm:p-6">
      <h2 className="text-lg font-bold">{title}</h2>
      {detail !== undefined && <p className="mt-0.5 text-muted">{detail}</p>}
      <div className="mt-4 grid items-start gap-4 sm:grid-cols-2">{children}</div>
    </Card>
  )
}

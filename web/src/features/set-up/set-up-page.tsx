import { zodResolver } from '@hookform/resolvers/zod'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { useForm, useWatch } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { useFormProblem } from '@/api/form-problem'
import { isAbout } from '@/api/problem'
import { CURRENCIES, guessCurrency } from '@/lib/money'
import { allZones, localZone } from '@/lib/time'
import { Button, buttonClass } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { SelectField, TextField } from '@/ui/field'
import { NewPasswordField, PASSWORD_CHARACTERS_MIN } from '@/ui/password-field'
import { Notice } from '@/ui/surface'
import { useLinkSecret } from '@/ui/use-link-secret'
import { WelcomeFrame } from '@/ui/welcome-frame'
import { useSetUp } from './queries'

const installation = z.object({
  organization: z.string().trim().min(1),
  name: z.string().trim().min(1),
  email: z.string().trim().min(1),
  password: z.string().min(PASSWORD_CHARACTERS_MIN),
  timezone: z.string(),
  currency: z.string(),
})

/** The first page of a new installation, opened by the one-time link that the server printed. */
export function SetUpPage() {
  const { t } = useTranslation()
  const token = useLinkSecret('ts_')
  return (
    <WelcomeFrame title={t('set_up.title')}>
      {token === null ? (
        <Notice tone="accent" title={t('set_up.needed.title')}>
          {t('set_up.needed.detail')}
        </Notice>
      ) : (
        <SetUpForm token={token} />
      )}
    </WelcomeFrame>
  )
}

function SetUpForm({ token }: { token: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const setUp = useSetUp()
  const zones = useMemo(() => allZones(), [])
  const form = useForm({
    resolver: zodResolver(installation),
    defaultValues: {
      organization: '',
      name: '',
      email: '',
      password: '',
      timezone: localZone(),
      currency: guessCurrency(localZone()),
    },
  })
  const password = useWatch({ control: form.control, name: 'password' })
  const { errors } = form.formState
  const problem = useFormProblem(setUp.error, [
    ['/organization', 'organization'],
    ['/name', 'name'],
    ['/email', 'email'],
    ['/password', 'password'],
    ['/timezone', 'timezone'],
    ['/currency', 'currency'],
  ])
  const submit = form.handleSubmit((values) => {
    setUp.mutate({ token, ...values }, { onSuccess: () => void navigate({ to: '/' }) })
  })

  if (isAbout(setUp.error, '/token')) {
    return (
      <div className="flex flex-col gap-4">
        <Notice tone="warn" title={t('link.dead.title')}>
          {t('set_up.dead')}
        </Notice>
        <Link to="/sign-in" className={buttonClass('secondary')}>
          {t('sign_in.title')}
        </Link>
      </div>
    )
  }
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <p className="-mt-2 text-muted">{t('set_up.hint')}</p>
      {problem.summary && <ErrorNotice {...problem.summary} />}
      <TextField
        label={t('set_up.organization')}
        autoComplete="organization"
        error={errors.organization ? t('set_up.error.organization') : problem.fields.organization}
        {...form.register('organization')}
      />
      <TextField
        label={t('person.own_name')}
        autoComplete="name"
        error={errors.name ? t('person.error.name') : problem.fields.name}
        {...form.register('name')}
      />
      <TextField
        label={t('sign_in.email')}
        type="email"
        autoComplete="username"
        error={errors.email ? t('sign_in.email_missing') : problem.fields.email}
        {...form.register('email')}
      />
      <NewPasswordField
        label={t('sign_in.password')}
        value={password}
        error={errors.password ? t('password.too_short') : problem.fields.password}
        {...form.register('password')}
      />
      <div className="grid gap-4 sm:grid-cols-[1fr_7rem]">
        <SelectField
          label={t('details.timezone')}
          error={problem.fields.timezone}
          {...form.register('timezone')}
        >
          {zones.map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </SelectField>
        <SelectField
          label={t('details.currency')}
          error={problem.fields.currency}
          {...form.register('currency')}
        >
          {CURRENCIES.map((currency) => (
            <option key={currency}>{currency}</option>
          ))}
        </SelectField>
      </div>
      <p className="text-sm text-muted">{t('set_up.later')}</p>
      <Button type="submit" busy={setUp.isPending}>
        {t('set_up.submit')}
      </Button>
    </form>
  )
}

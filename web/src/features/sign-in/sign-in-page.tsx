import { zodResolver } from '@hookform/resolvers/zod'
import { useQuery } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useForm } from 'react-hook-form'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { ApiProblem } from '@/api/problem'
import { useProblemText } from '@/api/problem-text'
import { useSignIn } from '@/api/session'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { TextField } from '@/ui/field'
import { Notice } from '@/ui/surface'
import { WelcomeFrame } from '@/ui/welcome-frame'
import { setupQuery } from './queries'

const credentials = z.object({ email: z.string().trim().min(1), password: z.string().min(1) })

export function SignInPage() {
  const { t } = useTranslation()
  const { next } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const signIn = useSignIn()
  const setup = useQuery(setupQuery)
  const explain = useProblemText()
  const form = useForm({ resolver: zodResolver(credentials), defaultValues: { email: '', password: '' } })
  const { errors } = form.formState

  const submit = form.handleSubmit((values) => {
    signIn.mutate(values, {
      onSuccess: () => {
        // Only a path of our own: a link must not be able to send anybody elsewhere after signing in.
        router.history.push(next?.startsWith('/') === true && !/^\/[/\\]/.test(next) ? next : '/')
      },
    })
  })
  const wrong = signIn.error instanceof ApiProblem && signIn.error.status === 401

  return (
    <WelcomeFrame title={t('sign_in.title')}>
      <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
        {setup.data?.needed === true && (
          <Notice tone="accent" title={t('set_up.needed.title')}>
            {t('set_up.needed.detail')}
          </Notice>
        )}
        {signIn.error &&
          (wrong ? (
            <ErrorNotice title={t('sign_in.wrong')} lines={[]} />
          ) : (
            <ErrorNotice {...explain(signIn.error)} />
          ))}
        <TextField
          label={t('sign_in.email')}
          type="email"
          autoComplete="username"
          error={errors.email && t('sign_in.email_missing')}
          {...form.register('email')}
        />
        <TextField
          label={t('sign_in.password')}
          type="password"
          autoComplete="current-password"
          error={errors.password && t('sign_in.password_missing')}
          {...form.register('password')}
        />
        <Button type="submit" busy={signIn.isPending}>
          {t('sign_in.submit')}
        </Button>
        <p className="text-sm text-muted">{t('sign_in.forgotten')}</p>
      </form>
    </WelcomeFrame>
  )
}

import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormProblem } from '@/api/form-problem'
import { isAbout } from '@/api/problem'
import { Button, buttonClass } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { NewPasswordField } from '@/ui/password-field'
import { Notice } from '@/ui/surface'
import { useLinkSecret } from '@/ui/use-link-secret'
import { WelcomeFrame } from '@/ui/welcome-frame'
import { useResetPassword } from './queries'

/** Sets a new password, by the link that somebody was given who forgot theirs. */
export function ResetPage() {
  const { t } = useTranslation()
  const token = useLinkSecret('tr_')
  const reset = useResetPassword()
  const [password, setPassword] = useState('')
  const problem = useFormProblem(reset.error, [['/password', 'password']])
  const dead = isAbout(reset.error, '/token')

  if (token === null || dead) {
    return (
      <WelcomeFrame title={t('reset.title')}>
        <Notice tone="warn" title={t('link.dead.title')}>
          {t('reset.dead')}
        </Notice>
      </WelcomeFrame>
    )
  }
  if (reset.isSuccess) {
    return (
      <WelcomeFrame title={t('reset.title')}>
        <div className="flex flex-col gap-4">
          <Notice tone="ok" title={t('reset.done.title')}>
            {t('reset.done.detail')}
          </Notice>
          <Link to="/sign-in" className={buttonClass()}>
            {t('sign_in.title')}
          </Link>
        </div>
      </WelcomeFrame>
    )
  }
  return (
    <WelcomeFrame title={t('reset.title')}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          reset.mutate({ token, password })
        }}
      >
        {problem.summary && <ErrorNotice {...problem.summary} />}
        <NewPasswordField
          label={t('password.new')}
          value={password}
          error={problem.fields.password}
          onChange={(event) => {
            setPassword(event.target.value)
          }}
        />
        <Button type="submit" busy={reset.isPending} disabled={password === ''}>
          {t('reset.submit')}
        </Button>
      </form>
    </WelcomeFrame>
  )
}

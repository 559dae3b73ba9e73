import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormProblem } from '@/api/form-problem'
import { isAbout } from '@/api/problem'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { TextField } from '@/ui/field'
import { NewPasswordField } from '@/ui/password-field'
import { useChangePassword } from './queries'

export function PasswordForm({ email }: { email: string | null }) {
  const { t } = useTranslation()
  const change = useChangePassword()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const problem = useFormProblem(change.error, [
    ['/current', 'current'],
    ['/new', 'new'],
  ])
  const wrong = isAbout(change.error, '/current')
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate(
          { current, new: next },
          {
            onSuccess: () => {
              setCurrent('')
              setNext('')
            },
          },
        )
      }}
    >
      {!wrong && problem.summary && <ErrorNotice {...problem.summary} />}
      {/* For password managers, which keep the two together. */}
      <input type="text" autoComplete="username" value={email ?? ''} readOnly hidden />
      <TextField
        label={t('account.password.current')}
        type="password"
        autoComplete="current-password"
        value={current}
        error={wrong ? t('account.password.wrong') : problem.fields.current}
        onChange={(event) => {
          change.reset()
          setCurrent(event.target.value)
        }}
      />
      <NewPasswordField
        label={t('password.new')}
        value={next}
        error={problem.fields.new}
        onChange={(event) => {
          change.reset()
          setNext(event.target.value)
        }}
      />
      <div className="flex flex-wrap items-center gap-4">
        <Button
          type="submit"
          look="secondary"
          busy={change.isPending}
          disabled={current === '' || next === ''}
        >
          {t('account.password.change')}
        </Button>
        {change.isSuccess && (
          <p role="status" className="font-medium text-ok">
            {t('account.password.changed')}
          </p>
        )}
      </div>
    </form>
  )
}

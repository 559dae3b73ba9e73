import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormProblem } from '@/api/form-problem'
import { isAbout, isRejected } from '@/api/problem'
import { useProblemText } from '@/api/problem-text'
import { formatWhenShort, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { TextField } from '@/ui/field'
import { NewPasswordField } from '@/ui/password-field'
import { Loading, Notice, Skeleton } from '@/ui/surface'
import { useLinkSecret } from '@/ui/use-link-secret'
import { WelcomeFrame } from '@/ui/welcome-frame'
import { invitationQuery, useAcceptInvitation } from './queries'

/** Where the link of an invitation leads: join with the account that one has, or make one. */
export function InvitationPage() {
  const { t } = useTranslation()
  const token = useLinkSecret('ti_')
  return (
    <WelcomeFrame title={t('invitation.title')}>
      {token === null ? <Dead /> : <Invited key={token} token={token} />}
    </WelcomeFrame>
  )
}

function Dead() {
  const { t } = useTranslation()
  return (
    <Notice tone="warn" title={t('link.dead.title')}>
      {t('invitation.dead')}
    </Notice>
  )
}

function Invited({ token }: { token: string }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const navigate = useNavigate()
  const { data: invitation, error, isPending, refetch } = useQuery(invitationQuery(token))
  const accept = useAcceptInvitation()
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const problem = useFormProblem(accept.error, [
    ['/name', 'name'],
    ['/password', 'password'],
  ])

  if (isPending) {
    return (
      <Loading label={t('app.loading')}>
        <Skeleton className="h-40" />
      </Loading>
    )
  }
  if (error) {
    return isAbout(error, '/token') || isRejected(error) ? (
      <Dead />
    ) : (
      <div className="flex flex-col items-start gap-3">
        <ErrorNotice {...explain(error)} />
        <Button look="secondary" onClick={() => void refetch()}>
          {t('app.try_again')}
        </Button>
      </div>
    )
  }
  const { has_account: known } = invitation
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        accept.mutate(
          { token, password, ...(known ? {} : { name: name.trim() }) },
          { onSuccess: () => void navigate({ to: '/' }) },
        )
      }}
    >
      <div>
        <p className="text-lg">
          {t('invitation.to', {
            organization: invitation.organization.name,
            role: t(`role.${invitation.role}.name`),
          })}
        </p>
        <p className="text-muted">{t(`role.${invitation.role}.may`)}</p>
        <p className="mt-1 text-sm text-muted">
          {t('invitation.until', { time: formatWhenShort(invitation.expires_at, localZone()) })}
        </p>
      </div>
      {problem.summary && <ErrorNotice {...problem.summary} />}
      <TextField
        label={t('sign_in.email')}
        type="email"
        autoComplete="username"
        value={invitation.email}
        readOnly
        hint={known ? t('invitation.known') : undefined}
      />
      {!known && (
        <TextField
          label={t('person.own_name')}
          autoComplete="name"
          value={name}
          error={problem.fields.name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
      )}
      {known ? (
        <TextField
          label={t('sign_in.password')}
          type="password"
          autoComplete="current-password"
          value={password}
          error={problem.fields.password}
          onChange={(event) => {
            setPassword(event.target.value)
          }}
        />
      ) : (
        <NewPasswordField
          label={t('password.choose')}
          value={password}
          error={problem.fields.password}
          onChange={(event) => {
            setPassword(event.target.value)
          }}
        />
      )}
      <Button
        type="submit"
        busy={accept.isPending}
        disabled={password === '' || (!known && name.trim() === '')}
      >
        {t('invitation.accept')}
      </Button>
    </form>
  )
}

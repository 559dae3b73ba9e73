import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormProblem } from '@/api/form-problem'
import type { Role } from '@/api/types'
import { ROLES } from '@/api/words'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { TextField } from '@/ui/field'
import { RoleChoice } from '@/ui/role-choice'
import { SecretOnce } from '@/ui/secret-once'
import { useInvite } from './queries'

/** Invites somebody; there is no mail yet, so whoever invites passes the link on. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const invite = useInvite()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('seller')
  const problem = useFormProblem(invite.error, [
    ['/email', 'email'],
    ['/role', 'role'],
  ])

  if (invite.data) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={t('members.invite.done')}
        description={t('members.invite.pass_on', { email: email.trim() })}
        closeLabel={t('app.close')}
      >
        <div className="flex flex-col gap-4">
          {invite.data.link === null ? (
            <ErrorNotice title={t('members.invite.repeated')} lines={[]} />
          ) : (
            <SecretOnce
              label={t('members.invite.link')}
              value={invite.data.link}
              note={t('members.invite.once')}
            />
          )}
          <Button onClick={onClose}>{t('app.done')}</Button>
        </div>
      </Dialog>
    )
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('members.invite.title')}
      description={t('members.invite.detail')}
      closeLabel={t('app.close')}
    >
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          invite.mutate({ email: email.trim(), role })
        }}
      >
        {problem.summary && <ErrorNotice {...problem.summary} />}
        <TextField
          label={t('sign_in.email')}
          type="email"
          autoComplete="off"
          value={email}
          error={problem.fields.email}
          onChange={(event) => {
            setEmail(event.target.value)
          }}
        />
        <RoleChoice roles={ROLES} value={role} onChange={setRole} />
        <Button type="submit" busy={invite.isPending} disabled={email.trim() === ''}>
          {t('members.invite.submit')}
        </Button>
      </form>
    </Dialog>
  )
}

import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import type { Member } from '@/api/types'
import { ROLES } from '@/api/words'
import { Button } from '@/ui/button'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { RoleChoice } from '@/ui/role-choice'
import { useChangeRole } from './queries'

export function RoleDialog({ member, name, onClose }: { member: Member; name: string; onClose: () => void }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const change = useChangeRole()
  const [role, setRole] = useState(member.role)
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('members.role.title', { name })}
      description={t('members.role.detail')}
      closeLabel={t('app.close')}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          change.mutate({ member: member.id, role }, { onSuccess: onClose })
        }}
      >
        <RoleChoice
          roles={ROLES}
          value={role}
          onChange={(next) => {
            change.reset()
            setRole(next)
          }}
        />
        {change.error && <ErrorNotice {...explain(change.error)} />}
        <Button type="submit" busy={change.isPending} disabled={role === member.role}>
          {t('members.role.submit')}
        </Button>
      </form>
    </Dialog>
  )
}

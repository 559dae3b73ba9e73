import { useSuspenseQuery } from '@tanstack/react-query'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { membersQuery } from '@/api/queries'
import { meQuery, useMay } from '@/api/session'
import type { Member } from '@/api/types'
import { formatWhenShort, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { ConfirmDialog } from '@/ui/confirm-dialog'
import { PageHead } from '@/ui/page-head'
import { Badge, Card } from '@/ui/surface'
import { InviteDialog } from './invite-dialog'
import { useRemoveMember } from './queries'
import { RoleDialog } from './role-dialog'

type Asking = { about: 'invite' } | { about: 'role' | 'removal'; member: Member } | null

export function MembersPage() {
  const { t } = useTranslation()
  const explain = useProblemText()
  const may = useMay()
  const { data: me } = useSuspenseQuery(meQuery)
  const { data: members } = useSuspenseQuery(membersQuery)
  const removal = useRemoveMember()
  const [asking, setAsking] = useState<Asking>(null)
  const close = () => {
    setAsking(null)
  }
  const nameOf = (member: Member) => member.name ?? member.email ?? t('members.nameless')

  return (
    <>
      <PageHead
        title={t('members.title')}
        detail={t('members.detail')}
        action={
          may('invite_member') && (
            <Button
              icon={<UserPlus aria-hidden className="size-5" />}
              onClick={() => {
                setAsking({ about: 'invite' })
              }}
            >
              {t('members.invite.action')}
            </Button>
          )
        }
      />
      <Card className="overflow-hidden">
        <ul className="divide-y divide-line" aria-label={t('members.title')}>
          {members.map((member) => {
            const name = nameOf(member)
            const own = me.actor === `member:${member.id}`
            return (
              <li key={member.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 py-4 sm:px-5">
                <div className="min-w-0 flex-1 basis-60">
                  <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-semibold [overflow-wrap:anywhere]">
                    {name}
                    {own && <Badge tone="accent">{t('members.you')}</Badge>}
                    {member.state === 'invited' && <Badge tone="warn">{t('members.invited')}</Badge>}
                  </p>
                  {member.name !== null && member.email !== null && (
                    <p className="text-muted [overflow-wrap:anywhere]">{member.email}</p>
                  )}
                  <p className="text-sm text-muted">{since(member)}</p>
                </div>
                <p className="font-semibold sm:w-24">{t(`role.${member.role}.name`)}</p>
                <div className="flex flex-wrap gap-2">
                  {may('change_member_role') && (
                    <Button
                      look="secondary"
                      aria-label={t('members.role.action_named', { name })}
                      onClick={() => {
                        setAsking({ about: 'role', member })
                      }}
                    >
                      {t('members.role.action')}
                    </Button>
                  )}
                  {may('remove_member') && (
                    <Button
                      look="quiet"
                      className="text-bad!"
                      aria-label={t('members.remove.action_named', { name })}
                      onClick={() => {
                        removal.reset()
                        setAsking({ about: 'removal', member })
                      }}
                    >
                      {t('members.remove.action')}
                    </Button>
                  )}
                </div>
              </li>
            )
          })}
        </ul>
      </Card>
      {asking?.about === 'invite' && <InviteDialog onClose={close} />}
      {asking?.about === 'role' && (
        <RoleDialog member={asking.member} name={nameOf(asking.member)} onClose={close} />
      )}
      {asking?.about === 'removal' && (
        <ConfirmDialog
          title={t('members.remove.title', { name: nameOf(asking.member) })}
          detail={t(
            asking.member.state === 'invited' ? 'members.remove.detail_invited' : 'members.remove.detail',
          )}
          confirm={t('members.remove.confirm')}
          busy={removal.isPending}
          problem={removal.error && explain(removal.error)}
          onConfirm={() => {
            removal.mutate(asking.member.id, { onSuccess: close })
          }}
          onClose={close}
        />
      )}
    </>
  )

  function since(member: Member): string {
    const time = (instant: string | null) => (instant === null ? '–' : formatWhenShort(instant, localZone()))
    return member.state === 'invited'
      ? t('members.invited_until', {
          since: time(member.invited_at),
          until: time(member.invitation_expires_at),
        })
      : t('members.since', { time: time(member.joined_at) })
  }
}

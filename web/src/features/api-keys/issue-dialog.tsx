import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormProblem } from '@/api/form-problem'
import { allShowsQuery } from '@/api/queries'
import { meQuery } from '@/api/session'
import type { Role } from '@/api/types'
import { rolesToGive } from '@/api/words'
import { formatWhenShort, fromWallTime, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { CheckList } from '@/ui/check-list'
import { Dialog } from '@/ui/dialog'
import { ErrorNotice } from '@/ui/error-state'
import { Choices, TextField } from '@/ui/field'
import { RoleChoice } from '@/ui/role-choice'
import { KeyToken } from './key-token'
import { useIssueKey } from './queries'

export function IssueDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const { data: me } = useSuspenseQuery(meQuery)
  const { data: shows } = useSuspenseQuery(allShowsQuery)
  const issue = useIssueKey()
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('seller')
  const [which, setWhich] = useState<'all' | 'some'>('all')
  const [chosen, setChosen] = useState<string[]>([])
  const [lastDay, setLastDay] = useState('')
  const problem = useFormProblem(issue.error, [
    ['/name', 'name'],
    ['/role', 'role'],
    ['/shows', 'shows'],
    ['/expires_at', 'expires_at'],
  ])

  if (issue.data) {
    return (
      <Dialog
        open
        onOpenChange={onClose}
        title={t('api_keys.new.done', { name })}
        closeLabel={t('app.close')}
      >
        <KeyToken token={issue.data.token} onClose={onClose} />
      </Dialog>
    )
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t('api_keys.new.title')}
      description={t('api_keys.new.detail')}
      closeLabel={t('app.close')}
    >
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          issue.mutate({
            name: name.trim(),
            role,
            shows: which === 'all' ? null : chosen,
            expires_at: lastDay === '' ? null : fromWallTime(`${lastDay}T23:59`, localZone()),
          })
        }}
      >
        {problem.summary && <ErrorNotice {...problem.summary} />}
        <TextField
          label={t('details.name')}
          placeholder={t('api_keys.new.name_example')}
          autoComplete="off"
          value={name}
          error={problem.fields.name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
        <RoleChoice roles={rolesToGive(me.role)} value={role} onChange={setRole} />
        <Choices
          legend={t('devices.pair.shows')}
          value={which}
          onChange={setWhich}
          options={[
            { value: 'all', label: t('api_keys.all_shows') },
            { value: 'some', label: t('api_keys.some_shows') },
          ]}
        />
        {which === 'some' && (
          <CheckList
            legend={t('api_keys.which_shows')}
            error={problem.fields.shows}
            chosen={chosen}
            onChange={setChosen}
            options={shows.map((show) => ({
              value: show.id,
              label: show.name,
              hint: formatWhenShort(show.starts_at, show.timezone),
            }))}
          />
        )}
        <TextField
          label={t('api_keys.new.last_day')}
          hint={t('api_keys.new.last_day_hint')}
          optional={t('app.optional')}
          type="date"
          value={lastDay}
          error={problem.fields.expires_at}
          onChange={(event) => {
            setLastDay(event.target.value)
          }}
        />
        <Button
          type="submit"
          busy={issue.isPending}
          disabled={name.trim() === '' || (which === 'some' && chosen.length === 0)}
        >
          {t('api_keys.new.submit')}
        </Button>
      </form>
    </Dialog>
  )
}

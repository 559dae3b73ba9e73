import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useFormProblem } from '@/api/form-problem'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { TextField } from '@/ui/field'
import { useChangeName } from './queries'

export function NameForm({ name }: { name: string }) {
  const { t } = useTranslation()
  const change = useChangeName()
  const [text, setText] = useState(name)
  const problem = useFormProblem(change.error, [['/name', 'name']])
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        change.mutate(text.trim())
      }}
    >
      {problem.summary && <ErrorNotice {...problem.summary} />}
      <TextField
        label={t('details.name')}
        hint={t('account.name_hint')}
        autoComplete="name"
        value={text}
        error={problem.fields.name}
        onChange={(event) => {
          change.reset()
          setText(event.target.value)
        }}
      />
      <div className="flex flex-wrap items-center gap-4">
        <Button
          type="submit"
          look="secondary"
          busy={change.isPending}
          disabled={text.trim() === '' || text.trim() === name}
        >
          {t('plan.save')}
        </Button>
        {change.isSuccess && (
          <p role="status" className="font-medium text-ok">
            {t('plan.saved')}
          </p>
        )}
      </div>
    </form>
  )
}

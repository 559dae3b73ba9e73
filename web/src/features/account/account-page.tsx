import { useSuspenseQuery } from '@tanstack/react-query'
import { LogOut } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { meQuery, useSignOut } from '@/api/session'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { PageHead } from '@/ui/page-head'
import { Card } from '@/ui/surface'
import { NameForm } from './name-form'
import { PasswordForm } from './password-form'
import { Sessions } from './sessions'

export function AccountPage() {
  const { t } = useTranslation()
  const explain = useProblemText()
  const { data: me } = useSuspenseQuery(meQuery)
  const signOut = useSignOut()
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-6 sm:px-6 sm:py-10">
      <PageHead
        title={t('account.title')}
        detail={[me.email, t(`role.${me.role}.name`), me.organization.name]
          .filter((part) => part !== null)
          .join(' · ')}
        action={
          <Button
            look="secondary"
            busy={signOut.isPending}
            icon={<LogOut aria-hidden className="size-5" />}
            onClick={() => {
              signOut.mutate()
            }}
          >
            {t('app.sign_out')}
          </Button>
        }
      />
      <div className="flex flex-col gap-5">
        {signOut.error && <ErrorNotice {...explain(signOut.error)} />}
        <Card className="p-5 sm:p-6">
          <h2 className="mb-4 text-lg font-bold">{t('person.own_name')}</h2>
          <NameForm name={me.name ?? ''} />
        </Card>
        <Card className="p-5 sm:p-6">
          <h2 className="mb-4 text-lg font-bold">{t('account.password.title')}</h2>
          <PasswordForm email={me.email} />
        </Card>
        <Card className="p-5 sm:p-6">
          <h2 className="text-lg font-bold">{t('account.sessions.title')}</h2>
          <p className="mb-3 text-muted">{t('account.sessions.detail')}</p>
          <Sessions />
        </Card>
      </div>
    </div>
  )
}

import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Mark } from './mark'
import { Card } from './surface'

/** The frame of pages for whoever is not signed in yet. */
export function WelcomeFrame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <main className="flex min-h-dvh items-center justify-center px-4 py-10">
      <div className="w-full max-w-md">
        <div className="mb-6 flex items-center gap-3">
          <Mark className="size-11" />
          <div>
            <p className="text-2xl leading-tight font-bold tracking-tight">{t('app.name')}</p>
            <p className="text-muted">{t('sign_in.tagline')}</p>
          </div>
        </div>
        <Card className="p-5 sm:p-6">
          <h1 className="mb-4 text-xl font-bold">{title}</h1>
          {children}
        </Card>
      </div>
    </main>
  )
}

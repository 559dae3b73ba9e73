import { useSuspenseQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { settingsQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { PageHead } from '@/ui/page-head'
import { Card } from '@/ui/surface'
import { SettingsForm } from './settings-form'
import { SettingsHistory } from './settings-history'

export function SettingsPage() {
  const { t } = useTranslation()
  const may = useMay()
  const { data: settings } = useSuspenseQuery(settingsQuery)
  return (
    <>
      <PageHead title={t('settings.title')} detail={t('settings.detail')} />
      <SettingsForm settings={settings} />
      {may('list_history') && (
        <Card className="mt-5 p-5 sm:p-6">
          <h2 className="mb-2 text-lg font-bold">{t('settings.history.title')}</h2>
          <SettingsHistory />
        </Card>
      )}
    </>
  )
}

import { Link, Outlet } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { useMay } from '@/api/session'
import { settingsPages } from './settings-pages'

const tab =
  'inline-flex min-h-11 items-center rounded-xl px-3.5 font-semibold whitespace-nowrap text-muted hover:bg-sunken hover:text-text aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-strong'

/** The pages of what an organization sets: only those that one may see. */
export function SettingsFrame() {
  const { t } = useTranslation()
  const may = useMay()
  const pages = settingsPages.filter(({ operation }) => may(operation))
  return (
    <div className="mx-auto w-full max-w-4xl px-4 py-4 sm:px-6 sm:py-8">
      {pages.length > 1 && (
        <nav aria-label={t('settings.navigation')} className="mb-6 flex flex-wrap gap-1">
          {pages.map(({ to, text }) => (
            <Link key={to} to={to} activeOptions={{ exact: true, includeSearch: false }} className={tab}>
              {t(text)}
            </Link>
          ))}
        </nav>
      )}
      <Outlet />
    </div>
  )
}

import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, Outlet } from '@tanstack/react-router'
import { CalendarDays, CircleUserRound, DoorOpen, History, LogOut, Settings } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { may, meQuery, switchOrganization, useSignOut } from '@/api/session'
import { IconButton } from '@/ui/button'
import { Mark } from '@/ui/mark'
import { settingsPages } from './settings-pages'

const link =
  'inline-flex min-h-11 min-w-11 items-center justify-center gap-2 rounded-xl px-2 font-semibold text-muted hover:bg-sunken hover:text-text aria-[current=page]:text-text aria-[current=page]:bg-sunken sm:px-3'
const word = 'max-sm:sr-only'

/** The frame around everything that needs a session: of what there is, what they may. */
export function SignedIn() {
  const { t } = useTranslation()
  const { data: me } = useSuspenseQuery(meQuery)
  const signOut = useSignOut()
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only print:hidden focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-xl focus:bg-surface focus:px-4 focus:py-3 focus:font-semibold"
      >
        {t('app.skip')}
      </a>
      <header className="sticky top-0 z-30 print:hidden border-b border-line bg-surface/95 backdrop-blur">
        <div className="mx-auto flex h-15 max-w-7xl items-center gap-1 px-3 sm:gap-2 sm:px-6">
          <Link
            to="/"
            className="flex min-h-11 items-center gap-2.5 rounded-xl px-1 text-lg font-bold tracking-tight"
          >
            <Mark className="size-8" />
            <span className="max-md:sr-only">{t('app.name')}</span>
          </Link>
          {me.organizations.length > 1 ? (
            <select
              aria-label={t('app.organization')}
              className="min-h-11 max-w-56 min-w-0 shrink rounded-xl border border-line bg-surface px-2 text-sm"
              value={me.organization.id}
              onChange={(event) => {
                switchOrganization(event.target.value)
              }}
            >
              {me.organizations.map((organization) => (
                <option key={organization.id} value={organization.id}>
                  {organization.name}
                </option>
              ))}
            </select>
          ) : (
            <p className="min-w-0 truncate text-sm text-muted max-sm:hidden">{me.organization.name}</p>
          )}
          <nav aria-label={t('app.navigation')} className="ml-auto flex items-center sm:gap-1">
            <Link to="/" activeOptions={{ exact: true }} className={link} title={t('app.events')}>
              <CalendarDays aria-hidden className="size-5" />
              <span className={word}>{t('app.events')}</span>
            </Link>
            {may(me, 'check_in') && (
              <Link to="/door" className={link} title={t('app.door')}>
                <DoorOpen aria-hidden className="size-5" />
                <span className={word}>{t('app.door')}</span>
              </Link>
            )}
            {may(me, 'list_history') && (
              <Link to="/audit" className={link} title={t('app.audit')}>
                <History aria-hidden className="size-5" />
                <span className={word}>{t('app.audit')}</span>
              </Link>
            )}
            {settingsPages.some(({ operation }) => may(me, operation)) && (
              <Link to="/settings" className={link} title={t('app.settings')}>
                <Settings aria-hidden className="size-5" />
                <span className={word}>{t('app.settings')}</span>
              </Link>
            )}
            <Link to="/account" className={link} title={t('account.title')}>
              <CircleUserRound aria-hidden className="size-5" />
              <span className="max-lg:sr-only">{t('account.title')}</span>
            </Link>
          </nav>
          <IconButton
            label={t('app.sign_out')}
            className="max-sm:hidden"
            disabled={signOut.isPending}
            onClick={() => {
              signOut.mutate()
            }}
          >
            <LogOut aria-hidden className="size-5" />
          </IconButton>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="flex-1 outline-none">
        <Outlet />
      </main>
    </div>
  )
}

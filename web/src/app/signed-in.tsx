import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Link, Outlet, useNavigate } from '@tanstack/react-router'
import { CalendarDays, DoorOpen, LogOut } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { chooseOrganization, chosenOrganization, meQuery, useSignOut } from '@/api/session'
import { IconButton } from '@/ui/button'
import { Mark } from '@/ui/mark'

const link =
  'inline-flex min-h-11 items-center gap-2 rounded-xl px-3 font-semibold text-muted hover:bg-sunken hover:text-text aria-[current=page]:text-text aria-[current=page]:bg-sunken'

/** The frame around everything that needs a session. */
export function SignedIn() {
  const { t } = useTranslation()
  const { data: me } = useSuspenseQuery(meQuery)
  const cache = useQueryClient()
  const navigate = useNavigate()
  const signOut = useSignOut()
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-xl focus:bg-surface focus:px-4 focus:py-3 focus:font-semibold"
      >
        {t('app.skip')}
      </a>
      <header className="sticky top-0 z-30 border-b border-line bg-surface/95 backdrop-blur">
        <div className="mx-auto flex h-15 max-w-7xl items-center gap-1 px-3 sm:gap-3 sm:px-6">
          <Link
            to="/"
            className="mr-auto flex min-h-11 items-center gap-2.5 rounded-xl px-1 text-lg font-bold tracking-tight"
          >
            <Mark className="size-8" />
            <span className="max-[379px]:sr-only">{t('app.name')}</span>
          </Link>
          {me.organizations.length > 1 && (
            <select
              aria-label={t('app.organization')}
              className="min-h-11 max-w-40 rounded-xl border border-line bg-surface px-2 text-sm"
              value={chosenOrganization(me) ?? ''}
              onChange={(event) => {
                chooseOrganization(me, event.target.value)
                void cache.invalidateQueries()
              }}
            >
              {me.organizations.map((organization) => (
                <option key={organization.id} value={organization.id}>
                  {organization.name}
                </option>
              ))}
            </select>
          )}
          <nav aria-label={t('app.navigation')} className="flex items-center gap-1">
            <Link to="/" activeOptions={{ exact: true }} className={link}>
              <CalendarDays aria-hidden className="size-5" />
              {t('app.events')}
            </Link>
            <Link to="/door" className={link}>
              <DoorOpen aria-hidden className="size-5" />
              {t('app.door')}
            </Link>
          </nav>
          <IconButton
            label={t('app.sign_out')}
            disabled={signOut.isPending}
            onClick={() => {
              signOut.mutate(undefined, { onSuccess: () => void navigate({ to: '/sign-in' }) })
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

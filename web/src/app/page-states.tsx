import { useQueryClient, useQueryErrorResetBoundary } from '@tanstack/react-query'
import { Link, useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '@/api/problem'
import { useProblemText } from '@/api/problem-text'
import { buttonClass } from '@/ui/button'
import { ErrorState } from '@/ui/error-state'
import { Loading, Skeleton } from '@/ui/surface'

export function PagePending() {
  const { t } = useTranslation()
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-8">
      <Loading label={t('app.loading')}>
        <Skeleton className="h-9 w-2/3 max-w-sm" />
        <Skeleton className="mt-3 h-5 w-1/2 max-w-xs" />
        <div className="mt-8 grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
          <Skeleton className="h-36" />
          <Skeleton className="h-36" />
          <Skeleton className="h-36" />
        </div>
        <Skeleton className="mt-4 h-64" />
      </Loading>
    </div>
  )
}

export function PageError({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation()
  const router = useRouter()
  const cache = useQueryClient()
  const errors = useQueryErrorResetBoundary()
  const text = useProblemText()(error)
  if (error instanceof ApiProblem && error.status === 404) return <NotFound />
  if (error instanceof ApiProblem && error.status === 401) {
    return (
      <main className="mx-auto flex max-w-xl flex-col items-start gap-4 px-4 py-20">
        <h1 className="text-3xl font-bold">{text.title}</h1>
        <Link to="/sign-in" search={{ next: router.state.location.href }} className={buttonClass()}>
          {t('sign_in.title')}
        </Link>
      </main>
    )
  }
  return (
    <main>
      <ErrorState
        {...text}
        retryLabel={t('app.try_again')}
        onRetry={() => {
          errors.reset()
          void cache.resetQueries({ predicate: (query) => query.state.status === 'error' })
          reset()
          void router.invalidate()
        }}
      />
    </main>
  )
}

export function NotFound() {
  const { t } = useTranslation()
  return (
    <main className="mx-auto flex max-w-xl flex-col items-start gap-4 px-4 py-20">
      <h1 className="text-3xl font-bold">{t('app.not_found.title')}</h1>
      <p className="text-muted">{t('app.not_found.detail')}</p>
      <Link to="/" className={buttonClass('secondary')}>
        {t('app.not_found.home')}
      </Link>
    </main>
  )
}

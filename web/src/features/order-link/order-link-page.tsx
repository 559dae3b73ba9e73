import { useQuery } from '@tanstack/react-query'
import { useParams, useRouteContext } from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { ErrorState } from '@/ui/error-state'
import { Mark } from '@/ui/mark'
import { Loading, Skeleton } from '@/ui/surface'
import { OrderView } from './order-view'
import { isBrokenLink, orderQuery, orderShowQuery, type OrderLink } from './queries'

/** What the customer has: their order, by its secret link and without signing in. */
export function OrderLinkPage() {
  const { order } = useParams({ from: '/o/$order' })
  const { secret } = useRouteContext({ from: '/o/$order' })
  return (
    <div className="flex min-h-dvh flex-col">
      <main className="mx-auto w-full max-w-5xl flex-1 px-4 py-8 sm:px-6 sm:py-12 print:max-w-none print:p-0">
        {secret === null ? <BrokenLink /> : <FoundByLink key={secret} link={{ order, secret }} />}
      </main>
      <Footer />
    </div>
  )
}

export function FoundByLink({ link }: { link: OrderLink }) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const order = useQuery(orderQuery(link))
  const show = useQuery({
    ...orderShowQuery(link, order.data?.show ?? ''),
    enabled: order.data !== undefined,
  })
  const title = order.data && t('order_link.title', { reference: order.data.reference })

  useEffect(() => {
    if (title === undefined) return
    document.title = title
    return () => {
      document.title = t('app.name')
    }
  }, [title, t])

  if (order.data && show.data) return <OrderView link={link} order={order.data} show={show.data} />
  if (isBrokenLink(order.error)) return <BrokenLink />
  const error = order.error ?? show.error
  if (error) {
    return (
      <ErrorState
        {...explain(error)}
        retryLabel={t('app.try_again')}
        onRetry={() => void (order.error ? order.refetch() : show.refetch())}
      />
    )
  }
  return (
    <Loading label={t('app.loading')}>
      <Skeleton className="h-10 w-2/3 max-w-md" />
      <Skeleton className="mt-4 h-6 w-1/2 max-w-xs" />
      <Skeleton className="mt-8 h-20" />
      <Skeleton className="mt-4 h-56" />
    </Loading>
  )
}

function BrokenLink() {
  const { t } = useTranslation()
  return (
    <div className="mx-auto flex max-w-xl flex-col gap-4 py-10">
      <h1 className="text-3xl font-bold">{t('order_link.broken.title')}</h1>
      <p className="text-lg text-muted">{t('order_link.broken.detail')}</p>
    </div>
  )
}

function Footer() {
  const { t } = useTranslation()
  return (
    <footer className="border-t border-line print:hidden">
      <p className="mx-auto flex max-w-5xl items-center gap-2 px-4 py-5 text-sm text-muted sm:px-6">
        <Mark className="size-5" />
        {t('public.footer')}
      </p>
    </footer>
  )
}

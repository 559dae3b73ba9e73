import { useSuspenseInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { History } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { showsQuery } from '@/api/queries'
import { useMay } from '@/api/session'
import { PageHead } from '@/ui/page-head'
import { ShowChoices } from '@/ui/show-choices'
import { EmptyState } from '@/ui/surface'

/** Of which show the history is looked at. */
export function AuditHomePage() {
  const { t } = useTranslation()
  const may = useMay()
  const pages = useSuspenseInfiniteQuery(showsQuery())
  if (!may('list_history')) {
    return (
      <div className="mx-auto max-w-3xl px-4 py-10">
        <EmptyState title={t('problem.code.forbidden')}>{t('audit.forbidden')}</EmptyState>
      </div>
    )
  }
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-6 sm:py-10">
      <PageHead title={t('audit.home.title')} detail={t('audit.home.detail')} />
      <ShowChoices
        shows={pages.data.pages.flatMap((page) => page.items)}
        pages={pages}
        link={(show, className, content) => (
          <Link to="/audit/$show" params={{ show: show.id }} className={className}>
            {content}
          </Link>
        )}
        none={<EmptyState icon={<History aria-hidden className="size-7" />} title={t('audit.home.none')} />}
      />
    </div>
  )
}

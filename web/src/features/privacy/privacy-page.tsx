import { useInfiniteQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronRight, Search } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import { allShowsQuery } from '@/api/queries'
import type { Person } from '@/api/types'
import { formatWhenShort, localZone } from '@/lib/time'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { PageHead } from '@/ui/page-head'
import { Card, EmptyState, Loading, Skeleton } from '@/ui/surface'
import { PersonView } from './person-view'
import { peopleQuery } from './queries'
import { usePurpose } from './use-purpose'

/** Typing pauses this long before the server is asked. */
const SEARCH_PAUSE_MS = 300

/** What is kept about people: find one, give them what is known, erase it. */
export function PrivacyPage() {
  const { person } = useSearch({ from: '/seller/settings/privacy' })
  return person === undefined ? <FindPerson /> : <PersonView key={person} person={person} />
}

function FindPerson() {
  const { t } = useTranslation()
  const explain = useProblemText()
  const { q = '' } = useSearch({ from: '/seller/settings/privacy' })
  const navigate = useNavigate({ from: '/settings/privacy' })
  const [text, setText] = useState(q)
  const people = useInfiniteQuery({ ...peopleQuery(q), enabled: q !== '' })
  useEffect(() => {
    if (text.trim() === q) return
    const timer = setTimeout(() => {
      void navigate({ search: text.trim() === '' ? {} : { q: text.trim() }, replace: true })
    }, SEARCH_PAUSE_MS)
    return () => {
      clearTimeout(timer)
    }
  }, [text, q, navigate])
  const items = people.data?.pages.flatMap((page) => page.items) ?? []

  return (
    <>
      <PageHead title={t('privacy.title')} detail={t('privacy.detail')} />
      <search className="relative mb-5 block">
        <Search aria-hidden className="pointer-events-none absolute top-3 left-3.5 size-5 text-muted" />
        <input
          type="search"
          aria-label={t('privacy.search')}
          placeholder={t('privacy.search')}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
          }}
          className="min-h-11 w-full rounded-xl border border-edge/70 bg-surface pr-3 pl-11 text-base placeholder:text-muted/90"
        />
      </search>
      {q === '' ? (
        <p className="text-muted">{t('privacy.hint')}</p>
      ) : people.error ? (
        <ErrorNotice {...explain(people.error)} />
      ) : people.isPending ? (
        <Loading label={t('app.loading')}>
          <Skeleton className="h-24" />
        </Loading>
      ) : items.length === 0 ? (
        <EmptyState title={t('tickets.not_found.title')}>{t('privacy.not_found', { q })}</EmptyState>
      ) : (
        <Card className="overflow-hidden">
          <ul className="divide-y divide-line" aria-label={t('privacy.people')}>
            {items.map((person) => (
              <PersonRow key={person.id} person={person} q={q} />
            ))}
          </ul>
        </Card>
      )}
      {people.hasNextPage && (
        <div className="mt-6 text-center">
          <Button
            look="secondary"
            busy={people.isFetchingNextPage}
            onClick={() => void people.fetchNextPage()}
          >
            {t('app.more')}
          </Button>
        </div>
      )}
    </>
  )
}

function PersonRow({ person, q }: { person: Person; q: string }) {
  const { t } = useTranslation()
  const purpose = usePurpose()
  const { data: shows } = useSuspenseQuery(allShowsQuery)
  const show = shows.find(({ id }) => id === person.show)
  return (
    <li className="relative flex items-center gap-3 px-4 py-3.5 hover:bg-raised sm:px-5">
      <div className="min-w-0 flex-1">
        {/* The whole row follows the link. */}
        <Link
          to="/settings/privacy"
          search={{ q, person: person.id }}
          className="font-semibold [overflow-wrap:anywhere] after:absolute after:inset-0"
        >
          {person.name ?? person.email ?? t('members.nameless')}
        </Link>
        {person.name !== null && person.email !== null && (
          <p className="text-muted [overflow-wrap:anywhere]">{person.email}</p>
        )}
        <p className="text-sm text-muted">
          {[purpose(person.purpose), show?.name, formatWhenShort(person.created_at, localZone())]
            .filter((part) => part !== undefined)
            .join(' · ')}
        </p>
      </div>
      <ChevronRight aria-hidden className="size-5 shrink-0 text-muted" />
    </li>
  )
}

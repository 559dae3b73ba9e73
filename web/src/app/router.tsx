import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { z } from 'zod'
import { actAs } from '@/api/client'
import { actsAsAnother } from '@/api/device'
import { ApiProblem } from '@/api/problem'
import {
  allShowsQuery,
  attendanceQuery,
  availabilityQuery,
  membersQuery,
  seatingQuery,
  seatsQuery,
  settingsQuery,
  showQuery,
  showsQuery,
} from '@/api/queries'
import { may, meQuery } from '@/api/session'
import type { Me, Operation } from '@/api/types'
import { auditSearch } from '@/features/audit/search'
import { orderSecret } from '@/lib/order-secret'
import { DoorFrame } from './door-frame'
import { NotFound, PageError, PagePending } from './page-states'
import { SettingsFrame } from './settings-frame'
import { settingsPages } from './settings-pages'
import { SignedIn } from './signed-in'

interface Context {
  queries: QueryClient
}

/** For loaders: what is known will do at once; the page itself refreshes what is stale. */
function known<Options extends object>(options: Options) {
  return { ...options, staleTime: 'static' as const }
}

const root = createRootRouteWithContext<Context>()({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ next: z.string().optional() }),
  component: lazyRouteComponent(() => import('@/features/sign-in/sign-in-page'), 'SignInPage'),
})

/** Pages that the secret of a link opens; it has left the address bar before they are shown. */
const setUp = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  component: lazyRouteComponent(() => import('@/features/set-up/set-up-page'), 'SetUpPage'),
})

const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('@/features/invitation/invitation-page'), 'InvitationPage'),
})

const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  component: lazyRouteComponent(() => import('@/features/sign-in/reset-page'), 'ResetPage'),
})

const pair = createRoute({
  getParentRoute: () => root,
  path: '/pair',
  validateSearch: z.object({ removed: z.boolean().optional().catch(undefined) }),
  component: lazyRouteComponent(() => import('@/features/devices/pair-page'), 'PairPage'),
})

/** Whoever is not signed in is sent to sign in, and back. A page that would act as somebody else is loaded anew. */
async function requireSession({
  context,
  location,
}: {
  context: Context
  location: { href: string; pathname: string }
}) {
  if (actsAsAnother(location.pathname)) throw redirect({ href: location.href, reloadDocument: true })
  try {
    const me = await context.queries.query(known(meQuery))
    // Behind the page, so that nobody waits: the end of a session leads away (`signed-out.ts`).
    context.queries.query(meQuery).catch(() => undefined)
    return { me }
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) {
      throw redirect({ to: '/sign-in', search: { next: location.href } })
    }
    throw error
  }
}

/** What a page shows only to those who may ask for it is not asked for on behalf of others. */
async function ifMay<T>(me: Me, operation: Operation, load: () => Promise<T>): Promise<T | null> {
  return may(me, operation) ? load() : null
}

const seller = createRoute({
  getParentRoute: () => root,
  id: 'seller',
  beforeLoad: requireSession,
  component: SignedIn,
})

const events = createRoute({
  getParentRoute: () => seller,
  path: '/',
  loader: ({ context }) => context.queries.infiniteQuery(known(showsQuery())),
  component: lazyRouteComponent(() => import('@/features/events/events-page'), 'EventsPage'),
})

const newEvent = createRoute({
  getParentRoute: () => seller,
  path: '/events/new',
  // Only to begin with what is usual here: the form does without.
  loader: ({ context }) =>
    ifMay(context.me, 'get_settings', () => context.queries.query(known(settingsQuery))).catch(() => null),
  component: lazyRouteComponent(() => import('@/features/plan/new-event-page'), 'NewEventPage'),
})

export const planSteps = ['details', 'seating', 'tickets', 'publish'] as const

const plan = createRoute({
  getParentRoute: () => seller,
  path: '/events/$id/plan',
  validateSearch: z.object({ step: z.enum(planSteps).catch('details') }),
  loader: ({ context, params }) =>
    Promise.all([
      context.queries.query(known(showQuery(params.id))),
      context.queries.query(known(seatingQuery(params.id))),
    ]),
  component: lazyRouteComponent(() => import('@/features/plan/plan-page'), 'PlanPage'),
})

const overview = createRoute({
  getParentRoute: () => seller,
  path: '/events/$id',
  loader: ({ context, params }) =>
    Promise.all([
      context.queries.query(known(showQuery(params.id))),
      context.queries.query(known(availabilityQuery(params.id))),
      ifMay(context.me, 'get_attendance', () => context.queries.query(known(attendanceQuery(params.id)))),
    ]),
  component: lazyRouteComponent(() => import('@/features/events/event-page'), 'EventPage'),
})

const dashboard = createRoute({
  getParentRoute: () => seller,
  path: '/events/$id/dashboard',
  // `as_of`: as it was then; `with`: the event it is compared with.
  validateSearch: z.object({
    as_of: z.iso.datetime().optional().catch(undefined),
    with: z.string().optional().catch(undefined),
  }),
  loader: ({ context, params }) => context.queries.query(known(showQuery(params.id))),
  component: lazyRouteComponent(() => import('@/features/dashboard/dashboard-page'), 'DashboardPage'),
})

const sell = createRoute({
  getParentRoute: () => seller,
  path: '/events/$id/sell',
  loader: ({ context, params }) =>
    Promise.all([
      context.queries.query(known(showQuery(params.id))),
      context.queries.query(known(seatingQuery(params.id))),
      context.queries.query(known(seatsQuery(params.id))),
      context.queries.query(known(availabilityQuery(params.id))),
    ]),
  component: lazyRouteComponent(() => import('@/features/box-office/box-office-page'), 'BoxOfficePage'),
})

const tickets = createRoute({
  getParentRoute: () => seller,
  path: '/events/$id/tickets',
  validateSearch: z.object({ q: z.string().optional().catch(undefined) }),
  loader: ({ context, params }) => context.queries.query(known(showQuery(params.id))),
  component: lazyRouteComponent(() => import('@/features/tickets/tickets-page'), 'TicketsPage'),
})

const auditHome = createRoute({
  getParentRoute: () => seller,
  path: '/audit',
  loader: ({ context }) => context.queries.infiniteQuery(known(showsQuery())),
  component: lazyRouteComponent(() => import('@/features/audit/audit-home-page'), 'AuditHomePage'),
})

const audit = createRoute({
  getParentRoute: () => seller,
  path: '/audit/$show',
  validateSearch: auditSearch,
  loader: ({ context, params }) => context.queries.query(known(showQuery(params.show))),
  component: lazyRouteComponent(() => import('@/features/audit/audit-page'), 'AuditPage'),
})

const account = createRoute({
  getParentRoute: () => seller,
  path: '/account',
  component: lazyRouteComponent(() => import('@/features/account/account-page'), 'AccountPage'),
})

const settingsFrame = createRoute({
  getParentRoute: () => seller,
  path: '/settings',
  component: SettingsFrame,
})

const settings = createRoute({
  getParentRoute: () => settingsFrame,
  path: '/',
  beforeLoad: ({ context }) => {
    // The first page of those that they may see.
    const first = settingsPages.find(({ operation }) => may(context.me, operation))
    if (first && first.to !== '/settings') throw redirect({ to: first.to })
  },
  loader: ({ context }) => context.queries.query(known(settingsQuery)),
  component: lazyRouteComponent(() => import('@/features/settings/settings-page'), 'SettingsPage'),
})

const members = createRoute({
  getParentRoute: () => settingsFrame,
  path: '/members',
  loader: ({ context }) => context.queries.query(known(membersQuery)),
  component: lazyRouteComponent(() => import('@/features/members/members-page'), 'MembersPage'),
})

const devices = createRoute({
  getParentRoute: () => settingsFrame,
  path: '/devices',
  loader: ({ context }) => context.queries.query(known(allShowsQuery)),
  component: lazyRouteComponent(() => import('@/features/devices/devices-page'), 'DevicesPage'),
})

const apiKeys = createRoute({
  getParentRoute: () => settingsFrame,
  path: '/api-keys',
  loader: ({ context }) => context.queries.query(known(allShowsQuery)),
  component: lazyRouteComponent(() => import('@/features/api-keys/api-keys-page'), 'ApiKeysPage'),
})

const privacy = createRoute({
  getParentRoute: () => settingsFrame,
  path: '/privacy',
  validateSearch: z.object({
    q: z.string().optional().catch(undefined),
    person: z.string().optional().catch(undefined),
  }),
  loader: ({ context }) => context.queries.query(known(allShowsQuery)),
  component: lazyRouteComponent(() => import('@/features/privacy/privacy-page'), 'PrivacyPage'),
})

/** For staff within the frame of all their pages, for a paired device without. */
const doorFrame = createRoute({
  getParentRoute: () => root,
  id: 'door',
  beforeLoad: requireSession,
  component: DoorFrame,
})

const doorChoice = createRoute({
  getParentRoute: () => doorFrame,
  path: '/door',
  loader: ({ context }) => context.queries.infiniteQuery(known(showsQuery())),
  component: lazyRouteComponent(() => import('@/features/door/choose-event-page'), 'ChooseEventPage'),
})

/** The keypad needs the whole screen: no header. */
const door = createRoute({
  getParentRoute: () => root,
  path: '/door/$id',
  beforeLoad: requireSession,
  loader: ({ context, params }) =>
    Promise.all([
      context.queries.query(known(showQuery(params.id))),
      context.queries.query(known(attendanceQuery(params.id))),
    ]),
  component: lazyRouteComponent(() => import('@/features/door/door-page'), 'DoorPage'),
})

const publicEvent = createRoute({
  getParentRoute: () => root,
  path: '/e/$slug',
  loader: ({ context, params }) =>
    Promise.all([
      context.queries.query(known(showQuery(params.slug))),
      context.queries.query(known(availabilityQuery(params.slug))),
    ]),
  component: lazyRouteComponent(() => import('@/features/public/public-event-page'), 'PublicEventPage'),
})

/**
 * A customer's order. The secret of its link is the customer's own and stays in the address, to keep and to bookmark;
 * the page acts by it alone, whoever is signed in.
 */
const orderLink = createRoute({
  getParentRoute: () => root,
  path: '/o/$order',
  beforeLoad: ({ location, preload }) => {
    const secret = orderSecret(location.hash)
    if (secret !== null && !preload) actAs({ kind: 'customer', secret })
    return { secret }
  },
  component: lazyRouteComponent(() => import('@/features/order-link/order-link-page'), 'OrderLinkPage'),
})

const routeTree = root.addChildren([
  signIn,
  setUp,
  invitation,
  reset,
  pair,
  seller.addChildren([
    events,
    newEvent,
    plan,
    overview,
    dashboard,
    sell,
    tickets,
    auditHome,
    audit,
    account,
    settingsFrame.addChildren([settings, members, devices, apiKeys, privacy]),
  ]),
  doorFrame.addChildren([doorChoice]),
  door,
  publicEvent,
  orderLink,
])

export function newRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    defaultPendingMinMs: 200,
    defaultPendingComponent: PagePending,
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  })
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof newRouter>
  }
}

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
import { ApiProblem } from '@/api/problem'
import {
  attendanceQuery,
  availabilityQuery,
  seatingQuery,
  seatsQuery,
  showQuery,
  showsQuery,
} from '@/api/queries'
import { meQuery } from '@/api/session'
import { NotFound, PageError, PagePending } from './page-states'
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

/** Whoever is not signed in is sent to sign in, and back. */
async function requireSession({ context, location }: { context: Context; location: { href: string } }) {
  try {
    await context.queries.query(known(meQuery))
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 401) {
      throw redirect({ to: '/sign-in', search: { next: location.href } })
    }
    throw error
  }
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
      context.queries.query(known(attendanceQuery(params.id))),
    ]),
  component: lazyRouteComponent(() => import('@/features/events/event-page'), 'EventPage'),
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

const doorChoice = createRoute({
  getParentRoute: () => seller,
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

const routeTree = root.addChildren([
  signIn,
  seller.addChildren([events, newEvent, plan, overview, sell, tickets, doorChoice]),
  door,
  publicEvent,
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

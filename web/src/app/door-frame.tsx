import { useSuspenseQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { meQuery } from '@/api/session'
import { Mark } from '@/ui/mark'
import { SignedIn } from './signed-in'

/** Around the choice of an event at the door: a paired device has nothing else to go to. */
export function DoorFrame() {
  const { data: me } = useSuspenseQuery(meQuery)
  if (me.device === null) return <SignedIn />
  return (
    <main>
      <p className="mx-auto flex w-full max-w-2xl items-center gap-3 px-4 pt-5">
        <Mark className="size-9" />
        <span className="min-w-0">
          <span className="block truncate leading-tight font-bold">{me.device.name}</span>
          <span className="block truncate text-sm text-muted">{me.organization.name}</span>
        </span>
      </p>
      <Outlet />
    </main>
  )
}

import type { Operation } from '@/api/types'

/** The pages below /settings, in the order of their tabs, each with what one must be allowed to see anything there. */
export const settingsPages = [
  { to: '/settings', text: 'settings.pages.organization', operation: 'get_settings' },
  { to: '/settings/members', text: 'settings.pages.members', operation: 'list_members' },
  { to: '/settings/devices', text: 'settings.pages.devices', operation: 'list_devices' },
  { to: '/settings/api-keys', text: 'settings.pages.api_keys', operation: 'list_api_keys' },
  { to: '/settings/privacy', text: 'settings.pages.privacy', operation: 'list_people' },
] as const satisfies readonly { to: string; text: string; operation: Operation }[]

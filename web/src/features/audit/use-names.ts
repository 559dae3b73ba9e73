import { useQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { answer, client } from '@/api/client'
import { keys } from '@/api/keys'
import { membersQuery } from '@/api/queries'
import { useMay } from '@/api/session'

const KINDS = ['member', 'key', 'device', 'customer'] as const

/** The log names nobody: ids become names for those who may know them, and stay short words for others. */
export function useNames() {
  const { t } = useTranslation()
  const may = useMay()
  const { data: members } = useQuery({ ...membersQuery, enabled: may('list_members') })
  const { data: devices } = useQuery({
    queryKey: keys.devices,
    enabled: may('list_devices'),
    queryFn: async ({ signal }) => (await answer(() => client.GET('/api/v1/devices', { signal }))).items,
  })
  const actor = useCallback(
    (id: string): string => {
      const [kind = '', rest = ''] = id.split(':')
      const member = members?.find((candidate) => candidate.id === rest)
      if (kind === 'member' && member) return member.name ?? member.email ?? id
      const device = devices?.find((candidate) => candidate.id === rest)
      if (kind === 'device' && device) return device.name ?? id
      const known = KINDS.find((candidate) => candidate === kind)
      return known ? t(`audit.actor.${known}`, { id: rest.slice(-6) }) : id
    },
    [members, devices, t],
  )
  return { members, devices, actor }
}

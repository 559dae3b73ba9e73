import { useNavigate } from '@tanstack/react-router'
import { Filter, X } from 'lucide-react'
import { useState, type SubmitEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { answer, client } from '@/api/client'
import { useMay } from '@/api/session'
import { eventName } from '@/lib/event-name'
import { fromWallTime, toWallTime } from '@/lib/time'
import { Button } from '@/ui/button'
import { SelectField, TextField } from '@/ui/field'
import { EVENT_TYPES, FILTERS, type AuditSearch, type FilterName } from './search'
import { useNames } from './use-names'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Which events are listed. What holds stands as labels that can be taken away; the form is opened when it is wanted. */
export function Filters({ show, zone, search }: { show: string; zone: string; search: AuditSearch }) {
  const { t } = useTranslation()
  const navigate = useNavigate({ from: '/audit/$show' })
  const [open, setOpen] = useState(false)
  const set = FILTERS.filter((name) => search[name] !== undefined)
  const describe = useDescription(zone)
  const change = (next: Partial<Record<FilterName, string | undefined>>) =>
    void navigate({ search: (old) => ({ ...old, ...next, event: undefined }), resetScroll: false })
  return (
    <div className="mb-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          look="secondary"
          aria-expanded={open}
          icon={<Filter aria-hidden className="size-5" />}
          onClick={() => {
            setOpen(!open)
          }}
        >
          {t('audit.filter.open')}
        </Button>
        {set.map((name) => (
          <button
            key={name}
            type="button"
            aria-label={t('audit.filter.remove', { what: describe(name, search[name] ?? '') })}
            onClick={() => {
              change({ [name]: undefined })
            }}
            className="inline-flex min-h-11 max-w-full items-center gap-1.5 rounded-xl bg-accent-soft px-3 text-sm font-semibold text-accent-strong"
          >
            <span className="truncate">{describe(name, search[name] ?? '')}</span>
            <X aria-hidden className="size-4 shrink-0" />
          </button>
        ))}
      </div>
      {open && (
        <FilterForm
          key={JSON.stringify(search)}
          show={show}
          zone={zone}
          search={search}
          onChange={(next) => {
            setOpen(false)
            change(next)
          }}
        />
      )}
    </div>
  )
}

function useDescription(zone: string) {
  const { t } = useTranslation()
  const { actor, devices } = useNames()
  return (name: FilterName, value: string): string => {
    const label = t(`audit.filter.${name}`)
    switch (name) {
      case 'type':
        return `${label}: ${eventName(value)}`
      case 'actor':
        return `${label}: ${actor(value)}`
      case 'device':
        return `${label}: ${devices?.find(({ id }) => id === value)?.name ?? value.slice(-6)}`
      case 'from':
      case 'to':
        return `${label}: ${toWallTime(value, zone).replace('T', ' ')}`
      case 'seat':
        return `${label}: ${value}`
      case 'ticket':
      case 'order':
      case 'person':
      case 'correlation':
      case 'hold':
      case 'block':
      case 'scan':
        return `${label}: …${value.slice(-6)}`
    }
  }
}

function FilterForm({
  show,
  zone,
  search,
  onChange,
}: {
  show: string
  zone: string
  search: AuditSearch
  onChange: (next: Record<FilterName, string | undefined>) => void
}) {
  const { t } = useTranslation()
  const may = useMay()
  const { members, devices, actor } = useNames()
  const [values, setValues] = useState<AuditSearch>(search)
  const [problem, setProblem] = useState<'ticket' | 'order' | null>(null)
  const field = (name: FilterName) => ({
    label: t(`audit.filter.${name}`),
    value: values[name] ?? '',
    onChange: (event: { target: { value: string } }) => {
      const { value } = event.target
      setValues({ ...values, [name]: value === '' ? undefined : value })
    },
  })
  const wall = (name: 'from' | 'to') => ({
    label: t(`audit.filter.${name}`),
    type: 'datetime-local',
    value: values[name] === undefined ? '' : toWallTime(values[name], zone),
    onChange: (event: { target: { value: string } }) => {
      setValues({ ...values, [name]: fromWallTime(event.target.value, zone) ?? undefined })
    },
  })
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const ticket = await idOf(values.ticket, may('list_tickets'), findTicket(show))
    const order = await idOf(values.order, may('list_orders'), findOrder(show))
    if (ticket === null || order === null) {
      setProblem(ticket === null ? 'ticket' : 'order')
      return
    }
    const all = Object.fromEntries(FILTERS.map((name) => [name, values[name]]))
    onChange({ ...emptied(), ...all, ticket, order })
  }
  const actors = [
    ...(members ?? []).map(({ id }) => `member:${id}`),
    ...(devices ?? []).map(({ id }) => `device:${id}`),
  ]
  return (
    <form
      onSubmit={(event) => void submit(event)}
      className="mt-3 grid gap-3 rounded-xl border border-line p-3 sm:grid-cols-2"
    >
      <SelectField {...field('type')}>
        <option value="">{t('audit.filter.any')}</option>
        {EVENT_TYPES.map((type) => (
          <option key={type} value={type}>
            {eventName(type)}
          </option>
        ))}
      </SelectField>
      {actors.length === 0 ? (
        <TextField {...field('actor')} hint={t('audit.filter.actor_hint')} />
      ) : (
        <SelectField {...field('actor')}>
          <option value="">{t('audit.filter.any')}</option>
          {[...new Set([...actors, ...(values.actor === undefined ? [] : [values.actor])])].map((id) => (
            <option key={id} value={id}>
              {actor(id)}
            </option>
          ))}
        </SelectField>
      )}
      {devices && devices.length > 0 ? (
        <SelectField {...field('device')}>
          <option value="">{t('audit.filter.any')}</option>
          {devices.map((device) => (
            <option key={device.id} value={device.id}>
              {device.name}
            </option>
          ))}
        </SelectField>
      ) : (
        <TextField {...field('device')} />
      )}
      <TextField {...field('seat')} placeholder="Block A-3-12" />
      <TextField
        {...field('ticket')}
        hint={may('list_tickets') ? t('audit.filter.ticket_hint') : undefined}
        error={problem === 'ticket' ? t('audit.filter.unknown') : undefined}
      />
      <TextField
        {...field('order')}
        hint={may('list_orders') ? t('audit.filter.order_hint') : undefined}
        error={problem === 'order' ? t('audit.filter.unknown') : undefined}
      />
      <TextField {...wall('from')} />
      <TextField {...wall('to')} />
      <TextField {...field('person')} hint={t('audit.filter.person_hint')} />
      <div className="flex items-end gap-2">
        <Button type="submit">{t('audit.filter.apply')}</Button>
        <Button
          look="quiet"
          onClick={() => {
            onChange(emptied())
          }}
        >
          {t('audit.filter.clear')}
        </Button>
      </div>
    </form>
  )
}

const emptied = (): Record<FilterName, string | undefined> => ({
  type: undefined,
  actor: undefined,
  device: undefined,
  person: undefined,
  correlation: undefined,
  seat: undefined,
  ticket: undefined,
  order: undefined,
  hold: undefined,
  block: undefined,
  scan: undefined,
  from: undefined,
  to: undefined,
})

/** An id as it is; what people call it is looked up. Null when there is no such thing. */
async function idOf(
  text: string | undefined,
  mayLook: boolean,
  find: (text: string) => Promise<string | undefined>,
): Promise<string | undefined | null> {
  const trimmed = text?.trim()
  if (trimmed === undefined || trimmed === '') return undefined
  if (UUID.test(trimmed)) return trimmed.toLowerCase()
  if (!mayLook) return null
  return (await find(trimmed).catch(() => undefined)) ?? null
}

const findTicket = (show: string) => async (q: string) => {
  const params = { path: { show }, query: { q } }
  const { items } = await answer(() => client.GET('/api/v1/shows/{show}/tickets', { params }))
  return (items.find(({ short_code }) => short_code === q) ?? items[0])?.id
}

const findOrder = (show: string) => async (q: string) => {
  const params = { path: { show }, query: { q } }
  const { items } = await answer(() => client.GET('/api/v1/shows/{show}/orders', { params }))
  return (items.find(({ reference }) => reference === q.toUpperCase()) ?? items[0])?.id
}

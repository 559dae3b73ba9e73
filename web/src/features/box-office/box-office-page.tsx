import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '@/api/live'
import { availabilityQuery, seatingQuery, seatsQuery, showQuery } from '@/api/queries'
import { isSeated, opens, priceOf, pricesOf, type TicketsIssued } from '@/api/types'
import { WhyLink } from '@/api/why-link'
import { formatMoney } from '@/lib/money'
import { placeSeats, type PlacedSeat } from '@/lib/seat-map'
import { formatWhenShort } from '@/lib/time'
import { Choices } from '@/ui/field'
import { LiveDot } from '@/ui/live-dot'
import { SeatList } from '@/ui/seat-list'
import { type SeatLook } from '@/ui/seat-look'
import { SeatMap } from '@/ui/seat-map'
import { useSeatName, useSeatOnMapName } from '@/ui/seat-name'
import { Card, EmptyState, Notice } from '@/ui/surface'
import { addQuantity, chosenSeats, toggleSeat, withoutSeats, type Line } from './basket'
import { Legend } from './legend'
import { QuantityPicker } from './quantity-picker'
import { SaleDone } from './sale-done'
import { SaleForm } from './sale-form'

type Way = 'map' | 'list' | 'quantity'

export function BoxOfficePage() {
  const { t } = useTranslation()
  const { id } = useParams({ from: '/seller/events/$id/sell' })
  const { data: show } = useSuspenseQuery(showQuery(id))
  const { data: seating } = useSuspenseQuery(seatingQuery(id))
  const { data: taken } = useSuspenseQuery(seatsQuery(id))
  const { data: availability } = useSuspenseQuery(availabilityQuery(id))
  const live = useLive(id)
  const seatName = useSeatName()

  const plan = useMemo(() => placeSeats(seating.sections.filter(isSeated)), [seating])
  const categories = useMemo(
    () => [...new Set(plan.seats.flatMap((seat) => (seat.category === null ? [] : [seat.category])))],
    [plan],
  )
  const seated = plan.seats.length > 0
  const [way, setWay] = useState<Way>(seated ? 'map' : 'quantity')
  const [typeId, setTypeId] = useState(show.ticket_types[0]?.id ?? '')
  const [lines, setLines] = useState<readonly Line[]>([])
  const [sold, setSold] = useState<TicketsIssued | null>(null)
  /** One that cannot be chosen, and was. */
  const [refused, setRefused] = useState<PlacedSeat | null>(null)

  const type = show.ticket_types.find((candidate) => candidate.id === typeId)
  const chosen = useMemo(() => chosenSeats(lines), [lines])

  const lookOf = useCallback(
    (seat: PlacedSeat): SeatLook => {
      if (chosen.has(seat.address)) return 'chosen'
      const state = taken.seats[seat.address]
      if (state === undefined) return type && opens(type, seat.section, seat.category) ? 'free' : 'closed'
      switch (state) {
        case 'held':
        case 'sold':
        case 'blocked':
          return state
        case 'taken':
          return 'sold'
      }
    },
    [chosen, taken, type],
  )
  const nameOnMap = useSeatOnMapName()
  const nameOf = useCallback(
    (seat: PlacedSeat, look: SeatLook) => {
      const price = type && priceOf(type, seat.category)
      return nameOnMap(seat, look, price && look !== 'closed' ? formatMoney(price) : null)
    },
    [nameOnMap, type],
  )
  const colourOf = useCallback(
    (category: string | null) => {
      const at = category === null ? -1 : categories.indexOf(category)
      return at < 0 ? 'category-none' : `category-${at % 6}`
    },
    [categories],
  )
  const onToggle = (seat: PlacedSeat) => {
    const look = lookOf(seat)
    if (look === 'free' || look === 'chosen') {
      setRefused(null)
      setLines(toggleSeat(lines, { address: seat.address, category: seat.category, type: typeId }))
    } else setRefused(seat)
  }

  // Seats that somebody else took while they were being chosen here.
  const lost = [...chosen].filter((address) => taken.seats[address] !== undefined)

  if (show.status === 'draft' || show.ticket_types.length === 0) {
    return (
      <div className="mx-auto max-w-3xl px-4 py-10">
        <EmptyState
          title={t('box_office.draft.title')}
          action={
            <Link
              to="/events/$id/plan"
              params={{ id }}
              search={{ step: 'publish' }}
              className="font-semibold text-accent underline"
            >
              {t('event.draft.continue')}
            </Link>
          }
        >
          {t('box_office.draft.detail')}
        </EmptyState>
      </div>
    )
  }
  if (sold) {
    return (
      <SaleDone
        show={show.id}
        sale={sold}
        types={show.ticket_types}
        onNext={() => {
          setSold(null)
        }}
      />
    )
  }

  return (
    <div className="mx-auto grid w-full max-w-7xl gap-x-6 gap-y-4 px-3 py-4 sm:px-6 lg:h-[calc(100dvh-3.75rem)] lg:grid-cols-[minmax(0,1fr)_24rem] lg:grid-rows-[auto_minmax(0,1fr)]">
      <div className="flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1 lg:col-span-2">
        <div className="mr-auto min-w-0">
          <Link
            to="/events/$id"
            params={{ id }}
            className="inline-flex min-h-11 items-center gap-1.5 font-semibold text-muted hover:text-text"
          >
            <ArrowLeft aria-hidden className="size-5" />
            {t('box_office.back')}
          </Link>
          <h1 className="text-2xl leading-tight font-bold">{t('box_office.title', { name: show.name })}</h1>
          <p className="text-muted">{formatWhenShort(show.starts_at, show.timezone)}</p>
        </div>
        <LiveDot status={live} text={t(`live.${live}`)} />
      </div>

      <div className="flex min-h-0 min-w-0 flex-col gap-3">
        <div className="flex flex-wrap items-end justify-between gap-3">
          <Choices
            legend={t('box_office.type')}
            value={typeId}
            onChange={setTypeId}
            options={show.ticket_types.map((option) => ({
              value: option.id,
              label: option.name,
              hint: pricesOf(option)
                .map(({ price }) => formatMoney(price))
                .join(' / '),
            }))}
          />
          {seated && (
            <Choices
              legend={t('box_office.way')}
              hideLegend
              value={way}
              onChange={setWay}
              options={[
                { value: 'map', label: t('box_office.map') },
                { value: 'list', label: t('box_office.list') },
                { value: 'quantity', label: t('box_office.best') },
              ]}
            />
          )}
        </div>
        <Card className="flex min-h-0 flex-1 flex-col overflow-hidden">
          {way === 'map' && (
            <>
              <SeatMap
                className="h-[58dvh] min-h-72 lg:h-auto lg:min-h-0 lg:flex-1"
                plan={plan}
                lookOf={lookOf}
                nameOf={nameOf}
                colourOf={colourOf}
                onToggle={onToggle}
                words={{
                  map: t('seat_map.map'),
                  help: t('seat_map.help'),
                  zoomIn: t('seat_map.zoom_in'),
                  zoomOut: t('seat_map.zoom_out'),
                  whole: t('seat_map.whole'),
                  sections: t('seat_map.sections'),
                  front: t('seat_map.front'),
                }}
              />
              <Legend categories={categories} colourOf={colourOf} type={type} />
            </>
          )}
          {way === 'list' && (
            <SeatList
              plan={plan}
              lookOf={lookOf}
              nameOf={nameOf}
              colourOf={colourOf}
              onToggle={onToggle}
              rowName={(row) => t('seat.row', { row })}
              freeCount={(count) => t('seat.free_count', { count })}
            />
          )}
          {way === 'quantity' && type && (
            <QuantityPicker
              key={type.id}
              type={type}
              seating={seating}
              availability={availability}
              onAdd={(line) => {
                setLines(addQuantity(lines, line))
              }}
            />
          )}
        </Card>
        <div className={refused ? 'flex flex-wrap items-center gap-x-4' : 'sr-only'}>
          <p role="status">{refused && nameOf(refused, lookOf(refused))}</p>
          {refused && (
            <WhyLink show={show.id} why={{ seat: refused.address }}>
              {t('audit.why.of_seat', { seat: seatName(refused.address) })}
            </WhyLink>
          )}
        </div>
      </div>

      <div className="min-h-0 lg:overflow-y-auto lg:pr-1 lg:pb-1">
        {lost.length > 0 && (
          <div className="mb-3">
            <Notice
              tone="warn"
              title={t('box_office.lost.title', { count: lost.length })}
              action={
                <button
                  type="button"
                  className="min-h-11 font-semibold underline"
                  onClick={() => {
                    setLines(withoutSeats(lines, new Set(lost)))
                  }}
                >
                  {t('box_office.lost.remove')}
                </button>
              }
            >
              {lost.join(', ')}
            </Notice>
          </div>
        )}
        <SaleForm
          show={show}
          lines={lines}
          onLines={setLines}
          onSold={(sale) => {
            setLines([])
            setSold(sale)
          }}
        />
      </div>
    </div>
  )
}

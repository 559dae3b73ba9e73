import { useTranslation } from 'react-i18next'
import { priceOf, type TicketType } from '@/api/types'
import { formatMoney } from '@/lib/money'
import { SeatSample, type SeatLook } from '@/ui/seat-look'

const states: readonly SeatLook[] = ['chosen', 'held', 'sold', 'blocked']

export function Legend({
  categories,
  colourOf,
  type,
}: {
  categories: readonly string[]
  colourOf: (category: string | null) => string
  type: TicketType | undefined
}) {
  const { t } = useTranslation()
  const free = categories.length > 0 ? categories : [null]
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 border-t border-line px-3 py-2 text-sm">
      {free.map((category) => {
        const price = type && priceOf(type, category)
        return (
          <li key={category ?? ''} className="flex items-center gap-1.5">
            <SeatSample look="free" colour={colourOf(category)} />
            <span>
              {category ?? t('seat.state.free')}
              {price && <span className="text-muted"> {formatMoney(price)}</span>}
            </span>
          </li>
        )
      })}
      {states.map((look) => (
        <li key={look} className="flex items-center gap-1.5">
          <SeatSample look={look} colour="category-none" />
          {t(`seat.state.${look}`)}
        </li>
      ))}
    </ul>
  )
}

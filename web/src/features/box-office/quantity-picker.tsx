import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { numbersOf } from '@/api/totals'
import { isSeated, opens, priceOf, type Availability, type Seating, type TicketType } from '@/api/types'
import { formatMoney } from '@/lib/money'
import { Button } from '@/ui/button'
import { Choices, Stepper } from '@/ui/field'
import type { QuantityLine } from './basket'

interface Where {
  key: string
  label: string
  hint: string | undefined
  category: string | null
  section: string | null
}

const QUANTITY_MAX = 100

/** Best seats of a category, or places in a standing section: the server chooses which. */
export function QuantityPicker({
  type,
  seating,
  availability,
  onAdd,
}: {
  type: TicketType
  seating: Seating
  availability: Availability
  onAdd: (line: Omit<QuantityLine, 'kind'>) => void
}) {
  const { t } = useTranslation()
  const [quantity, setQuantity] = useState(2)
  const places: Where[] = []
  const categories = new Set<string | null>()
  for (const section of seating.sections) {
    if (isSeated(section)) {
      for (const row of section.rows) {
        for (const seat of row.seats)
          if (seat && opens(type, section.name, seat.category)) categories.add(seat.category)
      }
    } else if (opens(type, section.name, null)) {
      const entry = availability.sections.find(({ name }) => name === section.name)
      const numbers = entry ? numbersOf(entry) : null
      const price = priceOf(type, null)
      places.push({
        key: `section ${section.name}`,
        label: section.name,
        hint: [
          price ? formatMoney(price) : null,
          numbers ? t('box_office.left', { count: numbers.available }) : null,
        ]
          .filter((part) => part !== null)
          .join(' · '),
        category: null,
        section: section.name,
      })
    }
  }
  const seats = [...categories].map((category) => {
    const price = priceOf(type, category)
    return {
      key: `category ${category ?? ''}`,
      label: category === null ? t('box_office.best_seats') : t('box_office.best_seats_in', { category }),
      hint: price ? formatMoney(price) : undefined,
      category,
      section: null,
    }
  })
  const all: Where[] = [...seats, ...places]
  const [chosen, setChosen] = useState(all[0]?.key ?? '')
  const where = all.find(({ key }) => key === chosen) ?? all[0]
  if (!where) return <p className="p-5 text-muted">{t('box_office.nothing_open')}</p>
  return (
    <div className="flex flex-col gap-5 overflow-y-auto p-5">
      <Choices
        legend={t('box_office.where')}
        columns
        value={where.key}
        onChange={setChosen}
        options={all.map(({ key, label, hint }) => ({ value: key, label, hint }))}
      />
      <div className="flex flex-wrap items-center gap-4">
        <Stepper
          label={t('box_office.quantity')}
          fewer={t('box_office.fewer')}
          more={t('box_office.more')}
          value={quantity}
          min={1}
          max={QUANTITY_MAX}
          onChange={setQuantity}
        />
        <Button
          look="secondary"
          icon={<Plus aria-hidden className="size-5" />}
          onClick={() => {
            onAdd({ type: type.id, category: where.category, section: where.section, quantity })
          }}
        >
          {t('box_office.add', { count: quantity })}
        </Button>
      </div>
    </div>
  )
}

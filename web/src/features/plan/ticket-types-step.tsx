import { Pencil, Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '@/api/problem'
import { useProblemText } from '@/api/problem-text'
import { pricesOf, type Seating, type Show, type TicketType, type TicketTypeBody } from '@/api/types'
import { fieldErrors } from '@/lib/field-errors'
import { formatMoney, moneyInput, parseMoney } from '@/lib/money'
import { Button } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { Choices, TextField } from '@/ui/field'
import { Card, EmptyState, Notice } from '@/ui/surface'
import { categoriesOf, hasUncategorized } from './draft-seating'
import { useSaveTicketType } from './queries'

export function TicketTypesStep({
  show,
  seating,
  onContinue,
}: {
  show: Show
  seating: Seating
  onContinue: () => void
}) {
  const { t } = useTranslation()
  const [editing, setEditing] = useState<string | null>(show.ticket_types.length === 0 ? 'new' : null)
  const close = () => {
    setEditing(null)
  }

  if (seating.sections.length === 0) {
    return <EmptyState title={t('types.seating_first.title')}>{t('types.seating_first.detail')}</EmptyState>
  }
  return (
    <div className="flex flex-col gap-4">
      {show.ticket_types.map((type) =>
        editing === type.id ? (
          <TicketTypeForm
            key={type.id}
            show={show}
            seating={seating}
            type={type}
            onSaved={close}
            onCancel={close}
          />
        ) : (
          <Card key={type.id} className="flex flex-wrap items-start justify-between gap-3 p-5">
            <div className="min-w-0">
              <h2 className="text-lg font-bold">{type.name}</h2>
              <ul className="mt-1 flex flex-wrap gap-x-5 gap-y-1 text-muted tabular-nums">
                {pricesOf(type).map((price) => (
                  <li key={price.category ?? ''}>
                    {price.category !== null && `${price.category}: `}
                    <span className="font-semibold text-text">{formatMoney(price.price)}</span>
                  </li>
                ))}
                {type.sections !== null && <li>{type.sections.join(', ')}</li>}
                {type.capacity !== null && <li>{t('types.at_most', { count: type.capacity })}</li>}
              </ul>
            </div>
            <Button
              look="secondary"
              icon={<Pencil aria-hidden className="size-4" />}
              aria-label={t('types.change_named', { name: type.name })}
              onClick={() => {
                setEditing(type.id)
              }}
            >
              {t('types.change')}
            </Button>
          </Card>
        ),
      )}
      {editing === 'new' ? (
        <TicketTypeForm
          show={show}
          seating={seating}
          type={null}
          onSaved={close}
          onCancel={show.ticket_types.length > 0 ? close : null}
        />
      ) : (
        <div className="flex flex-wrap gap-3">
          <Button onClick={onContinue}>{t('plan.continue_to_publish')}</Button>
          <Button
            look="secondary"
            icon={<Plus aria-hidden className="size-5" />}
            onClick={() => {
              setEditing('new')
            }}
          >
            {t('types.add')}
          </Button>
        </div>
      )}
    </div>
  )
}

/** One price for all places, or one for each category of the seating. */
type Pricing = 'one' | 'category'
/** Where the one price is kept among the inputs. */
const EVERYWHERE = ''

function TicketTypeForm({
  show,
  seating,
  type,
  onSaved,
  onCancel,
}: {
  show: Show
  seating: Seating
  type: TicketType | null
  onSaved: () => void
  onCancel: (() => void) | null
}) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const save = useSaveTicketType(show.id)
  const categories = categoriesOf(seating)
  const sections = seating.sections.map((section) => section.name)

  const [pricing, setPricing] = useState<Pricing>(
    type === null ? (categories.length > 0 ? 'category' : 'one') : type.price === null ? 'category' : 'one',
  )
  const priced = pricing === 'one' ? [EVERYWHERE] : categories
  const [name, setName] = useState(type?.name ?? '')
  const [prices, setPrices] = useState<ReadonlyMap<string, string>>(
    () =>
      new Map(
        (type === null ? [] : pricesOf(type)).map(({ category, price }) => [
          category ?? EVERYWHERE,
          moneyInput(price.amount, show.currency),
        ]),
      ),
  )
  const [opened, setOpened] = useState<readonly string[]>(type?.sections ?? sections)
  const [capacity, setCapacity] = useState(
    type?.capacity === null || type === null ? '' : String(type.capacity),
  )
  const [checked, setChecked] = useState(false)

  const amounts = priced.map((category) => {
    const text = prices.get(category) ?? ''
    return { category, text, amount: parseMoney(text, show.currency) }
  })
  const given = amounts.filter((entry) => entry.text.trim() !== '')
  const wrongAmount = given.some((entry) => entry.amount === null)
  const capacityOk = capacity.trim() === '' || /^[1-9]\d{0,6}$/.test(capacity.trim())
  const complete = name.trim() !== '' && given.length > 0 && !wrongAmount && capacityOk && opened.length > 0

  const submit = () => {
    setChecked(true)
    if (!complete) return
    const body: TicketTypeBody = { name: name.trim() }
    if (pricing === 'one') {
      body.price = given[0]?.amount ?? 0
    } else {
      body.prices = given.flatMap(({ category, amount }) =>
        amount === null ? [] : [{ category, price: amount }],
      )
    }
    if (opened.length < sections.length) body.sections = [...opened]
    else if (type !== null) body.sections = null
    if (capacity.trim() !== '') body.capacity = Number(capacity)
    else if (type !== null) body.capacity = null
    save.mutate({ id: type?.id ?? null, body }, { onSuccess: onSaved })
  }

  const problem =
    save.error instanceof ApiProblem
      ? fieldErrors(save.error.errors, [
          ['/name', 'name'],
          ['/price', 'prices'],
          ['/prices', 'prices'],
          ['/sections', 'sections'],
          ['/capacity', 'capacity'],
        ])
      : null
  const atFields = problem !== null && problem.rest.length === 0 && Object.keys(problem.fields).length > 0

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Card className="flex flex-col gap-5 p-5">
        <h2 className="text-lg font-bold">
          {type === null ? t('types.new') : t('types.change_named', { name: type.name })}
        </h2>
        {save.error &&
          (atFields ? (
            <Notice tone="bad" title={t('app.look_at_fields')} />
          ) : (
            <ErrorNotice {...explain(save.error)} />
          ))}
        <TextField
          label={t('types.name')}
          placeholder={t('types.name_example')}
          value={name}
          error={checked && name.trim() === '' ? t('types.error.name') : problem?.fields.name}
          onChange={(event) => {
            setName(event.target.value)
          }}
        />
        <fieldset>
          <legend className="mb-1.5 text-sm font-semibold">{t('types.price')}</legend>
          {categories.length > 0 && (
            <Choices
              legend={t('types.pricing')}
              hideLegend
              value={pricing}
              onChange={setPricing}
              options={[
                { value: 'category', label: t('types.by_category') },
                { value: 'one', label: t('types.one_price') },
              ]}
            />
          )}
          {pricing === 'category' && (
            <p className="mt-2 text-sm text-muted">
              {t('types.prices_hint')}
              {hasUncategorized(seating) && ` ${t('types.uncategorized_hint')}`}
            </p>
          )}
          <div className="mt-2 grid gap-3 sm:grid-cols-3">
            {amounts.map(({ category, text, amount }) => (
              <TextField
                key={category}
                label={t('types.price_of', {
                  category: category === EVERYWHERE ? t('types.every_place') : category,
                  currency: show.currency,
                })}
                inputMode="decimal"
                placeholder={moneyInput(0, show.currency)}
                value={text}
                error={checked && text.trim() !== '' && amount === null ? t('types.error.amount') : undefined}
                onChange={(event) => {
                  setPrices(new Map(prices).set(category, event.target.value))
                }}
              />
            ))}
          </div>
          {checked && given.length === 0 && (
            <p role="alert" className="mt-2 text-sm font-medium text-bad">
              {t('types.error.price')}
            </p>
          )}
          {problem?.fields.prices !== undefined && (
            <p role="alert" className="mt-2 text-sm font-medium text-bad">
              {problem.fields.prices}
            </p>
          )}
        </fieldset>
        {sections.length > 1 && (
          <fieldset>
            <legend className="mb-2 text-sm font-semibold">{t('types.sections')}</legend>
            <div className="flex flex-wrap gap-2">
              {sections.map((section) => (
                <label
                  key={section}
                  className="flex min-h-11 items-center gap-2.5 rounded-xl border border-edge/60 px-3.5 has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-3 has-focus-visible:outline-accent"
                >
                  <input
                    type="checkbox"
                    className="size-4 accent-accent outline-none"
                    checked={opened.includes(section)}
                    onChange={(event) => {
                      setOpened(
                        event.target.checked
                          ? sections.filter((other) => other === section || opened.includes(other))
                          : opened.filter((other) => other !== section),
                      )
                    }}
                  />
                  {section}
                </label>
              ))}
            </div>
            {(problem?.fields.sections !== undefined || (checked && opened.length === 0)) && (
              <p role="alert" className="mt-2 text-sm font-medium text-bad">
                {problem?.fields.sections ?? t('types.error.sections')}
              </p>
            )}
          </fieldset>
        )}
        <TextField
          className="sm:max-w-64"
          label={t('types.capacity')}
          optional={t('app.optional')}
          hint={t('types.capacity_hint')}
          inputMode="numeric"
          value={capacity}
          error={checked && !capacityOk ? t('types.error.capacity') : problem?.fields.capacity}
          onChange={(event) => {
            setCapacity(event.target.value)
          }}
        />
        <div className="flex flex-wrap gap-3">
          <Button type="submit" busy={save.isPending}>
            {t('types.save')}
          </Button>
          {onCancel && (
            <Button look="quiet" onClick={onCancel}>
              {t('app.cancel')}
            </Button>
          )}
        </div>
      </Card>
    </form>
  )
}

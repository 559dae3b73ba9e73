/**
 * The organization's settings as people type them: minutes and hours instead of seconds, per cent instead of basis
 * points, languages in one line. Reading them back gives settings again, so that what was not touched stays.
 */
import { z } from 'zod'
import type { Settings } from '@/api/types'

export const CODE_LENGTHS = ['3', '4', '5', '6', '7', '8'] as const
export const REENTRIES = ['never', 'after_exit', 'always'] as const
export const PERIODS = ['show', 'day'] as const
export const CODE_USES = ['admit', 'confirm', 'off'] as const
export const HOLDER_SHOWN = ['none', 'initials', 'full'] as const

const DECIMAL = /^\d{1,9}(?:[.,]\d{1,4})?$/
const decimal = z.string().trim().regex(DECIMAL, 'number')
const whole = z
  .string()
  .trim()
  .regex(/^\d{1,9}$/, 'whole')

const isLanguage = (tag: string) => {
  try {
    return Intl.getCanonicalLocales(tag).length === 1
  } catch {
    return false
  }
}
const splitLanguages = (text: string) => text.split(/[\s,;]+/).filter((tag) => tag !== '')

export const formValues = z
  .object({
    name: z.string().trim().min(1, 'required'),
    timezone: z.string(),
    languages: z
      .string()
      .refine(
        (text) => splitLanguages(text).length > 0 && splitLanguages(text).every(isLanguage),
        'languages',
      ),
    currency: z.string(),
    hold_minutes: decimal,
    pay_within_hours: decimal,
    code_length: z.enum(['', ...CODE_LENGTHS]),
    taxed: z.boolean(),
    tax_percent: z.string().trim(),
    tax_included: z.boolean(),
    public_numbers: z.boolean(),
    reentry: z.enum(REENTRIES),
    per: z.enum(PERIODS),
    opens_before_minutes: decimal,
    codes: z.enum(CODE_USES),
    holder: z.enum(HOLDER_SHOWN),
    people_days: whole,
    money_days: whole,
    holds: whole,
    held_places: whole,
    unpaid_orders: whole,
    unpaid_places: whole,
  })
  .refine((values) => !values.taxed || DECIMAL.test(values.tax_percent), {
    path: ['tax_percent'],
    message: 'number',
  })
export type FormValues = z.infer<typeof formValues>
export type FormField = keyof FormValues

const number = (text: string) => Number(text.trim().replace(',', '.'))
/** "15", "1.5": no more digits than needed. */
const short = (value: number) => String(Math.round(value * 10_000) / 10_000)

export function toForm(settings: Settings): FormValues {
  const { tax, retention, door, limits } = settings
  return {
    name: settings.name,
    timezone: settings.timezone,
    languages: settings.languages.join(', '),
    currency: settings.currency,
    hold_minutes: short(settings.hold_seconds / 60),
    pay_within_hours: short(settings.pay_within_seconds / 3600),
    code_length: CODE_LENGTHS.find((length) => length === String(settings.code_length)) ?? '',
    taxed: tax !== null,
    tax_percent: tax === null ? '' : short(tax.rate_bps / 100),
    tax_included: tax?.included ?? true,
    public_numbers: settings.public_numbers,
    reentry: door.reentry,
    per: door.per,
    opens_before_minutes: short(door.opens_before_seconds / 60),
    codes: door.codes,
    holder: door.holder,
    people_days: String(retention.people_days),
    money_days: String(retention.money_days),
    holds: String(limits.holds),
    held_places: String(limits.held_places),
    unpaid_orders: String(limits.unpaid_orders),
    unpaid_places: String(limits.unpaid_places),
  }
}

export function fromForm(values: FormValues): Omit<Settings, 'slug'> {
  return {
    name: values.name.trim(),
    timezone: values.timezone,
    languages: splitLanguages(values.languages),
    currency: values.currency,
    hold_seconds: Math.round(number(values.hold_minutes) * 60),
    pay_within_seconds: Math.round(number(values.pay_within_hours) * 3600),
    code_length: values.code_length === '' ? null : Number(values.code_length),
    tax: values.taxed
      ? { rate_bps: Math.round(number(values.tax_percent) * 100), included: values.tax_included }
      : null,
    public_numbers: values.public_numbers,
    door: {
      reentry: values.reentry,
      per: values.per,
      opens_before_seconds: Math.round(number(values.opens_before_minutes) * 60),
      codes: values.codes,
      holder: values.holder,
    },
    retention: { people_days: Number(values.people_days), money_days: Number(values.money_days) },
    limits: {
      holds: Number(values.holds),
      held_places: Number(values.held_places),
      unpaid_orders: Number(values.unpaid_orders),
      unpaid_places: Number(values.unpaid_places),
    },
  }
}

/** Which part of the request each field is. */
export const claims: readonly (readonly [pointer: string, field: FormField])[] = [
  ['/name', 'name'],
  ['/timezone', 'timezone'],
  ['/languages', 'languages'],
  ['/currency', 'currency'],
  ['/hold_seconds', 'hold_minutes'],
  ['/pay_within_seconds', 'pay_within_hours'],
  ['/code_length', 'code_length'],
  ['/tax', 'tax_percent'],
  ['/public_numbers', 'public_numbers'],
  ['/door/reentry', 'reentry'],
  ['/door/per', 'per'],
  ['/door/opens_before_seconds', 'opens_before_minutes'],
  ['/door/codes', 'codes'],
  ['/door/holder', 'holder'],
  ['/retention/people_days', 'people_days'],
  ['/retention/money_days', 'money_days'],
  ['/limits/holds', 'holds'],
  ['/limits/held_places', 'held_places'],
  ['/limits/unpaid_orders', 'unpaid_orders'],
  ['/limits/unpaid_places', 'unpaid_places'],
]

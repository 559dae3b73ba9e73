import { expect, it } from 'vitest'
import { mergePatch } from '@/lib/merge-patch'
import { settings } from '@/test/examples'
import { formValues, fromForm, toForm } from './form-values'

it('reads back what it wrote, so that untouched settings stay as they are', () => {
  const { slug, ...rest } = { ...settings, hold_seconds: 95, tax: { rate_bps: 810, included: false } }
  expect(slug).toBe('house')
  expect(mergePatch(rest, fromForm(toForm({ slug, ...rest })))).toEqual({})
})

it('sends only what was changed, in the units of the API', () => {
  const { slug, ...rest } = settings
  const values = {
    ...toForm({ slug, ...rest }),
    hold_minutes: '7,5',
    taxed: true,
    tax_percent: '19',
    people_days: '90',
  }
  expect(mergePatch(rest, fromForm(values))).toEqual({
    hold_seconds: 450,
    tax: { rate_bps: 1900, included: true },
    retention: { people_days: 90 },
  })
})

it('says which fields cannot be understood', () => {
  const wrong = {
    ...toForm(settings),
    name: ' ',
    languages: 'en, ?',
    holds: '-1',
    taxed: true,
    tax_percent: 'x',
  }
  const fields = formValues.safeParse(wrong).error?.issues.map(({ path }) => path.join('.'))
  expect(fields?.sort()).toEqual(['holds', 'languages', 'name', 'tax_percent'])
})

import { expect, it } from 'vitest'
import { orderSecret } from './order-secret'

it('reads the secret with and without the sign before it', () => {
  expect(orderSecret('#AgGh_hvi4nLV-siyDED4')).toBe('AgGh_hvi4nLV-siyDED4')
  expect(orderSecret('AgGh_hvi4nLV-siyDED4')).toBe('AgGh_hvi4nLV-siyDED4')
})

it('takes nothing that no header could carry, or that is no secret', () => {
  for (const fragment of ['', '#', '#two words', '#a%20b', '#ä', `#${'a'.repeat(201)}`])
    expect(orderSecret(fragment)).toBeNull()
})

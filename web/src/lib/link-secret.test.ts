import { expect, it, vi } from 'vitest'
import { linkSecret, takeLinkSecrets, watchLinkSecret } from './link-secret'

it('takes the secret out of the address bar and knows what it is for', () => {
  history.replaceState(null, '', '/setup?x=1#ts_abc-DEF_1')
  takeLinkSecrets()
  expect(location.href).toMatch(/\/setup\?x=1$/)
  expect(linkSecret('ts_')).toBe('ts_abc-DEF_1')
  expect(linkSecret('tp_')).toBeNull()
})

it('takes the secret of a link that is opened in the same page, and tells', () => {
  const told = vi.fn()
  const forget = watchLinkSecret(told)
  history.replaceState(null, '', '/pair#tp_second')
  globalThis.dispatchEvent(new HashChangeEvent('hashchange'))
  expect(linkSecret('tp_')).toBe('tp_second')
  expect(told).toHaveBeenCalledOnce()
  forget()
})

it('leaves other fragments alone', () => {
  history.replaceState(null, '', '/#content')
  takeLinkSecrets()
  expect(location.hash).toBe('#content')
})

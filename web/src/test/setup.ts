import '@testing-library/jest-dom/vitest'
import { cleanup } from '@testing-library/react'
import { afterEach } from 'vitest'
import '@/app/i18n'

// What browsers have and jsdom has not. A test that needs no page runs without jsdom.
if (typeof Element !== 'undefined') {
  globalThis.scrollTo = () => undefined
  Element.prototype.scrollIntoView = () => undefined
}

afterEach(() => {
  cleanup()
  if (typeof localStorage !== 'undefined') localStorage.clear()
})

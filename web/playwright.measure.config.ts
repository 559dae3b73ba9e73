import { defineConfig } from '@playwright/test'
import tests from './playwright.config'

/** Figures of the pages, by hand: `npm run measure`, with the settings of `npm run e2e`. */
export default defineConfig({
  ...tests,
  testDir: 'measure',
  testMatch: '*.measure.ts',
  use: { ...tests.use, trace: 'off', viewport: { width: 1280, height: 900 } },
})

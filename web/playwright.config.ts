import { defineConfig } from '@playwright/test'

/** Against a running server: TURNOUT_URL, TURNOUT_EMAIL and TURNOUT_PASSWORD say which, and who signs in. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/playwright',
  timeout: 300_000,
  expect: { timeout: 10_000 },
  workers: 1,
  reporter: [['list']],
  use: {
    baseURL: process.env.TURNOUT_URL ?? 'http://127.0.0.1:8080',
    actionTimeout: 15_000,
    trace: 'retain-on-failure',
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
    launchOptions: {
      executablePath: process.env.TURNOUT_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--enable-unsafe-swiftshader',
        '--use-fake-device-for-media-stream',
        '--use-fake-ui-for-media-stream',
      ],
    },
  },
})

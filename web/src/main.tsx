// First: schemas are made when the modules below are read.
import './app/without-eval'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startAs } from './api/device'
import './app/i18n'
import { newQueryClient } from './app/query-client'
import { newRouter } from './app/router'
import { followSignOuts } from './app/signed-out'
import './app/styles.css'
import { takeLinkSecrets } from './lib/link-secret'

takeLinkSecrets()
startAs(globalThis.location.pathname)

const queries = newQueryClient()
followSignOuts(queries)
const router = newRouter(queries)
const root = document.getElementById('root')
if (!root) throw new Error('The page has no #root')

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)

import { useSyncExternalStore } from 'react'

let printing = false

function watch(changed: () => void): () => void {
  const media = typeof matchMedia === 'undefined' ? null : matchMedia('print')
  const become = (next: boolean) => () => {
    printing = next
    changed()
  }
  const [before, after] = [become(true), become(false)]
  const onMedia = (event: MediaQueryListEvent) => {
    become(event.matches)()
  }
  globalThis.addEventListener('beforeprint', before)
  globalThis.addEventListener('afterprint', after)
  media?.addEventListener('change', onMedia)
  return () => {
    globalThis.removeEventListener('beforeprint', before)
    globalThis.removeEventListener('afterprint', after)
    media?.removeEventListener('change', onMedia)
  }
}

/** Whether the page is being put on paper: what is measured on the screen has another size there. */
export function usePrinting(): boolean {
  return useSyncExternalStore(watch, () => printing)
}

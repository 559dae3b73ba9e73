/** Verifies beside the page, so that it stays at hand. */
import { checkBundle, type Report } from './check-bundle'
import { unzip, UnreadableZip, type Unreadable } from './zip'

export interface Task {
  files: File[]
  key: string
}
export type Failure = Unreadable | { what: 'other'; text: string }
export type Told =
  { kind: 'progress'; share: number } | { kind: 'report'; report: Report } | { kind: 'failed'; why: Failure }

/** So often the page hears how far it is. */
const TELL_MS = 100

async function work({ files, key }: Task, tell: (told: Told) => void): Promise<void> {
  let last = 0
  const report = await checkBundle(await contents(files), key, (done, of) => {
    const now = performance.now()
    if (now - last < TELL_MS) return
    last = now
    tell({ kind: 'progress', share: done / of })
  })
  tell({ kind: 'report', report })
}

async function contents(files: readonly File[]): Promise<Map<string, Blob>> {
  const [only] = files
  if (files.length === 1 && only && /\.zip$/i.test(only.name)) return unzip(only)
  return new Map(files.map((file) => [file.name, file]))
}

function failure(error: unknown): Failure {
  if (error instanceof UnreadableZip) return error.why
  return { what: 'other', text: error instanceof Error ? error.message : String(error) }
}

globalThis.onmessage = (message: MessageEvent<Task>) => {
  const tell = (told: Told) => {
    globalThis.postMessage(told)
  }
  work(message.data, tell).catch((error: unknown) => {
    tell({ kind: 'failed', why: failure(error) })
  })
}

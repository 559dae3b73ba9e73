import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { needed } from './pages'

/** What the program is told about the data of the server that is looked at, and what it says. */
export async function program(...words: string[]): Promise<string> {
  const told = [...words, '--data', needed('TURNOUT_SERVER_DATA')]
  const { stdout } = await promisify(execFile)(needed('TURNOUT_PROGRAM'), told)
  return stdout
}

interface Span {
  began: number
  ended: number
}

/** `turnout rebuild` of all read models, again and again, beside whatever the test does meanwhile. */
export class Rebuilds {
  /** Those that are over; each was in place at its end. */
  readonly done: Span[] = []
  #going = true
  #running: Promise<void>

  constructor() {
    this.#running = this.#again()
    // Told where it is waited for.
    this.#running.catch(() => undefined)
  }

  /** Waits for the one that is going on. Fails if one failed. */
  async stop(): Promise<void> {
    this.#going = false
    await this.#running
  }

  /** How many began and ended between these two moments. */
  within({ began, ended }: Span): number {
    return this.done.filter((one) => began <= one.began && one.ended <= ended).length
  }

  /** Whether one was going on at some time between them. Only of what is over. */
  overlapped({ began, ended }: Span): boolean {
    return this.done.some((one) => one.began < ended && began < one.ended)
  }

  async #again(): Promise<void> {
    while (this.#going) {
      const began = performance.now()
      await program('rebuild')
      this.done.push({ began, ended: performance.now() })
    }
  }
}

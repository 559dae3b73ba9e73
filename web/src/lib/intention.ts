import { newUuid } from './uuid'

/**
 * One key per intention: pressing "Sell" again after a lost answer repeats the same sale, changing anything or
 * finishing it starts a new one. The server answers one key once, with one effect.
 */
export class Intention {
  #key: string | null = null
  #body: string | null = null

  keyFor(body: unknown): string {
    const text = JSON.stringify(body)
    if (this.#key === null || this.#body !== text) {
      this.#key = newUuid()
      this.#body = text
    }
    return this.#key
  }

  done(): void {
    this.#key = null
    this.#body = null
  }
}

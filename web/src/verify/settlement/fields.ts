/** What an event says, read strictly: a settlement of something that was misunderstood would be worth nothing. */

export class Misunderstood extends Error {}

export class Fields {
  readonly #value: object

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Misunderstood('no object')
    this.#value = value
  }

  text(name: string): string {
    const found = this.#of(name)
    if (typeof found !== 'string') throw new Misunderstood(`${name} is no text`)
    return found
  }

  /** What is absent is null: the log leaves it out. */
  maybeText(name: string): string | null {
    return this.#has(name) ? this.text(name) : null
  }

  whole(name: string): number {
    const found = this.#of(name)
    if (typeof found !== 'number' || !Number.isSafeInteger(found))
      throw new Misunderstood(`${name} is no whole number`)
    return found
  }

  flag(name: string): boolean {
    const found = this.#of(name)
    if (typeof found !== 'boolean') throw new Misunderstood(`${name} is neither true nor false`)
    return found
  }

  fields(name: string): Fields {
    return new Fields(this.#of(name))
  }

  maybeFields(name: string): Fields | null {
    return this.#has(name) ? this.fields(name) : null
  }

  list(name: string): Fields[] {
    return this.#has(name) ? this.#array(name).map((value) => new Fields(value)) : []
  }

  /** Null: none are named. */
  maybeTexts(name: string): string[] | null {
    return this.#has(name) ? this.#array(name).map(String) : null
  }

  #array(name: string): unknown[] {
    const found = this.#of(name)
    if (!Array.isArray(found)) throw new Misunderstood(`${name} is no list`)
    return found
  }

  #has(name: string): boolean {
    return (this.#of(name) ?? null) !== null
  }

  #of(name: string): unknown {
    return Object.hasOwn(this.#value, name) ? Reflect.get(this.#value, name) : undefined
  }
}

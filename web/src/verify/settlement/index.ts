/** Whether a bundle's settlement is what follows from its events, byte for byte. */
import { Misunderstood } from './fields'
import { Settling, type TakenLine } from './settling'
import { settle, type SettledCheckpoint } from './sheet'
import { asCsv, asJson } from './written'

export type Settled =
  | { outcome: 'same' }
  /** The first line, from 1, that is another one; null on either side: there is no such line. */
  | { outcome: 'other'; file: SettlementFile; line: number; says: string | null; follows: string | null }
  /** It cannot be made from these events, or not by this browser. */
  | { outcome: 'not_made'; why: string }

export const SETTLEMENT_FILES = ['settlement.json', 'settlement.csv'] as const
export type SettlementFile = (typeof SETTLEMENT_FILES)[number]

/** Takes in events one after the other; one that is not understood leaves no settlement. */
export class Recount {
  readonly #settling = new Settling()
  #failed: string | null = null

  take(line: TakenLine): void {
    if (this.#failed !== null) return
    this.#failed = attempt(() => {
      this.#settling.take(line)
    })
    if (this.#failed !== null) this.#failed = `${line.position}: ${this.#failed}`
  }

  /** An event that could not even be read. */
  miss(line: number): void {
    this.#failed ??= `events.ndjson, ${line}`
  }

  compare(says: Readonly<Record<SettlementFile, string>>, covering: SettledCheckpoint | null): Settled[] {
    if (this.#failed !== null) return [{ outcome: 'not_made', why: this.#failed }]
    const found: Settled[] = []
    const failed = attempt(() => {
      const follows = this.write(covering)
      for (const file of SETTLEMENT_FILES) {
        const other = difference(says[file], follows[file])
        if (other) found.push({ outcome: 'other', file, ...other })
      }
    })
    if (failed !== null) return [{ outcome: 'not_made', why: failed }]
    return found.length === 0 ? [{ outcome: 'same' }] : found
  }

  /** Throws where the events begin no show. */
  write(covering: SettledCheckpoint | null): Record<SettlementFile, string> {
    const { show, last } = this.#settling
    if (!show || !last) throw new Misunderstood('no show')
    const sheet = settle(this.#settling, show, last, covering)
    return { 'settlement.json': asJson(sheet), 'settlement.csv': asCsv(sheet) }
  }
}

function attempt(work: () => void): string | null {
  try {
    work()
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function difference(
  says: string,
  follows: string,
): { line: number; says: string | null; follows: string | null } | null {
  if (says === follows) return null
  const [said, following] = [says.split('\n'), follows.split('\n')]
  // One of them is as long as it takes: they differ.
  let at = 0
  while (said[at] === following[at]) at += 1
  return { line: at + 1, says: said[at]?.trim() ?? null, follows: following[at]?.trim() ?? null }
}

import type { AdoptSeatingBody, RowInput, SectionInput, Seating } from '@/api/types'
import { isSeated } from '@/api/types'
import { parseLabels } from '@/lib/labels'
import { newUuid } from '@/lib/uuid'

/** A seating as somebody describes it at a table: "rows 1–12 with seats 1–20 each". */
export interface DraftRows {
  key: string
  rows: string
  seats: string
  category: string
  aisleAfter: string
}
export type DraftSection =
  | { key: string; kind: 'seated'; name: string; groups: DraftRows[] }
  | { key: string; kind: 'standing'; name: string; capacity: string }

export const newRows = (): DraftRows => ({
  key: newUuid(),
  rows: '1–10',
  seats: '1–20',
  category: '',
  aisleAfter: '',
})
export const newSeated = (name: string): DraftSection => ({
  key: newUuid(),
  kind: 'seated',
  name,
  groups: [newRows()],
})
export const newStanding = (name: string): DraftSection => ({
  key: newUuid(),
  kind: 'standing',
  name,
  capacity: '200',
})

export type DraftProblem =
  'name_missing' | 'name_twice' | 'labels' | 'labels_twice' | 'label_dash' | 'capacity' | 'aisle'

export type Drafted =
  | { ok: true; plan: AdoptSeatingBody; seats: number; standing: number }
  /** By field: `<section key>.name`, `<rows key>.rows` … */
  | { ok: false; problems: ReadonlyMap<string, DraftProblem> }

export function draftSeating(sections: readonly DraftSection[]): Drafted {
  const problems = new Map<string, DraftProblem>()
  const names = new Set<string>()
  const plan: SectionInput[] = []
  let seats = 0
  let standing = 0
  for (const section of sections) {
    const name = section.name.trim()
    if (name === '') problems.set(`${section.key}.name`, 'name_missing')
    else if (names.has(name)) problems.set(`${section.key}.name`, 'name_twice')
    names.add(name)
    switch (section.kind) {
      case 'standing': {
        const capacity = Number(section.capacity)
        if (!/^\d{1,6}$/.test(section.capacity.trim()) || capacity < 1)
          problems.set(`${section.key}.capacity`, 'capacity')
        plan.push({ name, capacity })
        standing += capacity
        break
      }
      case 'seated': {
        const rows = section.groups.flatMap((group) => draftRows(group, problems))
        const labels = rows.map((row) => row.label)
        const last = section.groups.at(-1)
        if (new Set(labels).size !== labels.length && last) problems.set(`${last.key}.rows`, 'labels_twice')
        seats += rows.reduce((sum, row) => sum + row.seats.filter((seat) => seat !== null).length, 0)
        plan.push({ name, rows })
        break
      }
    }
  }
  return problems.size > 0 ? { ok: false, problems } : { ok: true, plan: { sections: plan }, seats, standing }
}

function draftRows(group: DraftRows, problems: Map<string, DraftProblem>): RowInput[] {
  const rows = parseLabels(group.rows)
  const seats = parseLabels(group.seats)
  if (!rows.ok) problems.set(`${group.key}.rows`, rows.problem === 'twice' ? 'labels_twice' : 'labels')
  if (!seats.ok) problems.set(`${group.key}.seats`, seats.problem === 'twice' ? 'labels_twice' : 'labels')
  const aisles =
    group.aisleAfter.trim() === '' ? { ok: true as const, labels: [] } : parseLabels(group.aisleAfter)
  if (!aisles.ok || (seats.ok && aisles.labels.some((label) => !seats.labels.includes(label)))) {
    problems.set(`${group.key}.aisle`, 'aisle')
  }
  if (!rows.ok || !seats.ok || !aisles.ok) return []
  const category = group.category.trim()
  const line = seats.labels.flatMap((seat) => {
    const place = category === '' ? { seat } : { seat, category }
    return aisles.labels.includes(seat) ? [place, null] : [place]
  })
  return rows.labels.map((label) => ({ label, seats: line }))
}

export interface SectionSummary {
  name: string
  seats: number | null
  standing: number | null
  rows: number
  categories: string[]
}

export function summarize(seating: Seating): SectionSummary[] {
  return seating.sections.map((section) => {
    if (!isSeated(section)) {
      return { name: section.name, seats: null, standing: section.capacity ?? 0, rows: 0, categories: [] }
    }
    const seats = section.rows.flatMap((row) => row.seats.filter((seat) => seat !== null))
    const categories = [...new Set(seats.flatMap((seat) => (seat.category === null ? [] : [seat.category])))]
    return { name: section.name, seats: seats.length, standing: null, rows: section.rows.length, categories }
  })
}

/** All categories of a seating in the order in which they appear. */
export function categoriesOf(seating: Seating): string[] {
  return [...new Set(summarize(seating).flatMap((section) => section.categories))]
}

/** Whether a price without a category is needed: standing places, or seats that have none. */
export function hasUncategorized(seating: Seating): boolean {
  return seating.sections.some(
    (section) =>
      !isSeated(section) ||
      section.rows.some((row) => row.seats.some((seat) => seat !== null && seat.category === null)),
  )
}

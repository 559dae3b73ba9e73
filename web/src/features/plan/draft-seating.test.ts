import { describe, expect, it } from 'vitest'
import { draftSeating, newRows, type DraftSection } from './draft-seating'
import { readSeatingFile } from './seating-file'

const stalls: DraftSection = {
  key: 's',
  kind: 'seated',
  name: ' Stalls ',
  groups: [{ ...newRows(), key: 'g', rows: '1–2', seats: '1–4', category: 'Gold', aisleAfter: '2' }],
}

describe('a described seating', () => {
  it('becomes sections, rows and seats with category and aisle', () => {
    const drafted = draftSeating([stalls, { key: 'f', kind: 'standing', name: 'Floor', capacity: '200' }])
    expect(drafted).toMatchObject({ ok: true, seats: 8, standing: 200 })
    if (!drafted.ok) return
    expect(drafted.plan.sections[1]).toEqual({ name: 'Floor', capacity: 200 })
    const gold = (seat: string) => ({ seat, category: 'Gold' })
    expect(drafted.plan.sections[0]).toEqual({
      name: 'Stalls',
      rows: ['1', '2'].map((label) => ({ label, seats: [gold('1'), gold('2'), null, gold('3'), gold('4')] })),
    })
  })
  it('is refused field by field', () => {
    const drafted = draftSeating([
      { ...stalls, groups: [{ ...newRows(), key: 'g', rows: '1–', seats: '1, 1', aisleAfter: '9' }] },
      { key: 'f', kind: 'standing', name: 'Stalls', capacity: '0' },
    ])
    expect(drafted.ok).toBe(false)
    if (drafted.ok) return
    expect(Object.fromEntries(drafted.problems)).toEqual({
      'g.rows': 'labels',
      'g.seats': 'labels_twice',
      'f.name': 'name_twice',
      'f.capacity': 'capacity',
    })
  })
})

describe('a seating file', () => {
  it('is recognized by what is in it', () => {
    const pretix = JSON.stringify({ zones: [{ rows: [{ seats: [{}, {}] }] }] })
    expect(readSeatingFile('hall.json', pretix)).toMatchObject({ ok: true, format: 'pretix', seats: 2 })
    const own = JSON.stringify({
      sections: [
        { capacity: 50 },
        { rows: [{ seats: ['1', null, '2'] }, { label: '2', first: 1, last: 10 }] },
      ],
    })
    expect(readSeatingFile('own.json', own)).toMatchObject({
      ok: true,
      format: 'own',
      seats: 12,
      standing: 50,
    })
  })
  it('is refused before it is sent when it is something else', () => {
    expect(readSeatingFile('x.json', '{')).toMatchObject({ ok: false, problem: 'not_json' })
    expect(readSeatingFile('x.json', '{}')).toMatchObject({ ok: false, problem: 'not_a_plan' })
  })
})

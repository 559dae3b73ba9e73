import { z } from 'zod'

/** A first look at a file, to say what it is before it is sent; whether it is right, the server decides. */
export type SeatingFile =
  | {
      ok: true
      name: string
      format: 'pretix' | 'own'
      text: string
      sections: number
      seats: number
      standing: number
    }
  | { ok: false; name: string; problem: 'not_json' | 'not_a_plan' }

const pretix = z.object({
  zones: z.array(z.object({ rows: z.array(z.object({ seats: z.array(z.unknown()) })).default([]) })),
})
const own = z.object({
  sections: z.array(
    z.union([
      z.object({ capacity: z.number() }),
      z.object({
        rows: z.array(
          z.union([
            z.object({ seats: z.array(z.unknown()) }),
            z.object({ first: z.number(), last: z.number() }),
          ]),
        ),
      }),
    ]),
  ),
})

export function readSeatingFile(name: string, text: string): SeatingFile {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return { ok: false, name, problem: 'not_json' }
  }
  const asPretix = pretix.safeParse(json)
  if (asPretix.success) {
    const { zones } = asPretix.data
    const seats = zones.flatMap((zone) => zone.rows).reduce((sum, row) => sum + row.seats.length, 0)
    return { ok: true, name, format: 'pretix', text, sections: zones.length, seats, standing: 0 }
  }
  const asOwn = own.safeParse(json)
  if (!asOwn.success) return { ok: false, name, problem: 'not_a_plan' }
  let seats = 0
  let standing = 0
  for (const section of asOwn.data.sections) {
    if ('capacity' in section) standing += section.capacity
    else {
      for (const row of section.rows) {
        seats += 'seats' in row ? row.seats.filter((seat) => seat !== null).length : row.last - row.first + 1
      }
    }
  }
  return { ok: true, name, format: 'own', text, sections: asOwn.data.sections.length, seats, standing }
}

/**
 * A problem names what it is about by JSON pointers into the request. A form says which pointer belongs to
 * which of its fields; what no field claims is shown above the form, so nothing is swallowed.
 */
export interface PointedError {
  pointer: string
  detail: string
}

export interface FieldErrors<Field extends string> {
  fields: Partial<Record<Field, string>>
  rest: PointedError[]
}

/** `claims` are pointer prefixes: "/venue/name" claims itself and what lies below; the longest one wins. */
export function fieldErrors<Field extends string>(
  errors: readonly PointedError[],
  claims: readonly (readonly [pointer: string, field: Field])[],
): FieldErrors<Field> {
  const sorted = [...claims].sort((a, b) => b[0].length - a[0].length)
  const fields: Partial<Record<Field, string>> = {}
  const rest: PointedError[] = []
  for (const error of errors) {
    const claim = sorted.find(
      ([pointer]) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`),
    )
    if (!claim) rest.push(error)
    else
      fields[claim[1]] =
        fields[claim[1]] === undefined ? error.detail : `${fields[claim[1]] ?? ''} ${error.detail}`
  }
  return { fields, rest }
}

/** "/zones/0/rows/3/seats/7" → "zones 1 › rows 4 › seats 8", for people who count from one. */
export function readablePointer(pointer: string): string {
  const words: string[] = []
  for (const token of pointer.split('/').slice(1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    const last = words.at(-1)
    if (/^\d+$/.test(name) && last !== undefined) words[words.length - 1] = `${last} ${Number(name) + 1}`
    else words.push(name)
  }
  return words.join(' › ')
}

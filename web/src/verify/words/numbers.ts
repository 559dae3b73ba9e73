/** Numbers and lists of them, as a language writes them. */

/** Positions beyond so many are only counted. */
export const SHOWN_MAX = 40

export const counted = (language: string) => (value: number) => value.toLocaleString(language)

export const listed = (and: string, more: string) => (numbers: readonly number[]) => {
  const shown = numbers.slice(0, SHOWN_MAX).join(', ')
  return numbers.length > SHOWN_MAX ? `${shown} ${and} ${numbers.length - SHOWN_MAX} ${more}` : shown
}

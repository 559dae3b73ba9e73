/**
 * What the page says. It stands alone and goes with the bundle, so its words are not among the app's. A language that lacks a
 * word does not compile.
 */
import { english, type Words } from './english'
import { german } from './german'

export type { Words }

export const languages = { en: { name: 'English', words: english }, de: { name: 'Deutsch', words: german } }
export type Language = keyof typeof languages

export const isLanguage = (text: string): text is Language => Object.hasOwn(languages, text)

/** Of those that the reader knows, the first that the page speaks. */
export function preferred(known: readonly string[]): Language {
  const spoken = known.map((tag) => tag.toLowerCase().split('-')[0] ?? '')
  return spoken.find(isLanguage) ?? 'en'
}

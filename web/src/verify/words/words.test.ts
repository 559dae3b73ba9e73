import { describe, expect, it } from 'vitest'
import { languages, preferred } from '.'

describe('the language of the page', () => {
  it('is the first of the reader’s that it speaks, else English', () => {
    expect(preferred(['de-AT', 'en'])).toBe('de')
    expect(preferred(['fr-FR', 'EN-gb', 'de'])).toBe('en')
    expect(preferred(['fr', 'de'])).toBe('de')
    expect(preferred(['fr'])).toBe('en')
    expect(preferred([])).toBe('en')
    expect(preferred(['constructor'])).toBe('en')
  })

  it('says no sentence in the other one', () => {
    const { en, de } = { en: languages.en.words, de: languages.de.words }
    const texts = (words: typeof en) => Object.values(words).filter((word) => typeof word === 'string')
    const same = texts(en).filter((text) => texts(de).includes(text))
    expect(same).toEqual(['Version'])
  })

  it('writes its numbers as people there do', () => {
    expect(languages.en.words.range(1, 50, 1234)).toBe('1–50 of 1,234')
    expect(languages.de.words.range(1, 50, 1234)).toBe('1–50 von 1.234')
  })
})

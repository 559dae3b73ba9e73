import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { readablePointer } from '@/lib/field-errors'
import { ApiProblem, Unreachable } from './problem'

export interface ProblemText {
  title: string
  /** What to do, and what exactly it was about; one line each. */
  lines: string[]
}

/** An error in plain words: our own sentence for codes we know, then what the server adds. */
export function useProblemText(): (error: unknown) => ProblemText {
  const { t, i18n } = useTranslation()
  return useCallback(
    (error: unknown) => {
      if (error instanceof Unreachable) {
        return { title: t('problem.unreachable.title'), lines: [t('problem.unreachable.detail')] }
      }
      if (!(error instanceof ApiProblem)) {
        return { title: t('problem.unexpected.title'), lines: [t('problem.unexpected.detail')] }
      }
      const known: unknown = i18n.getResource('en', 'translation', `problem.code.${error.code}`)
      const title = typeof known === 'string' ? known : error.message
      const pointed = error.errors.map(({ pointer, detail }) =>
        pointer === '' || pointer === '/' ? detail : `${readablePointer(pointer)}: ${detail}`,
      )
      // Where the detail and what it points at say the same, once is enough.
      const said = error.errors.some(({ detail }) => detail === error.detail)
      const lines = (said ? pointed : [error.detail, ...pointed]).filter(
        (line) => line !== '' && line !== title,
      )
      return { title, lines }
    },
    [t, i18n],
  )
}

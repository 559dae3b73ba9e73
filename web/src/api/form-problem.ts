import { fieldErrors } from '@/lib/field-errors'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from './problem'
import { useProblemText, type ProblemText } from './problem-text'

export interface FormProblem<Field extends string> {
  /** What belongs to a field is said there. */
  fields: Partial<Record<Field, string>>
  /** What to say above the form. */
  summary: ProblemText | null
}

/** A refusal, distributed over the fields of a form. `claims` as for `fieldErrors`. */
export function useFormProblem<Field extends string>(
  error: Error | null,
  claims: readonly (readonly [pointer: string, field: Field])[],
): FormProblem<Field> {
  const { t } = useTranslation()
  const explain = useProblemText()
  if (error === null) return { fields: {}, summary: null }
  const text = explain(error)
  if (!(error instanceof ApiProblem)) return { fields: {}, summary: text }
  const { fields, rest } = fieldErrors(error.errors, claims)
  if (Object.keys(fields).length === 0) return { fields, summary: text }
  if (rest.length === 0) return { fields, summary: { title: t('app.look_at_fields'), lines: [] } }
  return { fields, summary: { title: text.title, lines: rest.map(({ detail }) => detail) } }
}

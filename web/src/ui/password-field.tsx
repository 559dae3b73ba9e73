import { Eye, EyeOff } from 'lucide-react'
import { useState, type ComponentProps } from 'react'
import { useTranslation } from 'react-i18next'
import { Field, inputClass } from './field'

/** As the server wants it; it also knows the passwords that are tried first. */
export const PASSWORD_CHARACTERS_MIN = 10

/** A new password: to be seen if wanted, with advice on its length while it is typed. */
export function NewPasswordField({
  label,
  error,
  value,
  ...input
}: { label: string; error?: string | undefined; value: string } & Omit<
  ComponentProps<'input'>,
  'className' | 'value'
>) {
  const { t } = useTranslation()
  const [seen, setSeen] = useState(false)
  const missing = PASSWORD_CHARACTERS_MIN - Array.from(value).length
  const advice =
    value === ''
      ? t('password.advice', { count: PASSWORD_CHARACTERS_MIN })
      : missing > 0
        ? t('password.missing', { count: missing })
        : t('password.long_enough')
  return (
    <Field label={label} hint={advice} error={error}>
      {(wiring) => (
        <div className="relative">
          <input
            {...input}
            {...wiring}
            type={seen ? 'text' : 'password'}
            value={value}
            autoComplete="new-password"
            autoCapitalize="off"
            spellCheck={false}
            className={inputClass(error, 'pr-12')}
          />
          <button
            type="button"
            aria-pressed={seen}
            aria-label={t('password.show')}
            title={t('password.show')}
            className="absolute inset-y-0 right-0 inline-flex w-11 items-center justify-center rounded-xl text-muted hover:text-text"
            onClick={() => {
              setSeen(!seen)
            }}
          >
            {seen ? <EyeOff aria-hidden className="size-5" /> : <Eye aria-hidden className="size-5" />}
          </button>
        </div>
      )}
    </Field>
  )
}

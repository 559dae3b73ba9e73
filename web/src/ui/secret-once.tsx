import { Check, Copy } from 'lucide-react'
import { useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from './button'

/** A secret that is shown this once, to be copied. */
export function SecretOnce({ label, value, note }: { label: string; value: string; note: string }) {
  const { t } = useTranslation()
  const id = useId()
  const field = useRef<HTMLTextAreaElement>(null)
  const [copied, setCopied] = useState(false)

  const copy = async () => {
    field.current?.select()
    try {
      await navigator.clipboard.writeText(value)
      setCopied(true)
    } catch {
      // Without TLS there is no clipboard; the text is selected, and the old way may still work.
      setCopied(oldCopy())
    }
  }

  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-semibold">
        {label}
      </label>
      <div className="flex flex-wrap gap-2">
        <textarea
          ref={field}
          id={id}
          readOnly
          rows={3}
          value={value}
          spellCheck={false}
          aria-describedby={`${id}-note`}
          onFocus={(event) => {
            event.target.select()
          }}
          className="min-w-0 flex-1 basis-56 resize-none rounded-xl border border-edge/70 bg-raised px-3 py-2 font-mono text-sm break-all"
        />
        <Button
          look="secondary"
          className="max-sm:w-full"
          icon={
            copied ? (
              <Check aria-hidden className="size-5 text-ok" />
            ) : (
              <Copy aria-hidden className="size-5" />
            )
          }
          onClick={() => void copy()}
        >
          {copied ? t('secret.copied') : t('secret.copy')}
        </Button>
      </div>
      <p id={`${id}-note`} className="text-sm text-muted">
        {note}
      </p>
      <p role="status" className="sr-only">
        {copied ? t('secret.copied') : ''}
      </p>
    </div>
  )
}

function oldCopy(): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way on plain HTTP, as in a hall's own network
  return document.execCommand('copy')
}

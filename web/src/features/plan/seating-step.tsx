import { FileUp, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemText } from '@/api/problem-text'
import type { Seating, Show } from '@/api/types'
import { Button, IconButton } from '@/ui/button'
import { ErrorNotice } from '@/ui/error-state'
import { Choices, TextField } from '@/ui/field'
import { Badge, Card, Notice } from '@/ui/surface'
import {
  draftSeating,
  newRows,
  newSeated,
  newStanding,
  summarize,
  type DraftProblem,
  type DraftRows,
  type DraftSection,
} from './draft-seating'
import { useAdoptSeating, type SeatingSource } from './queries'
import { readSeatingFile, type SeatingFile } from './seating-file'

export function SeatingStep({
  show,
  seating,
  onContinue,
}: {
  show: Show
  seating: Seating
  onContinue: () => void
}) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const adopt = useAdoptSeating(show.id)
  const summary = summarize(seating)
  const [editing, setEditing] = useState(summary.length === 0)
  const [way, setWay] = useState<'describe' | 'file'>('describe')

  const save = (source: SeatingSource) => {
    adopt.mutate(source, {
      onSuccess: () => {
        setEditing(false)
      },
    })
  }

  if (!editing) {
    return (
      <div className="flex flex-col gap-5">
        {adopt.isSuccess && (
          <Notice
            tone="ok"
            title={t('seating.adopted', { seats: adopt.data.seats, standing: adopt.data.standing })}
          />
        )}
        <Card className="overflow-hidden">
          <h2 className="px-5 pt-5 pb-2 text-lg font-bold">{t('seating.current')}</h2>
          <ul className="divide-y divide-line">
            {summary.map((section) => (
              <li
                key={section.name}
                className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-5 py-3"
              >
                <span className="font-semibold">{section.name}</span>
                <span className="flex flex-wrap items-center gap-2 text-muted">
                  {section.categories.map((category) => (
                    <Badge key={category}>{category}</Badge>
                  ))}
                  <span className="tabular-nums">
                    {section.standing === null
                      ? t('seating.rows_seats', { rows: section.rows, seats: section.seats ?? 0 })
                      : t('seating.standing_places', { count: section.standing })}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </Card>
        <div className="flex flex-wrap gap-3">
          <Button onClick={onContinue}>{t('plan.continue_to_tickets')}</Button>
          <Button
            look="secondary"
            onClick={() => {
              adopt.reset()
              setEditing(true)
            }}
          >
            {t('seating.replace')}
          </Button>
        </div>
      </div>
    )
  }

  return (
    <div className="flex flex-col gap-5">
      <Choices
        legend={t('seating.way')}
        hideLegend
        value={way}
        onChange={(next) => {
          adopt.reset()
          setWay(next)
        }}
        options={[
          { value: 'describe', label: t('seating.describe') },
          { value: 'file', label: t('seating.file') },
        ]}
      />
      {adopt.error && (
        <ErrorNotice {...explain(adopt.error)} more={(count) => t('app.and_more', { count })} />
      )}
      {way === 'describe' ? (
        <DescribeSeating busy={adopt.isPending} onSave={save} />
      ) : (
        <SeatingFromFile busy={adopt.isPending} onSave={save} />
      )}
      {summary.length > 0 && (
        <div>
          <Button
            look="quiet"
            onClick={() => {
              setEditing(false)
            }}
          >
            {t('seating.keep')}
          </Button>
        </div>
      )}
    </div>
  )
}

function DescribeSeating({ busy, onSave }: { busy: boolean; onSave: (source: SeatingSource) => void }) {
  const { t } = useTranslation()
  const [sections, setSections] = useState<readonly DraftSection[]>(() => [
    newSeated(t('seating.first_section')),
  ])
  const [checked, setChecked] = useState(false)
  const drafted = draftSeating(sections)
  const problems = checked && !drafted.ok ? drafted.problems : new Map<string, DraftProblem>()
  const errorAt = (field: string) => {
    const problem = problems.get(field)
    return problem && t(`seating.problem.${problem}`)
  }
  const change = (next: DraftSection) => {
    setSections(sections.map((section) => (section.key === next.key ? next : section)))
  }

  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        setChecked(true)
        if (drafted.ok) onSave({ format: 'turnout', plan: drafted.plan })
      }}
    >
      {sections.map((section, at) => (
        <Card key={section.key} className="flex flex-col gap-4 p-5">
          <div className="flex items-end gap-2">
            <TextField
              className="flex-1"
              label={t('seating.section_name')}
              value={section.name}
              error={errorAt(`${section.key}.name`)}
              onChange={(event) => {
                change({ ...section, name: event.target.value })
              }}
            />
            {sections.length > 1 && (
              <IconButton
                label={t('seating.remove_section', {
                  name: section.name === '' ? String(at + 1) : section.name,
                })}
                onClick={() => {
                  setSections(sections.filter((other) => other.key !== section.key))
                }}
              >
                <Trash2 aria-hidden className="size-5" />
              </IconButton>
            )}
          </div>
          {section.kind === 'standing' ? (
            <TextField
              className="max-w-48"
              label={t('seating.capacity')}
              inputMode="numeric"
              value={section.capacity}
              error={errorAt(`${section.key}.capacity`)}
              onChange={(event) => {
                change({ ...section, capacity: event.target.value })
              }}
            />
          ) : (
            <>
              {section.groups.map((group) => (
                <RowsFields
                  key={group.key}
                  group={group}
                  errorAt={errorAt}
                  onChange={(next) => {
                    change({
                      ...section,
                      groups: section.groups.map((other) => (other.key === next.key ? next : other)),
                    })
                  }}
                  onRemove={
                    section.groups.length > 1
                      ? () => {
                          change({
                            ...section,
                            groups: section.groups.filter((other) => other.key !== group.key),
                          })
                        }
                      : null
                  }
                />
              ))}
              <div>
                <Button
                  look="quiet"
                  icon={<Plus aria-hidden className="size-5" />}
                  onClick={() => {
                    change({ ...section, groups: [...section.groups, { ...newRows(), rows: '' }] })
                  }}
                >
                  {t('seating.more_rows')}
                </Button>
              </div>
            </>
          )}
        </Card>
      ))}
      <div className="flex flex-wrap gap-2">
        <Button
          look="secondary"
          icon={<Plus aria-hidden className="size-5" />}
          onClick={() => {
            setSections([...sections, newSeated('')])
          }}
        >
          {t('seating.add_seated')}
        </Button>
        <Button
          look="secondary"
          icon={<Plus aria-hidden className="size-5" />}
          onClick={() => {
            setSections([...sections, newStanding('')])
          }}
        >
          {t('seating.add_standing')}
        </Button>
      </div>
      <div className="flex flex-wrap items-center gap-4 border-t border-line pt-4">
        <Button type="submit" busy={busy}>
          {t('seating.save')}
        </Button>
        {drafted.ok && (
          <p className="text-muted tabular-nums">
            {t('seating.draft_total', { seats: drafted.seats, standing: drafted.standing })}
          </p>
        )}
      </div>
    </form>
  )
}

function RowsFields({
  group,
  errorAt,
  onChange,
  onRemove,
}: {
  group: DraftRows
  errorAt: (field: string) => string | undefined
  onChange: (group: DraftRows) => void
  onRemove: (() => void) | null
}) {
  const { t } = useTranslation()
  return (
    <div className="flex items-start gap-2 border-l-4 border-accent-soft pl-3">
      <div className="grid min-w-0 flex-1 grid-cols-2 gap-3 lg:grid-cols-4">
        <TextField
          label={t('seating.rows')}
          placeholder={t('seating.rows_example')}
          value={group.rows}
          error={errorAt(`${group.key}.rows`)}
          onChange={(event) => {
            onChange({ ...group, rows: event.target.value })
          }}
        />
        <TextField
          label={t('seating.seats')}
          placeholder={t('seating.seats_example')}
          value={group.seats}
          error={errorAt(`${group.key}.seats`)}
          onChange={(event) => {
            onChange({ ...group, seats: event.target.value })
          }}
        />
        <TextField
          label={t('seating.category')}
          optional={t('app.optional')}
          value={group.category}
          onChange={(event) => {
            onChange({ ...group, category: event.target.value })
          }}
        />
        <TextField
          label={t('seating.aisle_after')}
          optional={t('app.optional')}
          value={group.aisleAfter}
          error={errorAt(`${group.key}.aisle`)}
          onChange={(event) => {
            onChange({ ...group, aisleAfter: event.target.value })
          }}
        />
      </div>
      {onRemove && (
        <IconButton label={t('seating.remove_rows')} className="mt-6" onClick={onRemove}>
          <Trash2 aria-hidden className="size-5" />
        </IconButton>
      )}
    </div>
  )
}

function SeatingFromFile({ busy, onSave }: { busy: boolean; onSave: (source: SeatingSource) => void }) {
  const { t } = useTranslation()
  const [file, setFile] = useState<SeatingFile | null>(null)
  return (
    <Card className="flex flex-col gap-4 p-5">
      <p className="text-muted">{t('seating.file_hint')}</p>
      <label className="flex min-h-28 flex-col items-center justify-center gap-2 rounded-xl border-2 border-dashed border-edge/60 px-4 py-6 text-center font-semibold hover:border-edge has-focus-visible:outline-3 has-focus-visible:outline-accent">
        <FileUp aria-hidden className="size-7 text-accent" />
        {t('seating.choose_file')}
        <input
          type="file"
          accept=".json,application/json"
          className="sr-only"
          onChange={(event) => {
            const chosen = event.target.files?.[0]
            if (!chosen) return
            void chosen.text().then((text) => {
              setFile(readSeatingFile(chosen.name, text))
            })
          }}
        />
      </label>
      {file?.ok === false && (
        <Notice tone="bad" title={t(`seating.file_problem.${file.problem}`, { name: file.name })} />
      )}
      {file?.ok === true && (
        <div className="flex flex-col gap-4">
          <Notice tone="accent" title={file.name}>
            {t(file.format === 'pretix' ? 'seating.file_pretix' : 'seating.file_own', {
              sections: file.sections,
              seats: file.seats,
              standing: file.standing,
            })}
          </Notice>
          <div>
            <Button
              busy={busy}
              onClick={() => {
                onSave({
                  format: 'file',
                  text: file.text,
                  contentType:
                    file.format === 'pretix'
                      ? 'application/vnd.pretix.seating-plan+json'
                      : 'application/json',
                })
              }}
            >
              {t('seating.use_file')}
            </Button>
          </div>
        </div>
      )}
    </Card>
  )
}

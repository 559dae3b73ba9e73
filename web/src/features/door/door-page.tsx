import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft, Delete, ScanLine, Undo2, UsersRound, WifiOff } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLive } from '@/api/live'
import { useProblemText } from '@/api/problem-text'
import { attendanceQuery, showQuery } from '@/api/queries'
import { meQuery } from '@/api/session'
import type { CheckInAnswer, Show } from '@/api/types'
import { idle, type Scan } from '@/lib/keypad'
import { newUuid } from '@/lib/uuid'
import { cx } from '@/ui/cx'
import { AnswerScreen, TroubleScreen } from './answer-screen'
import { placeKey, placesOf, rememberedPlace, rememberPlace, type Place } from './place'
import { useUndoCheckIn, type WayThrough } from './queries'
import { ReasonDialog } from './reason-dialog'
import { useDoor, type DoorState } from './use-door'

interface Admission {
  scan: string
  code: string
}
type Asking = { about: 'undo'; admission: Admission } | { about: 'override'; scan: Scan }

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const

export function DoorPage() {
  const { id } = useParams({ from: '/door/$id' })
  const { data: show } = useSuspenseQuery(showQuery(id))
  const { data: me } = useSuspenseQuery(meQuery)
  const places = placesOf(show, me.device?.gates ?? [])
  const [place, setPlace] = useState(() => rememberedPlace(show, places))
  const choose = (next: Place) => {
    rememberPlace(show, next)
    setPlace(next)
  }
  if (places.length > 1 && place === null)
    return <ChoosePlace show={show} places={places} onChoose={choose} />
  return (
    <Door
      show={show}
      places={places}
      place={place}
      mayOverride={me.device?.may_override ?? true}
      onPlace={choose}
    />
  )
}

function ChoosePlace({
  show,
  places,
  onChoose,
}: {
  show: Show
  places: readonly Place[]
  onChoose: (place: Place) => void
}) {
  const { t } = useTranslation()
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-xl flex-col justify-center gap-4 px-4 py-8">
      <p className="text-muted">{show.name}</p>
      <h1 className="text-3xl font-bold">{t('door.where')}</h1>
      {places.map((place) => (
        <button
          key={placeKey(place)}
          type="button"
          className="min-h-18 rounded-2xl border border-edge/60 bg-surface px-5 text-left text-xl font-bold hover:border-edge"
          onClick={() => {
            onChoose(place)
          }}
        >
          {place.name}
        </button>
      ))}
    </main>
  )
}

function Door({
  show,
  places,
  place,
  mayOverride,
  onPlace,
}: {
  show: Show
  places: readonly Place[]
  place: Place | null
  /** A device may be paired without. */
  mayOverride: boolean
  onPlace: (place: Place) => void
}) {
  const { t } = useTranslation()
  const explain = useProblemText()
  const { data: attendance } = useSuspenseQuery(attendanceQuery(show.id))
  useLive(show.id)
  const undo = useUndoCheckIn(show.id)
  const [direction, setDirection] = useState<WayThrough>('in')
  const [asking, setAsking] = useState<Asking | null>(null)
  const [undone, setUndone] = useState<ReadonlySet<string>>(new Set())
  const [notice, setNotice] = useState('')
  const [state, dispatch] = useDoor(
    show.id,
    show.code_length,
    direction,
    place,
    (error) => {
      const { title, lines } = explain(error)
      return [title, ...lines].join(' ')
    },
    asking === null,
    show.codes !== 'off',
  )

  // The last admission stays at hand for undoing it, also after the next digits are typed.
  const [last, setLast] = useState<Admission | null>(null)
  if (state.phase === 'answered' && state.answer.result === 'admitted' && last?.scan !== state.scan.id) {
    setLast({ scan: state.scan.id, code: state.answer.ticket?.short_code ?? '' })
    setNotice('')
  }

  const clear = () => {
    dispatch({ type: 'clear' })
  }
  const digit = (value: string) => {
    // Not every browser has it.
    if ('vibrate' in navigator) navigator.vibrate(8)
    setNotice('')
    dispatch({ type: 'digit', digit: value, scanId: newUuid() })
  }
  const askUndo = (admission: Admission) => {
    undo.reset()
    setAsking({ about: 'undo', admission })
  }

  // Where typed codes are not accepted there is nothing to type.
  const typed = show.codes !== 'off'

  const key =
    'flex min-h-14 items-center justify-center rounded-2xl border border-line bg-surface text-3xl font-bold tabular-nums shadow-sm select-none active:bg-accent-soft touch-manipulation'

  return (
    <main className="relative mx-auto flex h-dvh min-h-[34rem] w-full max-w-3xl flex-col overflow-hidden">
      <header className="flex items-center gap-1 px-2 pt-2">
        <Link
          to="/door"
          aria-label={t('door.back')}
          className="inline-flex size-12 shrink-0 items-center justify-center rounded-xl text-muted hover:bg-sunken"
        >
          <ArrowLeft aria-hidden className="size-6" />
        </Link>
        <div className="min-w-0 flex-1">
          <h1 className="truncate text-lg leading-tight font-bold">{show.name}</h1>
          {places.length > 1 && place !== null ? (
            <select
              aria-label={t('door.where')}
              className="-ml-1 min-h-8 max-w-full rounded-md bg-transparent px-0 text-[0.95rem] text-muted"
              value={placeKey(place)}
              onChange={(event) => {
                const next = places.find((candidate) => placeKey(candidate) === event.target.value)
                if (next) onPlace(next)
              }}
            >
              {places.map((option) => (
                <option key={placeKey(option)} value={placeKey(option)}>
                  {option.name}
                </option>
              ))}
            </select>
          ) : (
            <p className="truncate text-[0.95rem] text-muted">{place?.name ?? show.venue.name}</p>
          )}
        </div>
        <p className="flex shrink-0 items-center gap-2 rounded-xl bg-sunken px-3 py-1.5">
          <UsersRound aria-hidden className="size-5 text-muted" />
          <span>
            <span className="block text-xl leading-none font-bold tabular-nums">{attendance.inside}</span>
            <span className="block text-xs text-muted">
              {t('door.inside', { issued: attendance.issued })}
            </span>
          </span>
        </p>
      </header>

      <div
        role="radiogroup"
        aria-label={t('door.direction')}
        className="mx-4 mt-3 grid grid-cols-2 gap-1 rounded-2xl bg-sunken p-1"
      >
        {(['in', 'out'] as const).map((way) => (
          <button
            key={way}
            type="button"
            role="radio"
            aria-checked={way === direction}
            className={cx(
              'min-h-11 rounded-xl text-lg font-bold',
              way === direction ? 'bg-surface text-text shadow-sm' : 'text-muted',
            )}
            onClick={() => {
              setDirection(way)
            }}
          >
            {t(`door.way.${way}`)}
          </button>
        ))}
      </div>

      <div className="flex flex-1 flex-col items-center justify-center gap-3 px-4 py-3">
        {typed ? (
          <CodeBoxes state={state} length={show.code_length} />
        ) : (
          <ScanLine aria-hidden className="size-24 text-muted" strokeWidth={1.25} />
        )}
        <div className="flex min-h-12 items-center text-center text-lg">
          {state.phase === 'checking' && state.unreachable ? (
            <p className="flex items-center gap-2 rounded-xl bg-warn-soft px-4 py-2 text-base font-semibold text-warn">
              <WifiOff aria-hidden className="size-5 shrink-0" />
              {t('door.unreachable', { count: state.attempt })}
            </p>
          ) : (
            <p className="text-muted">
              {state.phase === 'checking'
                ? t('door.checking')
                : notice === ''
                  ? t(typed ? 'door.prompt' : 'door.prompt_scan')
                  : notice}
            </p>
          )}
        </div>
      </div>

      {typed && (
        <div
          role="group"
          aria-label={t('door.keypad')}
          className="grid h-[48dvh] max-h-112 min-h-64 grid-cols-3 gap-2.5 px-4"
        >
          {DIGITS.map((value) => (
            <button
              key={value}
              type="button"
              className={key}
              onClick={() => {
                digit(value)
              }}
            >
              {value}
            </button>
          ))}
          <button type="button" className={cx(key, 'text-lg')} onClick={clear}>
            {state.phase === 'checking' && state.unreachable ? t('door.give_up') : t('door.clear')}
          </button>
          <button
            type="button"
            className={key}
            onClick={() => {
              digit('0')
            }}
          >
            0
          </button>
          <button
            type="button"
            aria-label={t('door.backspace')}
            className={key}
            onClick={() => {
              dispatch({ type: 'backspace' })
            }}
          >
            <Delete aria-hidden className="size-8" />
          </button>
        </div>
      )}

      <footer className="grid grid-cols-[1fr_auto] gap-2.5 px-4 pt-3 pb-[calc(0.75rem+env(safe-area-inset-bottom))]">
        <ScanField
          onToken={(token) => {
            dispatch({ type: 'scanned', token, scanId: newUuid() })
          }}
        />
        <button
          type="button"
          disabled={last === null || undone.has(last.scan)}
          className="inline-flex min-h-12 items-center gap-2 rounded-2xl border border-line bg-surface px-4 font-semibold disabled:opacity-50"
          onClick={() => {
            if (last) askUndo(last)
          }}
        >
          <Undo2 aria-hidden className="size-5" />
          {t('door.undo.short')}
        </button>
      </footer>

      {state.phase === 'answered' && (
        <AnswerScreen
          answer={state.answer}
          show={show}
          direction={direction}
          busy={false}
          mayOverride={mayOverride}
          onNext={clear}
          onAdmit={(ticket) => {
            // After the look: the ticket itself, as the same scan.
            dispatch({
              type: 'resend',
              scan: { id: state.scan.id, credential: { kind: 'ticket', ticket }, override: null },
            })
          }}
          onOverride={() => {
            setAsking({ about: 'override', scan: state.scan })
          }}
          onUndo={() => {
            askUndo({ scan: state.scan.id, code: state.answer.ticket?.short_code ?? '' })
          }}
        />
      )}
      {state.phase === 'failed' && <TroubleScreen message={state.message} onNext={clear} />}
      <Announcement state={state} notice={notice} direction={direction} />

      {asking?.about === 'undo' && (
        <ReasonDialog
          title={t('door.undo.title', { code: asking.admission.code })}
          detail={t('door.undo.detail')}
          usual={[
            t('door.undo.usual.mistake'),
            t('door.undo.usual.stayed_out'),
            t('door.undo.usual.wrong_person'),
          ]}
          confirm={t('door.undo.confirm')}
          busy={undo.isPending}
          problem={undo.error && explain(undo.error)}
          onClose={() => {
            setAsking(null)
          }}
          onConfirm={(reason) => {
            const { scan, code } = asking.admission
            undo.mutate(
              { scan, reason },
              {
                onSuccess: () => {
                  setUndone(new Set(undone).add(scan))
                  setAsking(null)
                  clear()
                  setNotice(t('door.undo.done', { code }))
                },
              },
            )
          }}
        />
      )}
      {asking?.about === 'override' && (
        <ReasonDialog
          title={t('door.override.title')}
          detail={t('door.override.detail')}
          usual={[
            t('door.override.usual.checked'),
            t('door.override.usual.staff'),
            t('door.override.usual.error'),
          ]}
          confirm={t('door.override.confirm')}
          busy={false}
          problem={null}
          onClose={() => {
            setAsking(null)
          }}
          onConfirm={(reason) => {
            setAsking(null)
            // The refusal is a fact of its own; letting in nevertheless is another scan.
            dispatch({ type: 'resend', scan: { ...asking.scan, id: newUuid(), override: reason } })
          }}
        />
      )}
    </main>
  )
}

function CodeBoxes({ state, length }: { state: DoorState; length: number | null }) {
  const { t } = useTranslation()
  const digits = state.phase === 'entering' || state.phase === 'checking' ? state.digits : idle.digits
  const boxes = length ?? Math.max(4, digits.length)
  return (
    <div
      role="img"
      aria-label={t('door.digits', {
        digits: digits === '' ? t('door.no_digits') : digits.split('').join(' '),
        length: boxes,
      })}
      className="flex w-full max-w-md justify-center gap-2"
    >
      {Array.from({ length: boxes }, (_, at) => (
        <span
          key={at}
          aria-hidden
          className={cx(
            'flex h-16 max-w-16 min-w-0 flex-1 items-center justify-center rounded-2xl border-2 bg-surface text-4xl font-bold tabular-nums',
            state.phase === 'checking' && 'animate-pulse',
            at === digits.length ? 'border-accent' : 'border-line',
          )}
        >
          {digits[at] ?? ''}
        </span>
      ))}
    </div>
  )
}

/** Takes what a scanner types or somebody pastes. Scanners also work without it, wherever the focus is. */
function ScanField({ onToken }: { onToken: (token: string) => void }) {
  const { t } = useTranslation()
  const [text, setText] = useState('')
  return (
    <form
      className="relative"
      onSubmit={(event) => {
        event.preventDefault()
        if (text.trim() === '') return
        onToken(text.trim())
        setText('')
      }}
    >
      <ScanLine aria-hidden className="pointer-events-none absolute top-3.5 left-3.5 size-5 text-muted" />
      <input
        aria-label={t('door.scan')}
        placeholder={t('door.scan')}
        value={text}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={2048}
        onChange={(event) => {
          setText(event.target.value)
        }}
        className="min-h-12 w-full rounded-2xl border border-line bg-surface pr-3 pl-11 text-base placeholder:text-muted"
      />
    </form>
  )
}

/** Speaks each answer at once, whatever is being read. */
function Announcement({
  state,
  notice,
  direction,
}: {
  state: DoorState
  notice: string
  direction: WayThrough
}) {
  const { t } = useTranslation()
  const spoken = (answer: CheckInAnswer): string => {
    switch (answer.result) {
      case 'admitted':
        return t(direction === 'out' ? 'door.out' : 'door.admitted')
      case 'confirm':
        return t('door.confirm')
      case 'refused':
      case 'invalid':
        return `${t('door.refused')}: ${answer.reason === null ? '' : t(`door.reason.${answer.reason}`)}. ${answer.say}`
    }
  }
  const text =
    state.phase === 'answered'
      ? spoken(state.answer)
      : state.phase === 'failed'
        ? state.message
        : state.phase === 'checking' && state.unreachable
          ? t('door.unreachable', { count: state.attempt })
          : notice
  return (
    <p aria-live="assertive" aria-atomic="true" className="sr-only">
      {text}
    </p>
  )
}

import { Ban, Check, CircleHelp, LogOut, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { CheckInAnswer, Show } from '@/api/types'
import { WhyLink, type Why } from '@/api/why-link'
import { formatClock } from '@/lib/time'
import { cx } from '@/ui/cx'
import { useSeatName } from '@/ui/seat-name'
import type { WayThrough } from './queries'

type Tone = 'go' | 'stop' | 'look' | 'trouble'

/* The same in light and dark surroundings: a colour seen from two metres away. */
const tones: Record<Tone, string> = {
  go: 'bg-[#0a6636] text-white [&_:focus-visible]:outline-white',
  stop: 'bg-[#a3131e] text-white [&_:focus-visible]:outline-white',
  look: 'bg-[#f7c600] text-[#1c1600] [&_:focus-visible]:outline-[#1c1600]',
  trouble: 'bg-[#2e3138] text-white [&_:focus-visible]:outline-white',
}

const action =
  'flex min-h-16 w-full items-center justify-center rounded-2xl px-5 text-xl font-bold shadow-sm transition-opacity active:opacity-80'

export function AnswerScreen({
  answer,
  show,
  direction,
  busy,
  mayOverride,
  onNext,
  onAdmit,
  onOverride,
  onUndo,
}: {
  answer: CheckInAnswer
  show: Show
  direction: WayThrough
  busy: boolean
  mayOverride: boolean
  onNext: () => void
  onAdmit: (ticket: string) => void
  onOverride: () => void
  onUndo: () => void
}) {
  const { t } = useTranslation()
  const seatName = useSeatName()
  const { ticket, previous } = answer
  const why = whyOf(answer)
  const type =
    ticket && (show.ticket_types.find(({ id }) => id === ticket.ticket_type)?.name ?? ticket.ticket_type)

  const who = ticket && (
    <div className="mt-5 flex flex-col gap-1 text-2xl leading-snug">
      {ticket.holder !== null && <p className="font-bold">{ticket.holder}</p>}
      <p className="font-semibold">{type}</p>
      {ticket.seat !== null && <p>{seatName(ticket.seat)}</p>}
      {ticket.persons > 1 && <p className="font-bold">{t('door.persons', { count: ticket.persons })}</p>}
      {ticket.notes !== null && ticket.notes !== '' && <p className="text-xl">{ticket.notes}</p>}
      <p className="font-mono text-xl opacity-90">{ticket.short_code}</p>
    </div>
  )
  const before = previous && (
    <p className="mt-4 text-xl">
      {t(previous.gate === null ? 'door.previous' : 'door.previous_at', {
        time: formatClock(previous.at, show.timezone, new Date(answer.at ?? previous.at)),
        gate: previous.gate ?? '',
      })}
    </p>
  )
  const next = (look: string) => (
    <button type="button" className={cx(action, look)} onClick={onNext} autoFocus>
      {t('door.next')}
    </button>
  )

  switch (answer.result) {
    case 'admitted':
      return (
        <Screen
          tone="go"
          icon={
            direction === 'out' ? (
              <LogOut aria-hidden className="size-14" />
            ) : (
              <Check aria-hidden strokeWidth={3} className="size-16" />
            )
          }
          title={t(answer.undone ? 'door.undone' : direction === 'out' ? 'door.out' : 'door.admitted')}
          onTap={onNext}
          actions={
            <>
              <button type="button" className={cx(action, 'bg-black/25 text-lg!')} onClick={onUndo}>
                {t('door.undo.action')}
              </button>
              {next('bg-white text-[#0a6636]')}
            </>
          }
        >
          {who}
          {before}
          {answer.persons_left !== null && answer.persons_left > 0 && (
            <p className="mt-2 text-xl">{t('door.persons_left', { count: answer.persons_left })}</p>
          )}
        </Screen>
      )
    case 'confirm':
      return (
        <Screen
          tone="look"
          icon={<CircleHelp aria-hidden className="size-16" />}
          title={t('door.confirm')}
          actions={
            <>
              <button type="button" className={cx(action, 'bg-black/10')} onClick={onNext}>
                {t('door.confirm_no')}
              </button>
              {ticket && (
                <button
                  type="button"
                  autoFocus
                  disabled={busy}
                  className={cx(action, 'bg-[#0a6636] text-white')}
                  onClick={() => {
                    onAdmit(ticket.id)
                  }}
                >
                  {t('door.admit')}
                </button>
              )}
            </>
          }
        >
          {who}
          {before}
        </Screen>
      )
    case 'refused':
    case 'invalid':
      return (
        <Screen
          tone="stop"
          icon={<Ban aria-hidden strokeWidth={2.5} className="size-16" />}
          title={answer.reason === null ? t('door.refused') : t(`door.reason.${answer.reason}`)}
          onTap={onNext}
          actions={
            <>
              {answer.overridable && mayOverride && (
                <button type="button" className={cx(action, 'bg-black/25 text-lg!')} onClick={onOverride}>
                  {t('door.override.action')}
                </button>
              )}
              {why && (
                <WhyLink show={show.id} why={why} className={cx(action, 'gap-2 bg-black/25 text-lg!')}>
                  {t('audit.why.of_refusal')}
                </WhyLink>
              )}
              {next('bg-white text-[#a3131e]')}
            </>
          }
        >
          {answer.say !== '' && <p className="mt-3 text-2xl leading-snug">{answer.say}</p>}
          <p className="mt-4 inline-block rounded-xl bg-black/25 px-4 py-2 text-xl font-bold">
            {t(`door.do.${answer.do}`)}
          </p>
          {before}
          {who}
        </Screen>
      )
  }
}

/** The latest event that a refusal rests on; where there is none, as for a code of nobody, the refusal itself. */
function whyOf({ because, scan }: CheckInAnswer): Why | null {
  const event = because.at(-1)
  if (event !== undefined) return { event }
  return scan === null ? null : { scan }
}

export function TroubleScreen({ message, onNext }: { message: string; onNext: () => void }) {
  const { t } = useTranslation()
  return (
    <Screen
      tone="trouble"
      icon={<TriangleAlert aria-hidden className="size-16" />}
      title={t('door.trouble')}
      onTap={onNext}
      actions={
        <button type="button" autoFocus className={cx(action, 'bg-white text-[#2e3138]')} onClick={onNext}>
          {t('door.next')}
        </button>
      }
    >
      <p className="mt-3 text-xl">{message}</p>
    </Screen>
  )
}

function Screen({
  tone,
  icon,
  title,
  children,
  actions,
  onTap,
}: {
  tone: Tone
  icon: ReactNode
  title: string
  children: ReactNode
  actions: ReactNode
  onTap?: () => void
}) {
  const shade = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // The whole field is "next", as a shortcut for a thumb; keyboards and screen readers have the button.
    const element = shade.current
    if (!element || !onTap) return
    const tap = () => {
      onTap()
    }
    element.addEventListener('click', tap)
    return () => {
      element.removeEventListener('click', tap)
    }
  }, [onTap])
  return (
    <section
      aria-label={title}
      data-tone={tone}
      className={cx('fixed inset-0 z-20 flex flex-col', tones[tone])}
    >
      <div ref={shade} className="min-h-0 flex-1 overflow-y-auto px-6 pt-8 pb-4 sm:px-12">
        <div className="mx-auto max-w-2xl">
          {icon}
          <h2 className="mt-3 text-4xl leading-tight font-extrabold sm:text-5xl">{title}</h2>
          {children}
        </div>
      </div>
      <div className="mx-auto grid w-full max-w-2xl shrink-0 gap-3 px-4 pt-2 pb-[calc(1rem+env(safe-area-inset-bottom))]">
        {actions}
      </div>
    </section>
  )
}

/**
 * The door's keypad as a pure state machine. A code is checked by itself when its last digit is typed; the
 * scan's id is made here, on the device, and stays the same through every retry, so a lost answer can never
 * admit twice. While an answer is shown, the next digit starts the next person.
 */
export type Credential =
  { kind: 'code'; short_code: string } | { kind: 'token'; token: string } | { kind: 'ticket'; ticket: string }

export interface Scan {
  id: string
  credential: Credential
  /** Why somebody is let in although the rules say no. */
  override: string | null
}

export type KeypadState<Answer> =
  | { phase: 'entering'; digits: string }
  | { phase: 'checking'; digits: string; scan: Scan; attempt: number; unreachable: boolean }
  | { phase: 'answered'; scan: Scan; answer: Answer }
  | { phase: 'failed'; scan: Scan; message: string }

export type KeypadEvent<Answer> =
  | { type: 'digit'; digit: string; scanId: string }
  | { type: 'backspace' }
  | { type: 'clear' }
  | { type: 'enter'; scanId: string }
  | { type: 'scanned'; token: string; scanId: string }
  | { type: 'resend'; scan: Scan }
  | { type: 'answered'; scanId: string; answer: Answer }
  | { type: 'unreachable'; scanId: string }
  | { type: 'failed'; scanId: string; message: string }

export const idle = { phase: 'entering', digits: '' } as const

/** Up to this many digits a scanner or a keyboard may hand over at once without a known length. */
const DIGITS_MAX = 8

export function keypad<Answer>(
  state: KeypadState<Answer>,
  event: KeypadEvent<Answer>,
  codeLength: number | null,
): KeypadState<Answer> {
  switch (event.type) {
    case 'digit': {
      if (state.phase === 'checking' || !/^\d$/.test(event.digit)) return state
      const digits = (state.phase === 'entering' ? state.digits : '') + event.digit
      if (digits.length > (codeLength ?? DIGITS_MAX)) return state
      return digits.length === codeLength ? checkCode(digits, event.scanId) : { phase: 'entering', digits }
    }
    case 'backspace':
      if (state.phase === 'entering') return { phase: 'entering', digits: state.digits.slice(0, -1) }
      return state.phase === 'checking' ? state : idle
    case 'clear':
      // A scan on its way stays: giving it up would hide a person who was admitted.
      return state.phase === 'checking' && !state.unreachable ? state : idle
    case 'enter':
      if (state.phase === 'answered' || state.phase === 'failed') return idle
      if (state.phase === 'checking' || state.digits === '') return state
      return codeLength === null ? checkCode(state.digits, event.scanId) : state
    case 'scanned':
      if (state.phase === 'checking') return state
      return check(
        { id: event.scanId, credential: { kind: 'token', token: event.token }, override: null },
        '',
      )
    case 'resend':
      return state.phase === 'checking' ? state : check(event.scan, '')
    case 'answered':
      if (state.phase !== 'checking' || state.scan.id !== event.scanId) return state
      return { phase: 'answered', scan: state.scan, answer: event.answer }
    case 'unreachable':
      if (state.phase !== 'checking' || state.scan.id !== event.scanId) return state
      return { ...state, attempt: state.attempt + 1, unreachable: true }
    case 'failed':
      if (state.phase !== 'checking' || state.scan.id !== event.scanId) return state
      return { phase: 'failed', scan: state.scan, message: event.message }
  }
}

function checkCode<Answer>(digits: string, scanId: string): KeypadState<Answer> {
  return check({ id: scanId, credential: { kind: 'code', short_code: digits }, override: null }, digits)
}

function check<Answer>(scan: Scan, digits: string): KeypadState<Answer> {
  return { phase: 'checking', digits, scan, attempt: 0, unreachable: false }
}

/** Milliseconds before the next try: soon at first, then every five seconds, for as long as it takes. */
export function retryDelay(attempt: number): number {
  return Math.min(5_000, 500 * 2 ** Math.max(0, attempt - 1))
}

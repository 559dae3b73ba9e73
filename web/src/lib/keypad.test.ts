import { describe, expect, it } from 'vitest'
import { idle, keypad, retryDelay, type KeypadEvent, type KeypadState } from './keypad'

type State = KeypadState<string>
type Event = KeypadEvent<string>

function run(events: Event[], length: number | null = 4, start: State = idle): State {
  return events.reduce((state, event) => keypad(state, event, length), start)
}
const typed = (digits: string): Event[] =>
  digits.split('').map((digit, at) => ({ type: 'digit', digit, scanId: `scan-${at}` }))

describe('the keypad', () => {
  it('checks a code by itself when its last digit is typed, with a scan made on the device', () => {
    expect(run(typed('012'))).toEqual({ phase: 'entering', digits: '012' })
    expect(run(typed('0123'))).toEqual({
      phase: 'checking',
      digits: '0123',
      scan: { id: 'scan-3', credential: { kind: 'code', short_code: '0123' }, override: null },
      attempt: 0,
      unreachable: false,
    })
  })
  it('takes back digits, one or all', () => {
    expect(run([...typed('012'), { type: 'backspace' }])).toEqual({ phase: 'entering', digits: '01' })
    expect(run([...typed('012'), { type: 'clear' }])).toEqual(idle)
    expect(run([{ type: 'backspace' }])).toEqual(idle)
  })
  it('ignores digits while a code is being checked', () => {
    const checking = run(typed('0123'))
    expect(run(typed('9'), 4, checking)).toBe(checking)
    expect(run([{ type: 'scanned', token: 'x', scanId: 'other' }], 4, checking)).toBe(checking)
  })
  it('keeps the same scan through every retry', () => {
    const lost = run([
      ...typed('0123'),
      { type: 'unreachable', scanId: 'scan-3' },
      { type: 'unreachable', scanId: 'scan-3' },
    ])
    expect(lost).toMatchObject({ phase: 'checking', attempt: 2, unreachable: true, scan: { id: 'scan-3' } })
  })
  it('cannot be cleared while an answer may still come, unless the network is gone', () => {
    const checking = run(typed('0123'))
    expect(run([{ type: 'clear' }], 4, checking)).toBe(checking)
    expect(run([{ type: 'unreachable', scanId: 'scan-3' }, { type: 'clear' }], 4, checking)).toEqual(idle)
  })
  it('shows an answer until the next digit, which starts the next person', () => {
    const answered = run([...typed('0123'), { type: 'answered', scanId: 'scan-3', answer: 'admitted' }])
    expect(answered).toMatchObject({ phase: 'answered', answer: 'admitted' })
    expect(run(typed('7'), 4, answered)).toEqual({ phase: 'entering', digits: '7' })
    expect(run([{ type: 'enter', scanId: 's' }], 4, answered)).toEqual(idle)
    expect(run([{ type: 'clear' }], 4, answered)).toEqual(idle)
  })
  it('drops an answer to another scan', () => {
    const checking = run(typed('0123'))
    expect(run([{ type: 'answered', scanId: 'older', answer: 'admitted' }], 4, checking)).toBe(checking)
  })
  it('waits for Enter where the length of codes is not known', () => {
    const entered = run(typed('01234'), null)
    expect(entered).toEqual({ phase: 'entering', digits: '01234' })
    expect(run([{ type: 'enter', scanId: 'e' }], null, entered)).toMatchObject({
      phase: 'checking',
      scan: { id: 'e', credential: { short_code: '01234' } },
    })
  })
  it('takes a scanned token at any moment but while checking', () => {
    expect(run([...typed('01'), { type: 'scanned', token: 'a.b.c', scanId: 's' }])).toMatchObject({
      phase: 'checking',
      digits: '',
      scan: { id: 's', credential: { kind: 'token', token: 'a.b.c' } },
    })
  })
  it('says what could not be sent, and goes on', () => {
    const failed = run([...typed('0123'), { type: 'failed', scanId: 'scan-3', message: 'no' }])
    expect(failed).toMatchObject({ phase: 'failed', message: 'no' })
    expect(run(typed('5'), 4, failed)).toEqual({ phase: 'entering', digits: '5' })
  })
  it('retries soon at first, then every five seconds', () => {
    expect([1, 2, 3, 9].map(retryDelay)).toEqual([500, 1000, 2000, 5000])
  })
})

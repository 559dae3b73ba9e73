import { useEffect, useEffectEvent, useReducer, useRef } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import { keys } from '@/api/keys'
import { ApiProblem, isPassing } from '@/api/problem'
import type { CheckInAnswer } from '@/api/types'
import { idle, keypad, retryDelay, type KeypadEvent, type KeypadState } from '@/lib/keypad'
import { newUuid } from '@/lib/uuid'
import { looksComplete, WEDGE_PAUSE_MS, wedgeKey } from '@/lib/wedge'
import { sendScan, type WayThrough } from './queries'
import type { Place } from './place'

export type DoorState = KeypadState<CheckInAnswer>
export type DoorEvent = KeypadEvent<CheckInAnswer>

/** The state machine of the keypad, with what surrounds it: sending, sending again, keyboard and scanner. */
export function useDoor(
  show: string,
  codeLength: number | null,
  direction: WayThrough,
  place: Place | null,
  explain: (error: unknown) => string,
  listening: boolean,
  /** Whether digits are a code; where they are not, only scanners are heard. */
  typed = true,
): [DoorState, (event: DoorEvent) => void] {
  const cache = useQueryClient()
  const [state, dispatch] = useReducer(
    (before: DoorState, event: DoorEvent): DoorState => keypad(before, event, codeLength),
    idle,
  )

  const scan = state.phase === 'checking' ? state.scan : null
  const attempt = state.phase === 'checking' ? state.attempt : 0
  const send = useEffectEvent(async (id: string, given: () => boolean) => {
    if (!scan) return
    try {
      const answer = await sendScan(show, scan, direction, place)
      if (given()) dispatch({ type: 'answered', scanId: id, answer })
      void cache.invalidateQueries({ queryKey: keys.attendance(show) })
    } catch (error) {
      if (!given()) return
      const again = isPassing(error) || (error instanceof ApiProblem && error.status === 429)
      dispatch(
        again ? { type: 'unreachable', scanId: id } : { type: 'failed', scanId: id, message: explain(error) },
      )
    }
  })
  const scanId = scan?.id ?? null
  useEffect(() => {
    if (scanId === null) return
    let given = true
    const timer = setTimeout(() => void send(scanId, () => given), attempt === 0 ? 0 : retryDelay(attempt))
    return () => {
      given = false
      clearTimeout(timer)
    }
  }, [scanId, attempt])

  const buffer = useRef('')
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!listening || event.ctrlKey || event.metaKey || event.altKey) return
    const target = event.target
    if (target instanceof HTMLElement && target.closest('input, select, textarea, [role=dialog]')) return
    if (buffer.current === '') {
      if (event.key === 'Backspace') {
        dispatch({ type: 'backspace' })
        return
      }
      if (event.key === 'Escape') {
        dispatch({ type: 'clear' })
        return
      }
    }
    const key = wedgeKey(buffer.current, event.key)
    switch (key.to) {
      case 'keypad':
        if (!typed) return
        // Enter on a focused button is that button's.
        if (event.key === 'Enter') {
          if (target instanceof HTMLElement && target.closest('button, a')) return
          dispatch({ type: 'enter', scanId: newUuid() })
        } else dispatch({ type: 'digit', digit: event.key, scanId: newUuid() })
        break
      case 'token':
        buffer.current = key.buffer
        break
      case 'submit':
        event.preventDefault()
        buffer.current = ''
        dispatch({ type: 'scanned', token: key.token, scanId: newUuid() })
        break
      case 'nobody':
        break
    }
  })
  useEffect(() => {
    let pause: ReturnType<typeof setTimeout> | undefined
    const listen = (event: KeyboardEvent) => {
      onKey(event)
      clearTimeout(pause)
      pause = setTimeout(() => {
        // Scanners without Enter just stop; a few stray letters are forgotten.
        if (looksComplete(buffer.current))
          dispatch({ type: 'scanned', token: buffer.current, scanId: newUuid() })
        buffer.current = ''
      }, WEDGE_PAUSE_MS)
    }
    globalThis.addEventListener('keydown', listen)
    return () => {
      clearTimeout(pause)
      globalThis.removeEventListener('keydown', listen)
    }
  }, [])

  return [state, dispatch]
}

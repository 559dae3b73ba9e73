import { QueryClient } from '@tanstack/react-query'
import { describe, expect, it } from 'vitest'
import { keys } from './keys'
import { applyLiveMessage, caughtUpSeats, readLiveMessage, withChanges, type LiveMessage } from './live'
import type { Seats } from './types'

const message = (position: number, seats: LiveMessage['seats']): LiveMessage => ({
  position,
  reset: false,
  seats,
  availability: null,
  attendance: null,
})
const seats = (state: Seats['seats']): Seats => ({ seats: state, mine: [] })

describe('live messages', () => {
  it('change seats, and free them again', () => {
    expect(withChanges(seats({ 'A-1-1': 'held' }), { 'A-1-1': null, 'A-1-2': 'sold' })).toEqual(
      seats({ 'A-1-2': 'sold' }),
    )
  })
  it('go straight into what the page shows', () => {
    const cache = new QueryClient()
    cache.setQueryData(keys.seats('one'), seats({}))
    applyLiveMessage(cache, 'one', message(5, { 'A-1-1': 'sold' }))
    expect(cache.getQueryData(keys.seats('one'))).toEqual(seats({ 'A-1-1': 'sold' }))
  })
  it('are laid over an answer that is older than they are, and not over a newer one', () => {
    const cache = new QueryClient()
    applyLiveMessage(cache, 'two', message(5, { 'A-1-1': 'sold' }))
    applyLiveMessage(cache, 'two', message(7, { 'A-1-2': 'held' }))
    expect(caughtUpSeats('two', 4, seats({}))).toEqual(seats({ 'A-1-1': 'sold', 'A-1-2': 'held' }))
    expect(caughtUpSeats('two', 5, seats({}))).toEqual(seats({ 'A-1-2': 'held' }))
    expect(caughtUpSeats('two', 7, seats({}))).toEqual(seats({}))
  })
  it('make everything stale when the gap was too long', () => {
    const cache = new QueryClient()
    cache.setQueryData(keys.seating('three'), { sections: [] })
    applyLiveMessage(cache, 'three', { ...message(9, {}), reset: true })
    expect(cache.getQueryState(keys.seating('three'))?.isInvalidated).toBe(true)
  })
  it('are dropped when they are not understood', () => {
    expect(readLiveMessage('{"position":1}')).toBeNull()
    expect(readLiveMessage('nonsense')).toBeNull()
    expect(readLiveMessage(JSON.stringify(message(1, { 'A-1-1': 'sold' })))).not.toBeNull()
  })
})

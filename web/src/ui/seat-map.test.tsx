import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, it, vi } from 'vitest'
import { placeSeats } from '@/lib/seat-map'
import { SeatMap } from './seat-map'

const row = (label: string) => ({
  label,
  seats: ['1', '2', '3'].map((seat) => ({ seat, x: null, y: null, category: null, features: [] })),
})
const plan = placeSeats([{ name: 'Stalls', rows: [row('1'), row('2')] }])

const words = {
  map: 'Seat map',
  help: '',
  zoomIn: 'in',
  zoomOut: 'out',
  whole: 'whole',
  sections: 's',
  front: 'f',
}

it('is one stop for Tab, walked through by arrows, and chooses by Enter', async () => {
  const onToggle = vi.fn()
  render(
    <SeatMap
      plan={plan}
      lookOf={(seat) => (seat.seat === '2' ? 'sold' : 'free')}
      nameOf={(seat, look) => `row ${seat.row} seat ${seat.seat}, ${look}`}
      colourOf={() => 'category-none'}
      onToggle={onToggle}
      words={words}
    />,
  )
  await userEvent.tab()
  expect(screen.getByRole('button', { name: 'row 1 seat 1, free' })).toHaveFocus()
  await userEvent.keyboard('{ArrowRight}{ArrowDown}')
  expect(screen.getByRole('button', { name: 'row 2 seat 2, sold' })).toHaveFocus()
  expect(screen.getByRole('button', { name: 'row 2 seat 2, sold' })).toHaveAttribute('aria-disabled', 'true')
  await userEvent.keyboard('{ArrowRight}{Enter}')
  expect(onToggle).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ address: 'Stalls-2-3' }))
  await userEvent.tab()
  expect(screen.getByRole('button', { name: 'in' })).toHaveFocus()
})

it('draws a crowd that is only looked at as one picture, and is walked through all the same', async () => {
  // jsdom draws nothing.
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null)
  const seats = Array.from({ length: 50 }, (_, at) => ({
    ...{ seat: String(at + 1), x: null, y: null, category: null },
    features: [],
  }))
  const rows = Array.from({ length: 41 }, (_, at) => ({ label: String(at + 1), seats }))
  const onToggle = vi.fn()
  render(
    <SeatMap
      readOnly
      plan={placeSeats([{ name: 'Stalls', rows }])}
      lookOf={() => 'sold'}
      nameOf={(seat, look) => `row ${seat.row} seat ${seat.seat}, ${look}`}
      colourOf={() => 'seats-by-state'}
      onToggle={onToggle}
      words={words}
    />,
  )
  await userEvent.tab()
  expect(screen.getByRole('button', { name: 'row 1 seat 1, sold' })).toHaveFocus()
  await userEvent.keyboard('{ArrowRight}{ArrowDown}')
  expect(screen.getByRole('button', { name: 'row 2 seat 2, sold' })).toHaveFocus()
  expect(screen.getAllByRole('button', { name: /seat/ })).toHaveLength(1)
  await userEvent.keyboard('{Enter}')
  expect(onToggle).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ address: 'Stalls-2-2' }))
})

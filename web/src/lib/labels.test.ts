import { describe, expect, it } from 'vitest'
import { parseLabels } from './labels'

describe('labels of rows and seats', () => {
  const labels = (text: string) => {
    const parsed = parseLabels(text)
    return parsed.ok ? parsed.labels : parsed.problem
  }
  it('are written as ranges, downwards too, and as lists', () => {
    expect(labels('1–4')).toEqual(['1', '2', '3', '4'])
    expect(labels('3-1')).toEqual(['3', '2', '1'])
    expect(labels('A–C, H, 7')).toEqual(['A', 'B', 'C', 'H', '7'])
  })
  it('are refused with the reason', () => {
    expect(labels('')).toBe('empty')
    expect(labels('1–')).toBe('not_understood')
    expect(labels('A–12')).toBe('not_understood')
    expect(labels('1-3, 2')).toBe('twice')
    expect(labels('1-999999')).toBe('too_many')
  })
})

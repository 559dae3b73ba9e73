/** The bundle's events a page at a time, read from the file when they are looked at. */
import { el } from './element'
import { readLine } from './export-line'
import type { Words } from './words'

const PAGE = 50

/** Which page is looked at; it stays when the words change. */
export interface Place {
  first: number
}

export function eventList(events: Blob, starts: Float64Array, place: Place, words: Words): Node {
  const count = starts.length - 1
  const list = el('ol', {})
  const range = el('span', { role: 'status' })
  const earlier = el('button', { type: 'button' }, words.earlier)
  const later = el('button', { type: 'button' }, words.later)
  const go = el('input', { id: 'go', type: 'number', min: '1', max: String(count) })

  const show = async (from: number) => {
    const first = Math.max(0, Math.min(from, count - 1))
    place.first = first
    const end = Math.min(count, first + PAGE)
    const text = await events.slice(starts[first], starts[end]).text()
    const lines = text.split('\n').filter((line) => line !== '')
    list.start = first + 1
    list.replaceChildren(...lines.map((line) => row(line, words)))
    range.textContent = words.range(first + 1, end, count)
    earlier.disabled = first === 0
    later.disabled = end === count
  }
  earlier.addEventListener('click', () => void show(place.first - PAGE))
  later.addEventListener('click', () => void show(place.first + PAGE))
  go.addEventListener('change', () => void show(Number(go.value) - 1))
  void show(place.first)
  return el(
    'div',
    {},
    el('div', { class: 'bar' }, earlier, later, range, el('label', { for: 'go' }, words.go), go),
    list,
  )
}

function row(text: string, words: Words): Node {
  const line = readLine(text)
  if (!line) return el('li', {}, el('code', {}, text))
  return el(
    'li',
    {},
    el(
      'details',
      {},
      el(
        'summary',
        {},
        el('strong', {}, line.type),
        ` ${line.recorded_at} · ${words.place(line.position)} · ${line.actor}`,
      ),
      el('pre', {}, pretty(line.payload)),
    ),
  )
}

function pretty(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2)
  } catch {
    return payload
  }
}

/**
 * Row and seat labels as people write them: "1–12", "A-F", "1, 3, 5–9". The result is the list of labels, in
 * the order written; a range may run downwards ("12–1").
 */
export const LABELS_MAX = 500

export type Labels =
  { ok: true; labels: string[] } | { ok: false; problem: 'empty' | 'not_understood' | 'too_many' | 'twice' }

export function parseLabels(text: string): Labels {
  const labels: string[] = []
  for (const part of text.split(/[,;]/)) {
    const piece = part.trim()
    if (piece === '') continue
    const expanded = expand(piece)
    if (!expanded) return { ok: false, problem: 'not_understood' }
    labels.push(...expanded)
    if (labels.length > LABELS_MAX) return { ok: false, problem: 'too_many' }
  }
  if (labels.length === 0) return { ok: false, problem: 'empty' }
  if (new Set(labels).size !== labels.length) return { ok: false, problem: 'twice' }
  return { ok: true, labels }
}

function expand(piece: string): string[] | null {
  const range = /^([^\s–—-]+)\s*[–—-]\s*([^\s–—-]+)$/.exec(piece)
  if (!range) return /[–—-]/.test(piece) ? null : [piece]
  const [first, last] = [range[1] ?? '', range[2] ?? '']
  if (/^\d{1,6}$/.test(first) && /^\d{1,6}$/.test(last)) {
    return span(Number(first), Number(last)).map(String)
  }
  if (/^[A-Za-z]$/.test(first) && /^[A-Za-z]$/.test(last)) {
    return span(first.charCodeAt(0), last.charCodeAt(0)).map((code) => String.fromCharCode(code))
  }
  return null
}

function span(first: number, last: number): number[] {
  const step = first <= last ? 1 : -1
  const length = Math.min(Math.abs(last - first) + 1, LABELS_MAX + 1)
  return Array.from({ length }, (_, index) => first + index * step)
}

/** Where an axis has its marks: at round numbers, whole where what it counts is whole. */
export function niceTicks(low: number, high: number, wanted: number): number[] {
  const span = Math.max(high, 0) - Math.min(low, 0)
  if (span <= 0) return [0, 1]
  const rough = span / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(
    1,
    [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough,
  )
  const first = Math.floor(Math.min(low, 0) / step)
  const last = Math.ceil(Math.max(high, 0) / step)
  return Array.from({ length: last - first + 1 }, (_, at) => (first + at) * step)
}

/** What an axis needs to have them. */
export function niceAxis(
  values: readonly number[],
  wanted: number,
): { ticks: number[]; domain: [number, number]; interval: 0 } {
  const low = values.reduce((least, value) => Math.min(least, value), 0)
  const high = values.reduce((most, value) => Math.max(most, value), 0)
  const ticks = niceTicks(low, high, wanted)
  return { ticks, domain: [ticks[0] ?? 0, ticks.at(-1) ?? 1], interval: 0 }
}

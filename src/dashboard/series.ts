import type { CountsOverTime } from '../operate/schemas/counts.ts'

/** Counts over time, as charts draw them and as tables say them. */

type Span = CountsOverTime['spans'][number]

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, each) => all + each, 0)
const isTaken = (status: string) => status.startsWith('2')

export interface SpanOfTime {
  /** Seconds since 1970. */
  at: number
  received: number
  rejected: number
  taken: number
  failed: number
}

export function seriesOf({ spans }: Pick<CountsOverTime, 'spans'>): SpanOfTime[] {
  return spans.map(each => ({
    at: Date.parse(each.at) / 1000,
    received: each.received,
    rejected: sum(each.rejected),
    ...callsIn(each)
  }))
}

function callsIn({ calls }: Span): { taken: number; failed: number } {
  const taken = Object.entries(calls).reduce((all, [status, many]) => all + (isTaken(status) ? many : 0), 0)
  return { taken, failed: sum(calls) - taken }
}

export interface Totals {
  received: number
  rejected: number
  taken: number
  failed: number
}

export function totalsOf(counts: Pick<CountsOverTime, 'spans'>): Totals {
  const totals: Totals = { received: 0, rejected: 0, taken: 0, failed: 0 }
  for (const each of seriesOf(counts)) {
    totals.received += each.received
    totals.rejected += each.rejected
    totals.taken += each.taken
    totals.failed += each.failed
  }
  return totals
}

/** Rows that say anything; the others are told as one. */
export function withAnything(series: SpanOfTime[]): SpanOfTime[] {
  return series.filter(each => each.received + each.rejected + each.taken + each.failed > 0)
}

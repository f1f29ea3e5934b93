import { cursorOf, type Position, positionIn } from './cursor.ts'
import type { Paged, Reveals, Timed } from './schemas/parts.ts'

/** What a list was asked for, without where in it. */
export function filterOf<Q extends Paged & Reveals>(query: Q): Omit<Q, 'limit' | 'cursor' | 'reveal'> {
  const { limit: _limit, cursor: _cursor, reveal: _reveal, ...filter } = query
  return filter
}

/** Of lists whose position is the id of the last row. */
export function afterId(query: Paged & Reveals): string | undefined {
  const [id] = positionIn(query.cursor, filterOf(query), ['string']) ?? []
  return id === undefined ? undefined : String(id)
}

export function nextOf(query: Paged & Reveals, next: Position | undefined): string | null {
  return next === undefined ? null : cursorOf(next, filterOf(query))
}

/** The inverse of {@link afterId}. @param id of the last row, where there are more */
export function nextAfterId(query: Paged & Reveals, id: string | undefined): string | null {
  return nextOf(query, id === undefined ? undefined : [id])
}

/** Milliseconds since 1970. */
export function rangeOf({ since, until }: Timed): { since?: number; until?: number } {
  return {
    ...(since !== undefined && { since: Date.parse(since) }),
    ...(until !== undefined && { until: Date.parse(until) })
  }
}

import type { Query } from './client.ts'
import type { Desk } from './desk.ts'

/** A part of a list. */
export interface Page<T> {
  data: T[]
  next_cursor: string | null
}

/** As many as the API gives at once. */
const MOST_AT_ONCE = 200
/** Of a filter that fits few: the newest of millions are looked at, and not all of them. */
const MOST_PAGES = 20

/** The first of a list, and whether there are more. @param limit how many at most; undefined: all of them */
export async function listOf<T>(
  desk: Pick<Desk, 'get'>,
  path: string,
  query: Query,
  limit?: number
): Promise<{ rows: T[]; more: boolean }> {
  const rows: T[] = []
  let cursor: string | null = null
  let pages = 0
  do {
    pages += 1
    const left = limit === undefined ? MOST_AT_ONCE : Math.min(MOST_AT_ONCE, limit - rows.length)
    const page: Page<T> = await desk.get(path, { ...query, limit: left, cursor: cursor ?? undefined })
    rows.push(...page.data)
    cursor = page.next_cursor
  } while (cursor !== null && (limit === undefined || (rows.length < limit && pages < MOST_PAGES)))
  return { rows, more: cursor !== null }
}

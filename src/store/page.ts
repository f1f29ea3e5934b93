/** A part of a list. */
export interface Page<Row, Position = string> {
  rows: Row[]
  /** Behind which the next page begins; undefined where nothing more is to come. */
  next: Position | undefined
}

/** The first of the rows, which are one more than `limit` where the list goes on. */
export function pageOf<Row, Position>(
  rows: Row[],
  limit: number,
  positionOf: (last: Row) => Position
): Page<Row, Position> {
  const page = rows.slice(0, limit)
  const last = rows.length > limit ? page.at(-1) : undefined
  return { rows: page, next: last && positionOf(last) }
}

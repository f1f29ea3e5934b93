/** Keys in one statement, at most; SQLite takes 32766 parameters. */
const MOST_KEYS = 4096

/** Reads a list of any length in parts that one statement can take. */
export async function inParts<T, R>(list: T[], read: (part: T[]) => Promise<R[]>): Promise<R[]> {
  const rows: R[] = []
  // One after the other: rows of a large list would otherwise all wait in memory twice.
  for (const part of partsOf(list)) for (const row of await read(part)) rows.push(row)
  return rows
}

/** A list in parts that one statement can take each. */
export function partsOf<T>(list: T[]): T[][] {
  const starts = Array.from({ length: Math.ceil(list.length / MOST_KEYS) }, (_, index) => index * MOST_KEYS)
  return starts.map(start => padded(list.slice(start, start + MOST_KEYS)))
}

/** Lists in steps of doubling length: few statement texts, so the cache of prepared statements works. */
export function padded<T>(list: T[]): T[] {
  const length = 2 ** Math.ceil(Math.log2(list.length))
  return [...list, ...Array<T>(length - list.length).fill(list.at(-1) as T)]
}

/** PostgreSQL takes 65,535 parameters in one statement; this leaves the server something to breathe. */
const MOST_PARAMETERS = 16_384

/**
 * An insert of one row, with nothing behind its values but what is to be done where the row is there already: nothing, or an
 * update that needs no parameters of its own.
 */
const insertOfOneRow =
  /^(insert into "\w+" \(("\w+"(?:, "\w+")*)\)(?: overriding system value)? values )\(([^()]*)\)( on conflict do nothing| on conflict \(([^()]*)\) do update set [^$]*)?$/

/** One statement for several rows. */
export interface ManyRows {
  sql: string
  parameters: unknown[]
  rows: number
}

/**
 * The same insert for several rows at once, in as many statements as it needs; undefined where it is no plain insert, or
 * where one row would update another one of them.
 * A row each costs a message each way; two hundred of them in one statement a tenth of that.
 */
export function insertOfMany(
  sql: string,
  rows: readonly (readonly unknown[])[],
  returning = ''
): ManyRows[] | undefined {
  const [, head, columns, values, tail = '', target] = insertOfOneRow.exec(sql) ?? []
  if (head === undefined || columns === undefined || values === undefined) return undefined
  if (target !== undefined && !areApart(rows, columns, values, target)) return undefined
  const [first = []] = rows
  const width = first.length
  const perStatement = Math.max(1, Math.floor(MOST_PARAMETERS / Math.max(1, width)))
  const statements: ManyRows[] = []
  for (let start = 0; start < rows.length; start += perStatement) {
    const part = rows.slice(start, start + perStatement)
    statements.push({
      sql: `${head}${tuplesFor(part.length, values, width)}${tail}${returning}`,
      parameters: part.flat(),
      rows: part.length
    })
  }
  return statements
}

/** Whether no two rows have the same values in the columns by which a row is known. */
function areApart(
  rows: readonly (readonly unknown[])[],
  columns: string,
  values: string,
  target: string
): boolean {
  const written = values.split(', ')
  const positions = columns
    .split(', ')
    .flatMap((column, index) => (target.split(', ').includes(column) ? [written[index]] : []))
    // What is no parameter is the same in each row.
    .flatMap(value => (value?.startsWith('$') ? [Number(value.slice(1)) - 1] : []))
  const names = rows.map(row => JSON.stringify(positions.map(position => row[position])))
  return new Set(names).size === rows.length
}

/** By the values of the first row: the tuples of all rows so far, as writing their numbers takes as long as sending them. */
const tuplesOf = new Map<string, string[]>()

function tuplesFor(rows: number, values: string, width: number): string {
  const tuples = tuplesOf.get(values) ?? []
  tuplesOf.set(values, tuples)
  while (tuples.length < rows) tuples.push(`(${numberedFrom(values, tuples.length * width)})`)
  return tuples.slice(0, rows).join(', ')
}

/** `$1, $2` counted on from an offset; what is no parameter stays. */
function numberedFrom(values: string, offset: number): string {
  return offset === 0 ? values : values.replace(/\$(\d+)/g, (_, number) => `$${Number(number) + offset}`)
}

/** The first column of the insert, by which the rows of one are told apart. */
export function firstColumn(sql: string): string | undefined {
  return /^insert into "\w+" \("(\w+)"/.exec(sql)?.[1]
}

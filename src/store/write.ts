import { type Compilable, type CompiledQuery, type RawBuilder, sql } from 'kysely'

/** One statement of an atomic commit, run once for each row of parameters. One that reads may be held to what it finds. */
export interface Write {
  sql: string
  rows: readonly (readonly unknown[])[]
  /** Rows that all runs together must touch; any other number undoes the whole commit. */
  expect?: number | undefined
  /** What it changes matters to nobody, should nothing else of the commit come to count. What only reads is so by itself. */
  harmless?: boolean
  /** Whether the statement gives rows back. */
  returning: boolean
}

export interface WriteResult {
  changes: number
  rows: Record<string, unknown>[]
}

export type Committed = { committed: true; results: WriteResult[] } | { committed: false }

/** What each statement touched; of a commit that was undone, nothing. */
export function resultsOf(committed: Committed): WriteResult[] {
  return committed.committed ? committed.results : []
}

/** A built query as one statement of a commit. */
export function write(query: Compilable, options: { expect?: number; harmless?: true } = {}): Write {
  const compiled = query.compile()
  return {
    sql: compiled.sql,
    rows: [compiled.parameters],
    expect: options.expect,
    ...(options.harmless && { harmless: true }),
    returning: returnsRows(compiled)
  }
}

/** Text whose type nothing else in a statement tells: an engine that types its parameters has to be told. */
export function text(value: string | null): RawBuilder<string | null> {
  return sql`cast(${value} as text)`
}

/** As {@link text}. */
export function number(value: number): RawBuilder<number> {
  return sql`cast(${value} as bigint)`
}

/** A place for a value in a prepared statement. */
class Slot {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/**
 * Compiles a hot statement once. `build` gets an object whose members stand for the values of a row; every later use
 * only arranges parameters, which is a hundred times cheaper than building the query again.
 */
export function prepare<Row extends object>(build: (slots: Row) => Compilable): (rows: Row[]) => Write {
  let compiled: CompiledQuery | undefined
  return rows => {
    compiled ??= build(new Proxy({}, { get: (_target, name) => new Slot(String(name)) }) as Row).compile()
    const { sql, parameters } = compiled
    const parametersOf = (row: Row) =>
      parameters.map(value => (value instanceof Slot ? (row as Record<string, unknown>)[value.name] : value))
    return { sql, rows: rows.map(parametersOf), returning: returnsRows(compiled) }
  }
}

function returnsRows(compiled: CompiledQuery): boolean {
  if (compiled.query.kind === 'SelectQueryNode') return true
  return 'returning' in compiled.query && compiled.query.returning !== undefined
}

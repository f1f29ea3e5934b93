import type { Committed, Write } from './write.ts'

/** Writes that are to be one atomic commit, and whoever waits for it. */
export interface Group {
  writes: Write[]
  resolve(committed: Committed): void
  reject(error: unknown): void
}

/** Groups that are one run of the same statement. */
export interface Folded {
  groups: Group[]
  rows: (readonly unknown[])[]
}

/** The row of a group that is nothing but one run of one statement, whatever it touches. */
export function singleRun({ writes }: Group): { sql: string; row: readonly unknown[] } | undefined {
  const [first, second] = writes
  const [row, another] = first?.rows ?? []
  if (first === undefined || row === undefined || second !== undefined || another !== undefined)
    return undefined
  return first.returning || first.expect !== undefined ? undefined : { sql: first.sql, row }
}

/** Groups that are one run of one statement apart from the others, by statement. */
export function folded(batch: Group[]): { groups: Group[]; runs: Map<string, Folded> } {
  const groups: Group[] = []
  const runs = new Map<string, Folded>()
  for (const each of batch) {
    const single = singleRun(each)
    if (single === undefined) {
      groups.push(each)
      continue
    }
    const run = runs.get(single.sql) ?? { groups: [], rows: [] }
    runs.set(single.sql, run)
    run.groups.push(each)
    run.rows.push(single.row)
  }
  return { groups, runs }
}

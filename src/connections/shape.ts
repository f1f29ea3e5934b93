import type { TObject } from '@sinclair/typebox'
import { Value, ValueErrorType } from '@sinclair/typebox/value'
import { isMembers, type Members } from '../model/members.ts'
import { advice, steps } from './advice.ts'
import type { Path, Problem } from './file.ts'

/** An entry of one of the file's lists, whose members may have any shape still, and where it stands. */
export interface Entry {
  path: Path
  members: Members
}

/** The entries of a list; one that is no set of members counts as an empty one, and the schema says so. */
export function entriesOf(file: unknown, list: 'workspaces' | 'connections'): Entry[] {
  const entries = isMembers(file) ? file[list] : undefined
  if (!Array.isArray(entries)) return []
  return entries.map((entry, index) => ({ path: [list, index], members: isMembers(entry) ? entry : {} }))
}

/**
 * What does not fit a schema.
 * @param path where the value stands
 * @param written the value as it stands in the file, where it was reshaped for the schema
 */
export function misfits(schema: TObject, value: unknown, path: Path = [], written = value): Problem[] {
  return [...Value.Errors(schema, value)].map(error => ({
    path: [...path, ...pathTo(error.path, written)],
    message: advice(error),
    ...(error.type === ValueErrorType.ObjectMinProperties && { lacks: true })
  }))
}

function pathTo(pointer: string, written: unknown): Path {
  const path: Path = []
  let current = written
  for (const step of steps(pointer)) {
    if (typeof current !== 'object' || current === null) break
    path.push(Array.isArray(current) ? Number(step) : step)
    current = (current as Members)[step]
  }
  return path
}

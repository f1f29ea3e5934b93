import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { ReadFile } from '../config/environment.ts'
import type { SampleBody } from '../model/connection.ts'

/** Files that a pattern means, seen from a folder; none where there is no such folder. */
export type FindFiles = (pattern: string, folder: string) => string[]

export const findFiles: FindFiles = (pattern, folder) => globSync(pattern, { cwd: folder })

/**
 * The operator's sample bodies, in the order of their names. They are for trying things out, so nothing depends on them:
 * a file that cannot be read counts as empty, which whoever looks at it is told.
 */
export function readSamples(
  pattern: string | undefined,
  connectionsFile: string,
  { readFile, findFiles: find }: { readFile: ReadFile; findFiles: FindFiles }
): SampleBody[] {
  if (pattern === undefined) return []
  const folder = dirname(connectionsFile)
  return find(pattern, folder)
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map(file => ({ file: basename(file), text: textOf(join(folder, file), readFile) }))
}

function textOf(path: string, readFile: ReadFile): string {
  try {
    return readFile(path)
  } catch {
    return ''
  }
}

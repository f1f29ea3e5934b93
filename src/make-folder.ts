import { existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * A folder and those around it, where they are not there yet. Each by itself: Node's `recursive` tries for ever where the
 * system says that there is nothing although the folder around it is there, as it does under /proc.
 * @throws whatever the file system says
 */
export function makeFolder(folder: string): void {
  if (isFolder(folder)) return
  const around = dirname(folder)
  if (!existsSync(around)) makeFolder(around)
  try {
    mkdirSync(folder)
  } catch (error) {
    // Made meanwhile, by another process or as the way to it.
    if (!isFolder(folder)) throw error
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

import { statSync } from 'node:fs'

/**
 * The file that stands at a path, whatever its name: it stays the same while it is written, and no two have the same at a time.
 * @returns undefined where there is none, and for `:memory:`
 */
export function fileAt(path: string): string | undefined {
  if (path === ':memory:') return undefined
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}

/**
 * A file that is removed or replaced goes on taking commits for as long as somebody has it open, and is gone with the process.
 * @param opened what {@link fileAt} said when it was opened @throws where it is not in its place any more
 */
export function refuseElsewhere(path: string, opened: string | undefined): void {
  if (fileAt(path) === opened) return
  throw new Error(
    'its file was removed, moved or replaced while the relay ran; put it back with the -wal file beside it, or restore a backup and start the relay again'
  )
}

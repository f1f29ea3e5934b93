import { existsSync, watch } from 'node:fs'
import { dirname } from 'node:path'

/** Resolves when there is nothing of that name any more. */
export function whenGone(path: string): Promise<void> {
  return new Promise(resolve => {
    const watcher = watch(dirname(path), look)
    look()
    function look() {
      if (existsSync(path)) return
      watcher.close()
      resolve()
    }
  })
}

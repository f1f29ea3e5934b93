import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/**
 * SIGSTOP to a process and to all it started, until there is none that still runs: what was being started while the first were
 * stopped is met in the next round.
 * @returns who was stopped, the process itself first
 */
export function freeze(pid: number): number[] {
  const stopped = [pid]
  signal(stopped, 'SIGSTOP')
  for (;;) {
    const others = childrenOf(pid).filter(child => !stopped.includes(child))
    if (others.length === 0) return stopped
    signal(others, 'SIGSTOP')
    stopped.push(...others)
  }
}

/** Whoever is gone already needs no signal. */
export function signal(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

function childrenOf(pid: number): number[] {
  // The images of Node without much else have no `ps`; macOS has no /proc.
  if (process.platform === 'linux') {
    const list = `/proc/${pid}/task/${pid}/children`
    return existsSync(list) ? numbers(readFileSync(list, 'utf8').trim().split(' ')) : []
  }
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const rows = table.map(line => line.trim().split(/\s+/))
  return numbers(rows.filter(([, parent]) => parent === String(pid)).map(([child = '']) => child))
}

const numbers = (words: string[]) => words.filter(word => word !== '').map(Number)

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'

export const bin = join(import.meta.dirname, '../bin/seam-relay.js')

/** A line of the log. */
export interface Logged {
  event: string
  [field: string]: unknown
}

/** `seam-relay start` as a process of its own. */
export interface RelayProcess {
  pid: number
  origin: string
  /** Everything it has written to standard output so far. */
  output(): string
  /** Told of every line logged from now on. */
  onLogged(listener: (line: Logged) => void): void
  /** The first line of this event, also one that was logged before. @throws where the process ends without it */
  logged(event: string): Promise<Logged>
  kill(signal: NodeJS.Signals): void
  exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

export interface RunOptions {
  cwd: string
  env: Record<string, string>
}

/** A process does in this time whatever it does, even on a machine that is busy with other tests. */
const PATIENCE_MS = 120_000

/**
 * Starts the relay and waits until it listens. It is killed with the test.
 * @throws where it ends before
 */
export async function runRelay(t: Test, options: RunOptions): Promise<RelayProcess> {
  const { child, lines, exited } = spawnRelay(options)
  t.teardown(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const seen: Logged[] = []
  const listeners = new Set<(line: Logged) => void>()
  let output = ''
  const listening = Promise.withResolvers<string>()
  lines.on('line', line => {
    output += `${line}\n`
    const greeting = /listens on (http:\S+)/.exec(line)
    if (greeting?.[1] !== undefined) listening.resolve(greeting[1])
    if (!line.startsWith('{')) return
    const logged: Logged = JSON.parse(line)
    seen.push(logged)
    for (const listener of listeners) listener(logged)
  })
  const ended = exited.then(({ code, signal }) =>
    Promise.reject(new Error(`the relay ended with ${code ?? signal}:\n${output}`))
  )
  ended.catch(() => undefined)

  return {
    pid: Number(child.pid),
    origin: await within(Promise.race([listening.promise, ended]), 'the relay to listen'),
    output: () => output,
    onLogged: listener => void listeners.add(listener),
    logged(event) {
      const found = new Promise<Logged>(resolve => {
        const look = (line: Logged) => line.event === event && resolve(line)
        seen.forEach(look)
        listeners.add(look)
      })
      return within(Promise.race([found, ended]), `${event} in the log`)
    },
    kill: signal => void child.kill(signal),
    exited
  }
}

/** A command of `seam-relay` that comes to its end by itself. */
export async function runCommand(
  args: string[],
  { cwd, env, node = process.execPath, script = bin }: RunOptions & { node?: string; script?: string }
): Promise<{ code: number | null; signal: NodeJS.Signals | null; out: string; err: string }> {
  const child = spawnNode([script, ...args], { cwd, env }, node)
  child.stdin.end()
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)]
  const [code, signal] = await within(once(child, 'close'), `the end of seam-relay ${args.join(' ')}`)
  return { code, signal, out: await out, err: await err }
}

function spawnRelay({ cwd, env }: RunOptions) {
  const child = spawnNode([bin, 'start'], { cwd, env: { PORT: '0', ...env } })
  child.stderr.pipe(process.stderr)
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }))
  return { child, exited, lines: createInterface(child.stdout) }
}

/** As scripts/with-postgres.ts has it. */
const { NODE_COMPILE_CACHE } = process.env
const compiledOnce = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }

/**
 * A command as people start it. tap would measure every child through NODE_OPTIONS, which it adds to whatever environment
 * a child is given: that makes it slow, breaks some programs, and counts what was built as sources without tests.
 */
export function unmeasured(command: string, args: string[]): [string, string[]] {
  return process.platform === 'win32' ? [command, args] : ['env', ['-u', 'NODE_OPTIONS', command, ...args]]
}

export function spawnNode(args: string[], { cwd, env }: RunOptions, node = process.execPath) {
  return spawn(...unmeasured(node, args), {
    cwd,
    env: { PATH: process.env.PATH, ...compiledOnce, ...env }
  })
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}

/** @throws where it takes longer than {@link PATIENCE_MS} */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`waited too long for ${what}`)), PATIENCE_MS)
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Looks until it sees something. */
export async function eventually<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`waited too long for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

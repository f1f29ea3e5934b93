import { Readable } from 'node:stream'
import type { Test } from 'tap'
import { main, type Terminal } from '../../src/cli/cli.ts'
import type { Input } from '../../src/cli/translate/input.ts'
import { within } from '../run-relay.ts'

export interface Ran {
  code: number
  out: string
  err: string
}

/** A command in this process, with what it wrote. @param input a terminal at which nobody types unless given */
export async function run(args: string[], env: Record<string, string> = {}, input?: Input): Promise<Ran> {
  const terminal = terminalOf(env, input)
  const code = await main(args, terminal)
  return { code, out: terminal.written.out, err: terminal.written.err }
}

export interface Running {
  /** What its first lines say it listens on. */
  origin: string
  /** As far as it has written. */
  out(): string
  /** Ends it. @returns the exit code */
  signal(name: NodeJS.Signals): Promise<number>
}

/** A command that runs until it gets a signal. It ends with the test. */
export async function runUntilSignal(
  t: Test,
  args: string[],
  env: Record<string, string> = {}
): Promise<Running> {
  const terminal = terminalOf(env)
  const ended = main(args, terminal)
  const signal = (name: NodeJS.Signals) => {
    terminal.signal(name)
    return ended
  }
  t.teardown(() => signal('SIGINT'))
  const origin = await within(Promise.race([terminal.listening, ended.then(() => '')]), 'it to listen')
  if (origin === '') throw new Error(`it ended: ${terminal.written.err}`)
  return { origin, out: () => terminal.written.out, signal }
}

function terminalOf(
  env: Record<string, string>,
  input: Input = Object.assign(Readable.from([]), { isTTY: true })
) {
  const written = { out: '', err: '' }
  const listening = Promise.withResolvers<string>()
  const signalled = Promise.withResolvers<NodeJS.Signals>()
  const terminal: Terminal = {
    env,
    out: {
      write(text) {
        written.out += text
        const [, origin] = /listens on (http:[^\s;]+)/.exec(written.out) ?? []
        if (origin !== undefined) listening.resolve(origin)
      }
    },
    err: {
      write(text) {
        written.err += text
      }
    },
    input: () => input,
    signalled: () => signalled.promise
  }
  return { ...terminal, written, listening: listening.promise, signal: signalled.resolve }
}

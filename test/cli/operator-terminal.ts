import { Readable } from 'node:stream'
import { main, type Terminal } from '../../src/cli/cli.ts'
import type { Input } from '../../src/cli/translate/input.ts'
import { within } from '../run-relay.ts'

export interface OperatorTerminal extends Terminal {
  written: { out: string; err: string }
  /** Once the output fits. */
  until(what: RegExp): Promise<void>
  signal(): void
}

export interface TerminalOptions {
  env?: Record<string, string>
  /** Somebody looks, on so many columns. */
  columns?: number
  input?: Input
}

/** A terminal whose output may be waited for, and that may get a signal. */
export function operatorTerminal({ env = {}, columns, input }: TerminalOptions = {}): OperatorTerminal {
  const written = { out: '', err: '' }
  const signalled = Promise.withResolvers<NodeJS.Signals>()
  const waiting = new Set<() => void>()
  const write = (name: 'out' | 'err') => (text: string) => {
    written[name] += text
    for (const look of waiting) look()
  }
  return {
    env,
    out: { write: write('out'), ...(columns !== undefined && { isTTY: true, columns }) },
    err: { write: write('err') },
    input: () => input ?? Object.assign(Readable.from([]), { isTTY: false }),
    signalled: () => signalled.promise,
    written,
    signal: () => signalled.resolve('SIGINT'),
    until(what) {
      const found = Promise.withResolvers<void>()
      const look = () => {
        if (what.test(written.out + written.err)) found.resolve()
      }
      waiting.add(look)
      look()
      return within(found.promise, `${what}; there is ${written.out}${written.err}`)
    }
  }
}

/** A command that runs until it is told to stop. */
export function running(args: string[], options: TerminalOptions) {
  const terminal = operatorTerminal(options)
  return { terminal, ended: main(args, terminal) }
}

/** Somebody who types. */
export function typing(text: string): Input {
  return Object.assign(Readable.from([Buffer.from(text)]), { isTTY: true })
}

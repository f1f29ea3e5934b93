import { existsSync, readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { type Command, CommanderError } from 'commander'
import { RelayError, reasonOf } from '../errors.ts'
import { bareProgram, type Ended, withHealth } from './command-line.ts'
import { endWithReader } from './terminal/reader.ts'
import { signalsTo } from './terminal/signals.ts'
import type { Input } from './translate/input.ts'

/** Standard output, or what stands for it. */
export interface Output {
  write(text: string): unknown
  /** Whether people look at it. */
  isTTY?: boolean
  /** Cells of a line. */
  columns?: number
}

/** What a command line has around it. */
export interface Terminal {
  env: NodeJS.ProcessEnv
  out: Output
  err: { write(text: string): unknown }
  /** Asked for only by what reads it, since even looking at it has effects. */
  input(): Input
  /** Asked for by what runs until it is told to stop: resolves with the first signal. */
  signalled(): Promise<NodeJS.Signals>
}

/** That of this process. */
export const ownTerminal: Terminal = {
  env: process.env,
  out: process.stdout,
  err: process.stderr,
  input: () => process.stdin,
  signalled: signalsTo(process, () => performance.now())
}

/** The exit code for a command line that asks for what there is not. */
const EXIT_USAGE = 2

/** The command line. Settings come from the environment, and those that are not there from the file `.env`. @returns the exit code */
export async function main(args: string[], terminal: Terminal = ownTerminal): Promise<number> {
  let { env } = terminal
  if (terminal === ownTerminal) endWithReader(process.stdout, code => process.exit(code))
  try {
    env = { ...ownSettings(), ...env }
    let code = 0
    const program = await programFor(args, { ...terminal, env }, result => {
      code = result
    })
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    // Commander has said what there is to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
    const { explain } = await import('./explain.ts')
    const { text, exitCode } = explain(error, env)
    terminal.err.write(text)
    return exitCode
  }
}

function ownSettings(): NodeJS.ProcessEnv {
  if (!existsSync('.env')) return {}
  try {
    return parseEnv(readFileSync('.env', 'utf8'))
  } catch (cause) {
    const message = `.env: cannot be read (${reasonOf(cause)}); it must be a file with settings that the relay may read`
    throw new RelayError('RELAY_CONFIG_INVALID', message, { cause })
  }
}

/** Supervisors ask for `health` every few seconds: it is not made to wait for the platforms and for what reads settings. */
async function programFor(args: string[], terminal: Terminal, ended: Ended): Promise<Command> {
  if (args[0] === 'health') return withHealth(bareProgram(terminal), terminal, ended)
  const { programOf } = await import('./program.ts')
  return programOf(terminal, ended)
}

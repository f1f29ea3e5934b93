import { existsSync } from 'node:fs'
import { loadEnvFile } from 'node:process'
import { Command, CommanderError } from 'commander'
import { RelayError } from '../errors.ts'
import { platforms } from '../platforms/registry.ts'
import { check } from './check.ts'
import { migrate } from './migrate.ts'
import { replay } from './replay.ts'
import { sandboxAlone } from './sandbox.ts'
import { send } from './send.ts'
import { start } from './start.ts'

/** The exit code for wrong settings: EX_CONFIG of sysexits.h. */
const EXIT_CONFIG = 78

/** The command line. @returns the exit code */
export async function main(args: string[]): Promise<number> {
  if (existsSync('.env')) loadEnvFile('.env')
  const { env } = process
  const say = (line: string) => void process.stdout.write(`${line}\n`)
  let code = 0
  const run = (work: () => Promise<number> | number) => async () => {
    code = await work()
  }

  const program = new Command('seam-relay')
    .description('Webhooks of booking platforms in, Seam customer data out, in order and without loss.')
    .exitOverride()
    .showHelpAfterError()
  program.command('start').description('run the relay').action(run(() => start({ env, say, signalled: untilSignal() })))
  program
    .command('sandbox')
    .description('run the stand-in for Seam by itself')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on', '3001')
    .option('--file <path>', 'keep the state in this SQLite file')
    .option('--key <key...>', 'API keys it accepts', ['seam_test_sandbox'])
    .action(options => run(() => sandboxAlone({ ...options, say, signalled: untilSignal() }))())
  program
    .command('send <platform> <event>')
    .description('sign a sample as the platform would, post it to the running relay, and show what Seam then holds')
    .option('--connection <id>', 'which connection; the first one of the platform unless told')
    .option('--url <origin>', 'where the relay listens; this machine and PORT unless told')
    .option('--timeout <seconds>', 'how long to wait for the outcome', '30')
    .action((platform, event, options) => run(() => send({ ...options, platform, event, env, say, platforms }))())
  program
    .command('check')
    .description('check settings and connections, and tell what each connection needs')
    .action(run(() => check({ env, out: process.stdout, platforms })))
  program.command('migrate').description('bring the store up to date').action(run(() => migrate({ env, say })))
  program
    .command('replay [deliveries...]')
    .description('run stored deliveries again; by id, or the dead ones of a connection, or its rejected requests')
    .option('--rejected <connection>', 'take rejected requests of this connection in again, where they now verify')
    .option('--dead <connection>', 'all dead letters of this connection')
    .option('--all <connection>', 'everything stored of this connection')
    .action((ids, options) => run(() => replay({ ...options, ids, env, say, platforms }))())

  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    return explain(error)
  }
}

function explain(error: unknown): number {
  if (error instanceof RelayError) {
    process.stderr.write(`seam-relay: ${error.message}\n`)
    return error.code === 'RELAY_CONFIG_INVALID' ? EXIT_CONFIG : 1
  }
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
    process.stderr.write('seam-relay: the port is in use; stop what listens there, or set PORT to another one\n')
    return 1
  }
  throw error
}

/** The first signal asks for an orderly stop; a second one ends the process at once. */
function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise(resolve => {
    const signals: NodeJS.Signals[] = ['SIGTERM', 'SIGINT']
    for (const signal of signals) {
      process.once(signal, () => {
        for (const each of signals) process.once(each, () => process.exit(1))
        resolve(signal)
      })
    }
  })
}

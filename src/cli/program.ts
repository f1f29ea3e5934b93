import type { Command } from 'commander'
import { scopes } from '../model/caller.ts'
import { relayVersion } from '../observe/version.ts'
import { platforms } from '../platforms/registry.ts'
import { expiry, header, instant, pair, scopeList, wholeNumber } from './arguments.ts'
import { check } from './check.ts'
import type { Terminal } from './cli.ts'
import { bareProgram, type Ended, withHealth } from './command-line.ts'
import { driftLines } from './drift.ts'
import { createKey, listKeys, revokeKey } from './keys.ts'
import { migrate } from './migrate.ts'
import { withOperatorCommands } from './operator/commands.ts'
import { withReplay } from './replay-command.ts'
import { send } from './send.ts'
import { storeCopy } from './store-copy.ts'
import { translate } from './translate/translate.ts'

const MOST_PORT = 65_535
const MOST_SECONDS = 86_400

/** Every command with its options. What starts a server is loaded only then; the others are not made to wait for it. */
export function programOf(terminal: Terminal, ended: Ended): Command {
  const { env, out, err, input, signalled } = terminal
  const say = (line: string) => void out.write(`${line}\n`)
  const note = (line: string) => void err.write(`${line}\n`)
  const program = bareProgram(terminal)
    .description('Webhooks of booking platforms in, Seam customer data out, in order and without loss.')
    .version(relayVersion())

  program
    .command('start')
    .description('run the relay')
    .action(async () => {
      const { start } = await import('./start.ts')
      ended(await start({ env, say, signalled: signalled() }))
    })

  program
    .command('sandbox')
    .description('run the stand-in for Seam by itself')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'port to listen on; 0 takes any free one', wholeNumber(0, MOST_PORT), 3001)
    .option('--file <path>', 'keep the state in this SQLite file')
    .option('--key <key...>', 'API keys that it accepts', ['seam_test_sandbox'])
    .action(async options => {
      const { sandboxAlone } = await import('./sandbox.ts')
      ended(await sandboxAlone({ ...options, say, signalled: signalled() }))
    })

  program
    .command('send')
    .description(
      'sign a sample as the platform would, post it to the running relay, and show what comes of it'
    )
    .argument('<platform>', `one of ${Object.keys(platforms).join(', ')}`)
    .argument('[event]', 'one of the platform’s events; without it they are listed')
    .option('--connection <id>', 'which connection; by default the platform’s first one')
    .option('--url <origin>', 'where the relay listens; by default this machine and PORT')
    .option('--timeout <seconds>', 'how long to wait for the outcome', wholeNumber(0, MOST_SECONDS), 30)
    .option('--real', 'also where the relay sends to Seam itself and not to the sandbox')
    .action(async (platform, event, { timeout, ...options }) =>
      ended(await send({ ...options, platform, event, timeoutMs: timeout * 1000, env, say, platforms }))
    )

  program
    .command('translate')
    .description(
      'show what a body means: its events, the calls to Seam that would follow, and what is missing; nothing is sent'
    )
    .argument('<platform>', `one of ${Object.keys(platforms).join(', ')}`)
    .argument('[file]', 'the body of a request; standard input if left out or -')
    .option('--connection <id>', 'with the settings of this connection; by default with none')
    .option(
      '--hydrate',
      'read what the body leaves out from the platform, with the credentials of the connection'
    )
    .option('--received-at <time>', 'when it arrived, for platforms without a clock; by default now', text =>
      instant(text)
    )
    .option('--header <name=value>', 'a header that came with it; can be repeated', header)
    .option('--query <name=value>', 'a parameter of its address; can be repeated', pair)
    .option('--json', 'print JSON')
    .action(async (platform, file, options) =>
      ended(await translate({ ...options, platform, file, env, say, err, input, platforms }))
    )

  program
    .command('check')
    .description('check settings and connections, and show what each connection needs')
    .action(async () => ended(await check({ env, out, platforms, storeLines: () => driftLines(env) })))

  withHealth(program, terminal, ended)

  program
    .command('migrate')
    .description('bring the store up to date, as starting the relay does')
    .action(async () => ended(await migrate({ env, say })))

  const store = program.command('store').description('move what the relay keeps')
  store
    .command('copy')
    .description(
      'copy a store into an empty one, an SQLite file into PostgreSQL or the other way round, and compare them; no relay may be running on either'
    )
    .argument(
      '<from>',
      'file:path or postgres://…; env:NAME takes it from that variable, since ps shows arguments'
    )
    .argument('<to>', 'the same; both stores are brought up to date first')
    .option('--json', 'print JSON')
    .action(async (from, to, options) =>
      ended(await storeCopy({ ...options, from, to, env, say, note, now: () => performance.now() }))
    )

  withReplay(program, terminal, platforms, ended)
  withOperatorCommands(program, terminal, platforms, ended)

  const keys = program
    .command('keys')
    .description('API keys with which internal services make Seam’s calls here')
  keys
    .command('create')
    .description('make a key; it is shown this once')
    .requiredOption('--name <name>', 'whose it is')
    .option('--customer <key...>', 'the only customers that it may touch; by default all of the workspace')
    .option(
      '--scope <list>',
      `what it may do, separated by commas: ${scopes.join(', ')}; offboard deletes whole customers`,
      scopeList,
      ['push', 'delete', 'read']
    )
    .option('--expires <time>', 'when it expires: a number of days such as 90d, a date, or a time', expiry)
    .option('--workspace <id>', 'for which Seam workspace, where there are several')
    .option('--lenient', 'validate its calls as Seam does, and no more strictly')
    .action(async options => ended(await createKey({ ...options, env, say, note, platforms })))
  keys
    .command('list')
    .description('show all keys, their limits, and when they were last used')
    .option('--json', 'print JSON')
    .action(async options => ended(await listKeys({ ...options, env, say })))
  keys
    .command('revoke')
    .description('revoke a key')
    .argument('<key>', 'its id or its name')
    .action(async which => ended(await revokeKey({ which, env, say })))

  return program
}

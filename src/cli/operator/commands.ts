import { type Command, Option } from 'commander'
import { DEFAULT_WORKSPACE } from '../../config.ts'
import { spans } from '../../operate/schemas/counts.ts'
import type { Platform } from '../../platforms/platform.ts'
import { filterIn, wholeNumber } from '../arguments.ts'
import type { Terminal } from '../cli.ts'
import type { Ended } from '../command-line.ts'
import { dead } from './dead.ts'
import { deliveries } from './deliveries.ts'
import { cancelJob, jobs } from './jobs.ts'
import { asked, filtered, naming, revealing } from './options.ts'
import { pause, resume } from './pauses.ts'
import { pushAgain } from './push-again.ts'
import { revive } from './revive.ts'
import { show } from './show.ts'
import { status } from './status.ts'
import { tail } from './tail.ts'

const MOST_LISTED = 100_000

/** Commands of those who look after the relay, each over the store or, with `--url`, over HTTP. */
export function withOperatorCommands(
  program: Command,
  terminal: Terminal,
  platforms: Record<string, Platform>,
  ended: Ended
): void {
  const around = { terminal, platforms, now: Date.now }

  asked(program.command('status'))
    .description(
      'is anything stuck, does it arrive, does it succeed; the exit code is 1 where something is stuck or stopped'
    )
    .addOption(new Option('--over <time>', 'over which time to show what succeeded').choices([...spans]))
    .option('--watch', 'draw it again every 2 s, until Ctrl-C')
    .action(async options => ended(await status({ ...options, ...around })))

  revealing(asked(filtered(program.command('deliveries'))))
    .description('stored webhooks and calls, newest first')
    .option('--limit <number>', 'how many', wholeNumber(1, MOST_LISTED), 50)
    .option('--all', 'list all of them')
    .action(async options => ended(await deliveries({ ...options, filter: filterIn(options), ...around })))

  revealing(asked(program.command('show')))
    .description('a reservation and its history in order, or a delivery')
    .argument(
      '<what>',
      'a booking, a key, the name, e-mail address or phone number of a guest, or the id of a delivery'
    )
    .action(async (what, options) => ended(await show({ ...options, what, ...around })))

  revealing(asked(program.command('dead')))
    .description('what needs somebody to act, by cause: dead and held deliveries, and what Seam refused')
    .action(async options => ended(await dead({ ...options, ...around })))

  asked(program.command('revive'))
    .description('run dead and held deliveries again, and send what Seam refused, once the cause is fixed')
    .argument('<which...>', 'groups as "seam-relay dead" names them, or ids of deliveries')
    .option('--no-wait', 'do not wait for it to finish')
    .action(async (which, options) => ended(await revive({ ...options, which, ...around })))

  const job = program.command('jobs').description('replays and revivals with their progress')
  asked(job.command('list', { isDefault: true }))
    .description('newest first')
    .option('--limit <number>', 'how many', wholeNumber(1, MOST_LISTED), 20)
    .action(async options => ended(await jobs({ ...options, ...around })))
  asked(job.command('cancel'))
    .description('cancel one; what it has done stays done')
    .argument('<job>', 'its id')
    .action(async (id, options) => ended(await cancelJob({ ...options, id, ...around })))

  asked(naming(program.command('pause')))
    .description('pause a connection, a customer or a workspace; without one, show what is paused')
    .option('--reason <words>', 'for colleagues and the audit log; no personal data')
    .action(async options => ended(await pause({ ...options, ...around })))

  asked(naming(program.command('resume')))
    .description('resume it')
    .argument('[pause]', 'id of a pause; or name what is paused')
    .action(async (id, options) => ended(await resume({ ...options, id, ...around })))

  asked(program.command('push-again'))
    .description('send all that Seam should hold of a customer once more')
    .argument('<customer>', 'the customer’s key')
    .option('--workspace <id>', 'of which workspace', DEFAULT_WORKSPACE)
    .action(async (customer, options) => ended(await pushAgain({ ...options, customer, ...around })))

  asked(program.command('tail'))
    .description('a line for each delivery, call to Seam and rejected request as it happens, until Ctrl-C')
    .option('--connection <id>', 'of this connection')
    .action(async options => ended(await tail({ ...options, ...around })))
}

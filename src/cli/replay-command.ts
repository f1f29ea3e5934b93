import type { Command } from 'commander'
import type { Platform } from '../platforms/platform.ts'
import { filterIn } from './arguments.ts'
import type { Terminal } from './cli.ts'
import type { Ended } from './command-line.ts'
import type { DeliveryFilter } from './operator/deliveries.ts'
import { asked, filtered, revealing } from './operator/options.ts'
import { type ReplayJobCommand, replayJob } from './operator/replay-job.ts'
import { retakeRejected } from './operator/retake.ts'
import { type ReplayCommand, replay } from './replay.ts'
import { usage } from './usage.ts'

type Options = Omit<ReplayCommand, 'ids'> &
  DeliveryFilter &
  Pick<ReplayJobCommand, 'plan' | 'yes' | 'wait' | 'url' | 'tokenFile' | 'json' | 'reveal'>

/** `seam-relay replay`: at once by ids or a connection; as a job, with a plan first, by filters. */
export function withReplay(
  program: Command,
  terminal: Terminal,
  platforms: Record<string, Platform>,
  ended: Ended
): void {
  revealing(asked(filtered(program.command('replay'))))
    .description(
      'run stored deliveries again: by their ids, those of a connection, or by filters, which first show what would change'
    )
    .argument('[deliveries...]', 'ids of deliveries')
    .option('--rejected <connection>', 'requests that were refused, if they pass with today’s settings')
    .option('--dead <connection>', 'dead letters')
    .option('--all <connection>', 'everything stored')
    .option('--plan', 'only show what would change')
    .option('--yes', 'start without asking')
    .option('--no-wait', 'do not wait for it to finish')
    .action(async (ids: string[], options: Options) => ended(await run(ids, options)))

  async function run(ids: string[], options: Options): Promise<number> {
    const { rejected, dead, all, plan, yes, url, json } = options
    const { env, out } = terminal
    const say = (line: string) => void out.write(`${line}\n`)
    const around = { ...options, ids, terminal, platforms, now: Date.now }
    const filter = filterIn(options)
    const isPlain = [plan, yes, url, json, options.wait === false || undefined].every(
      each => each === undefined
    )
    const isFiltered = Object.keys(filter).length > 0
    if (isPlain && !isFiltered) {
      return replay({ ids, rejected, dead, all, env, say, platforms })
    }
    if ([rejected, dead, all].filter(each => each !== undefined).length > 1) {
      throw usage('replay: give one of --rejected, --dead and --all')
    }
    if (rejected !== undefined && (plan === true || isFiltered || ids.length > 0)) {
      throw usage(
        'replay: --rejected stands alone: it takes in all of a connection that pass, without a plan'
      )
    }
    if (rejected !== undefined) return retakeRejected({ ...around, connection: rejected })
    const connection = dead ?? all ?? filter.connection
    return replayJob({
      ...around,
      filter: {
        ...filter,
        ...(connection !== undefined && { connection }),
        ...(dead !== undefined && { state: 'dead' })
      }
    })
  }
}

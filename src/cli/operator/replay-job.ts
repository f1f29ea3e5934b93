import type { JobReport } from '../../operate/schemas/jobs.ts'
import type { ReplayPlan } from '../../operate/schemas/replays.ts'
import { countOf } from '../terminal/moments.ts'
import { usage } from '../usage.ts'
import type { DeliveryFilter } from './deliveries.ts'
import { atDesk, type Desk, type OperatorCommand } from './desk.ts'
import { followJob } from './follow-job.ts'
import { refuseUnknownConnection } from './known-connection.ts'
import { planCounts, planLines } from './replay-plan.ts'

export interface ReplayJobCommand extends OperatorCommand {
  ids: string[]
  filter: DeliveryFilter
  /** Only what would come of it. */
  plan?: boolean | undefined
  /** Without being asked. */
  yes?: boolean | undefined
  /** False: it runs on without anybody who looks. */
  wait?: boolean | undefined
  everyMs?: number
}

/**
 * `seam-relay replay` by a filter: what would come of it, then, once that is agreed to, a job.
 * @returns the exit code: 1 where nothing was agreed to, or not all of it was done
 */
export function replayJob(command: ReplayJobCommand): Promise<number> {
  return atDesk(command, async desk => {
    const { ids, filter, plan: isPlan = false, yes = false } = command
    const chosen = { ...filter, ...(ids.length > 0 && { ids }) }
    if (Object.keys(chosen).length === 0)
      throw usage('replay: say which: ids of deliveries, or filters such as --connection and --since')
    await refuseUnknownConnection(desk, filter.connection)
    if (isPlan) return tellPlan(desk, chosen)
    if (!yes && !(await agrees(desk, command, chosen))) return 1
    const job = await desk.post<JobReport>('/replays', { filter: chosen })
    desk.note(`Job ${job.id} has begun; Ctrl-C leaves it running.`)
    if (command.wait !== false) return followJob(desk, job, command)
    if (desk.json) desk.sayJson(job)
    return 0
  })
}

async function planOf(desk: Desk, filter: object): Promise<ReplayPlan> {
  return desk.post<ReplayPlan>('/replays/plan', { filter }, desk.reveal)
}

async function tellPlan(desk: Desk, filter: object): Promise<number> {
  const plan = await planOf(desk, filter)
  if (desk.json) desk.sayJson(plan)
  else for (const line of planLines(plan, desk.screen)) desk.say(line)
  return 0
}

/** @throws RelayError RELAY_BAD_REQUEST where there is nobody to be asked */
async function agrees(desk: Desk, { terminal }: ReplayJobCommand, filter: object): Promise<boolean> {
  const input = terminal.input()
  if (input.isTTY !== true)
    throw usage('replay: add --yes to begin without being asked, or --plan to see what would come of it')
  const plan = await planOf(desk, filter)
  for (const line of planCounts(plan, desk.screen)) desk.note(line)
  if (plan.deliveries === 0) return false
  terminal.err.write(`Run ${countOf(plan.deliveries, 'delivery', 'deliveries')} again? [y/N] `)
  return /^y(es)?$/i.test((await firstLine(input)).trim())
}

async function firstLine(input: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of input) {
    text += Buffer.from(chunk).toString()
    if (text.includes('\n')) break
  }
  return text.replace(/\n.*$/s, '')
}

import type { ConnectionReport } from '../../operate/schemas/connections.ts'
import type { CountsOverTime, Over } from '../../operate/schemas/counts.ts'
import type { WorkspaceReport } from '../../operate/schemas/customers.ts'
import type { JobReport } from '../../operate/schemas/jobs.ts'
import type { BacklogReport, PerformanceReport } from '../../operate/schemas/overview.ts'
import type { PauseReport } from '../../operate/schemas/pauses.ts'
import { atDesk, type Desk, type OperatorCommand } from './desk.ts'
import { listOf, type Page } from './pages.ts'
import { statusLines } from './status-lines.ts'
import { findingsIn } from './status-verdict.ts'

export interface StatusCommand extends OperatorCommand {
  /** Over which time it is told what succeeded. */
  over?: Over | undefined
  /** Draws it again and again until a signal comes. */
  watch?: boolean | undefined
  /** Between two drawings, ms. */
  everyMs?: number
}

/** All that the verdict rests on. */
export interface Status {
  /** The code with which the relay turns requests away; null where it takes them. */
  turns_away: string | null
  backlog: BacklogReport
  connections: ConnectionReport[]
  workspaces: WorkspaceReport[]
  counts: CountsOverTime
  performance: PerformanceReport
  pauses: PauseReport[]
  /** The newest. */
  jobs: JobReport[]
}

const MOST_JOBS = 20
const EVERY_MS = 2_000
/** Home, and everything below is gone: the lines that follow are drawn over what was there. */
const DRAW_AGAIN = '\u001b[H\u001b[J'

/**
 * `seam-relay status`: is anything stuck, does it arrive, does it succeed. @returns the exit code: 1 where something is stuck
 * or stopped
 */
export function status(command: StatusCommand): Promise<number> {
  const { over = '1h', watch = false, everyMs = EVERY_MS, terminal } = command
  return atDesk(command, async desk => {
    if (!watch) return tell(desk, over)
    const stopped = new AbortController()
    const ended = terminal.signalled().then(() => stopped.abort())
    let code = 0
    while (!stopped.signal.aborted) {
      if (desk.screen.width !== undefined) terminal.out.write(DRAW_AGAIN)
      code = await tell(desk, over)
      await Promise.race([ended, pause(everyMs, stopped.signal)])
    }
    return code
  })
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { setTimeout } = await import('node:timers/promises')
  await setTimeout(ms, undefined, { signal }).catch(() => undefined)
}

async function tell(desk: Desk, over: Over): Promise<number> {
  const found = await read(desk, over)
  const findings = findingsIn(found)
  const well = findings.every(each => each.weight !== 'bad')
  if (desk.json) desk.sayJson({ well, findings, ...found })
  else for (const line of statusLines(found, findings, desk.screen, desk.moments())) desk.say(line)
  return well ? 0 : 1
}

async function read(desk: Desk, over: Over): Promise<Status> {
  return {
    backlog: await desk.get<BacklogReport>('/backlog'),
    turns_away: (await desk.client.turnsAway()) ?? null,
    connections: (await listOf<ConnectionReport>(desk, '/connections', {})).rows,
    workspaces: (await desk.get<{ data: WorkspaceReport[] }>('/workspaces')).data,
    counts: await desk.get<CountsOverTime>('/counts', { over }),
    performance: await desk.get<PerformanceReport>('/performance', { over }),
    // A relay elsewhere may be of a release that has neither.
    pauses: (await desk.find<Page<PauseReport>>('/pauses'))?.data ?? [],
    jobs: (await desk.find<Page<JobReport>>('/jobs', { limit: MOST_JOBS }))?.data ?? []
  }
}

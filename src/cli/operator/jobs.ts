import type { JobReport } from '../../operate/schemas/jobs.ts'
import { counted, type Moments } from '../terminal/moments.ts'
import type { Screen, Tone } from '../terminal/screen.ts'
import { type Cell, tableLines } from '../terminal/table.ts'
import { pathOf } from './client.ts'
import { atDesk, type OperatorCommand } from './desk.ts'
import { listOf } from './pages.ts'

export interface JobsCommand extends OperatorCommand {
  limit: number
}

/** `seam-relay jobs`: replays and revivals, newest first. */
export function jobs(command: JobsCommand): Promise<number> {
  return atDesk(command, async desk => {
    const { rows, more } = await listOf<JobReport>(desk, '/jobs', {}, command.limit)
    if (desk.json) desk.sayJson({ data: rows, more })
    else if (rows.length === 0) desk.say('There are none.')
    else for (const line of jobTable(rows, desk.screen, desk.moments())) desk.say(line)
    return 0
  })
}

/** `seam-relay jobs cancel`: what is done stays so, and the rest is left. */
export function cancelJob(command: OperatorCommand & { id: string }): Promise<number> {
  return atDesk(command, async desk => {
    const job = await desk.post<JobReport>(`/jobs${pathOf(command.id)}/cancel`, {})
    if (desk.json) desk.sayJson(job)
    else desk.say(`Job ${job.id} is ${job.state}, after ${doneOf(job)}.`)
    return 0
  })
}

const tones: Record<JobReport['state'], Tone> = {
  running: 'strong',
  done: 'good',
  cancelled: 'dim',
  failed: 'bad'
}

export function jobTable(rows: JobReport[], screen: Screen, moments: Moments): string[] {
  return tableLines(
    screen,
    [
      { title: 'JOB' },
      { title: 'OF' },
      { title: 'STATE' },
      { title: 'DONE', align: 'right' },
      { title: 'LEFT', align: 'right' },
      { title: `BEGUN (${moments.zone})`, least: 19, mayGo: true },
      { title: 'BY', least: 8, mayGo: true },
      { title: 'WHICH', least: 10 }
    ],
    rows.map((job): Cell[] => [
      job.id,
      job.kind,
      { text: job.state, tone: tones[job.state] },
      doneOf(job),
      job.estimated_end_at === null ? '' : moments.age(job.estimated_end_at),
      moments.local(job.created_at),
      job.by,
      job.error ?? filterText(job.filter)
    ])
  )
}

/** While it is counted nobody knows of how many. */
export function doneOf({ done, total }: JobReport): string {
  return total === null ? `${counted(done)} done, being counted` : `${counted(done)} of ${counted(total)}`
}

function filterText(filter: Record<string, unknown>): string {
  return Object.entries(filter)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name} ${Array.isArray(value) ? `${value.length} named` : String(value)}`)
    .join(', ')
}

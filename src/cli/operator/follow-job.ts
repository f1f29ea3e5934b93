import { setTimeout as pause } from 'node:timers/promises'
import type { JobReport } from '../../operate/schemas/jobs.ts'
import type { Terminal } from '../cli.ts'
import { spanOf } from '../terminal/moments.ts'
import { pathOf } from './client.ts'
import type { Desk } from './desk.ts'
import { doneOf } from './jobs.ts'

export interface Following {
  terminal: Terminal
  /** Between two looks, ms. */
  everyMs?: number | undefined
  now(): number
}

const EVERY_MS = 500
/** Where nobody draws over what was there. */
const TELL_EVERY_MS = 5_000
/** To the beginning of the line, and it is gone. */
const SAME_LINE = '\r\u001b[2K'

/**
 * Shows how far a job is, until it has come to its end, or a signal comes: then it runs on without anybody who looks.
 * @returns the exit code: 0 where all of it is done
 */
export async function followJob(desk: Desk, first: JobReport, following: Following): Promise<number> {
  const { terminal, now, everyMs = EVERY_MS } = following
  const left = new AbortController()
  const signalled = terminal.signalled().then(() => left.abort())
  const redraws = desk.screen.width !== undefined && !desk.json
  let job = first
  let toldAt = Number.NEGATIVE_INFINITY
  while (job.state === 'running' && !left.signal.aborted) {
    if (redraws) terminal.out.write(`${SAME_LINE}${progressOf(job, desk)}`)
    else if (now() - toldAt >= TELL_EVERY_MS) {
      desk.note(progressOf(job, desk))
      toldAt = now()
    }
    await Promise.race([signalled, pause(everyMs, undefined, { signal: left.signal }).catch(() => undefined)])
    if (!left.signal.aborted) job = await desk.get<JobReport>(`/jobs${pathOf(job.id)}`)
  }
  if (redraws) terminal.out.write(SAME_LINE)
  if (desk.json) desk.sayJson(job)
  else desk.say(endOf(job))
  return job.state === 'done' || job.state === 'running' ? 0 : 1
}

function progressOf(job: JobReport, desk: Desk): string {
  const { total, done, rate_per_second, estimated_end_at } = job
  const share = total === null || total === 0 ? '' : ` (${Math.floor((100 * done) / total)} %)`
  const rate = rate_per_second === null ? '' : `, ${rate_per_second.toFixed(1)}/s`
  const left = estimated_end_at === null ? '' : `, about ${desk.moments().age(estimated_end_at)} left`
  return `${doneOf(job)}${share}${rate}${left}`
}

function endOf(job: JobReport): string {
  const { state, id, created_at, ended_at, error } = job
  const took =
    ended_at === null ? '' : ` in ${spanOf((Date.parse(ended_at) - Date.parse(created_at)) / 1000)}`
  switch (state) {
    case 'running':
      return `Job ${id} continues, ${doneOf(job)} done; "seam-relay jobs" shows it, "seam-relay jobs cancel ${id}" ends it.`
    case 'done':
      return `Done${took}: ${doneOf(job)}.`
    case 'cancelled':
      return `Cancelled after ${doneOf(job)}.`
    case 'failed':
      return `Failed after ${doneOf(job)}: ${error ?? 'the log of the relay says why'}`
  }
}

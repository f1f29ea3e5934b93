import type { JobReport } from '../operate/schemas/jobs.ts'
import { count, perSecond, spell } from './ages.ts'

/** How far long work has come. */
export type Progress = Pick<JobReport, 'state' | 'total' | 'done' | 'rate_per_second' | 'estimated_end_at'>

/** `412 of 1,200, 35 a second, about 20 s left` */
export function progressInWords(job: Progress, now: number): string {
  const parts = [job.total === null ? count(job.done) : `${count(job.done)} of ${count(job.total)}`]
  if (job.state !== 'running') return parts.join('')
  if (job.rate_per_second !== null && job.rate_per_second > 0) {
    parts.push(perSecond(job.rate_per_second))
  }
  if (job.estimated_end_at !== null) {
    const left = (Date.parse(job.estimated_end_at) - now) / 1000
    parts.push(left <= 1 ? 'nearly done' : `about ${spell(left)} left`)
  }
  return parts.join(', ')
}

/** Between 0 and 1; undefined where nobody knows. */
export function doneShare({ total, done }: Pick<Progress, 'total' | 'done'>): number | undefined {
  if (total === null) return undefined
  return total === 0 ? 1 : Math.min(1, done / total)
}

import type { Job } from '../store/jobs.ts'
import type { Act } from './act.ts'
import type { Ask } from './ask.ts'
import { detailOf } from './audit-entry.ts'
import { afterId, nextAfterId } from './lists.ts'
import { maskKey } from './mask.ts'
import type { OperateRoom } from './operate.ts'
import { cancelJob, type JobReport, listJobs, readJob } from './schemas/jobs.ts'
import type { Paged, Reveals } from './schemas/parts.ts'
import { instant, instantOrNull, type Shown } from './shown.ts'

interface JobParams {
  id: string
}

/** GET /api/v1/jobs[/:id], POST /api/v1/jobs/:id/cancel */
export function jobs(ask: Ask, room: OperateRoom, act: Act): void {
  ask<unknown, Paged & Reveals>('/api/v1/jobs', listJobs, async ({ query, shown }) => {
    const { rows, next } = await room.jobs.list(afterId(query), query.limit)
    return {
      data: rows.map(row => jobReportOf(row, room.now(), shown)),
      next_cursor: nextAfterId(query, next)
    }
  })

  ask<JobParams, Reveals>('/api/v1/jobs/:id', readJob, async ({ params, shown }) => {
    const job = await room.jobs.one(params.id)
    return job && jobReportOf(job, room.now(), shown)
  })

  act<JobParams, unknown>(
    'POST',
    '/api/v1/jobs/:id/cancel',
    cancelJob,
    async ({ params, shown, audited }) => {
      const job = await room.jobs.one(params.id)
      if (job === undefined) return undefined
      await room.jobs.cancel(job.id, room.now(), audited('cancel', `job ${job.id}`, { kind: job.kind }))
      const now = await room.jobs.one(job.id)
      return now && jobReportOf(now, room.now(), shown)
    }
  )
}

export function jobReportOf(job: Job, now: number, shown: Shown): JobReport {
  const { total, done, began_at: beganAt, ended_at: endedAt } = job
  const seconds = beganAt === null ? 0 : ((endedAt ?? now) - beganAt) / 1000
  const rate = seconds > 0 ? done / seconds : null
  const left = total === null || job.state !== 'running' ? undefined : Math.max(0, total - done)
  return {
    id: job.id,
    kind: job.kind,
    state: job.state,
    total,
    done,
    filter: shown.isRevealed ? JSON.parse(job.filter) : filterNoted(JSON.parse(job.filter)),
    by: job.actor_name,
    created_at: instant(job.created_at),
    ended_at: instantOrNull(endedAt),
    rate_per_second: rate === null ? null : Math.round(rate * 100) / 100,
    estimated_end_at: rate === null || rate === 0 || left === undefined ? null : inSeconds(now, left / rate),
    error: job.error
  }
}

/** Null where it is further ahead than anybody looks. */
function inSeconds(now: number, seconds: number): string | null {
  const at = new Date(now + seconds * 1000)
  return Number.isNaN(at.getTime()) ? null : at.toISOString()
}

/** A booking, or the key of a resource, may be somebody's. */
export function filterNoted({ resource, ...filter }: Record<string, unknown>): Record<string, unknown> {
  if (resource === undefined) return { ...detailOf(filter) }
  const named = Object.entries(resource as object).map(([name, key]) => [name, maskKey(String(key))])
  return { ...detailOf(filter), resource: Object.fromEntries(named) }
}

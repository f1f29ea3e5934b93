import { useEffect, useRef } from 'preact/hooks'
import type { JobReport as Job } from '../../operate/schemas/jobs.ts'
import { act } from '../api.ts'
import { now } from '../clock.ts'
import { inWords } from '../filters.ts'
import { askAt, pageOf } from '../links.ts'
import { useLoaded } from '../load.ts'
import { say } from '../notices.ts'
import { doneShare, progressInWords } from '../progress.ts'
import { jobStates, sayingOf } from '../words.ts'
import { Action } from './action.tsx'
import { Failure } from './failure.tsx'
import { Mark } from './mark.tsx'
import { Skeleton } from './skeleton.tsx'
import { Time } from './time.tsx'

/** Long work, with how far it has come. */
export function JobCard({ job, reload }: { job: Job; reload(): void }) {
  const share = doneShare(job)
  const title = job.kind === 'replay' ? 'Replay' : 'Revival'
  const words = progressInWords(job, now.value)
  return (
    <article class="job">
      <div class="row">
        <Mark says={sayingOf(jobStates, job.state)} />
        <strong>
          <a href={pageOf.job(job.id)}>{title}</a>
        </strong>
        <span class="quiet">
          by {job.by}, <Time at={job.created_at} as="age" />
        </span>
      </div>
      <p class="small">{filterInWords(job)}</p>
      <progress value={share} max={1} aria-label={`${title}: ${words}`} />
      <div class="row">
        <span>{words}</span>
        {job.state === 'running' && (
          <Action
            label="Cancel"
            is="light grave"
            confirm={{
              title: 'Cancel this?',
              verb: 'Cancel it',
              isGrave: true,
              text: <p>What is done stays done; the rest is left as it is.</p>
            }}
            run={async () => {
              await act('POST', `${askAt.job(job.id)}/cancel`)
              say('Cancelled. What is in progress may still finish.')
              reload()
            }}
          />
        )}
      </div>
      {job.error !== null && <p class="tone-bad">{job.error}</p>}
    </article>
  )
}

export function filterInWords({ kind, filter }: Job): string {
  const asText = Object.fromEntries(
    Object.entries(filter)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [
        name,
        typeof value === 'string' ? value : Array.isArray(value) ? value.join(',') : String(value)
      ])
  )
  const { of, group, ...others } = asText
  const words = inWords(others)
  if (kind === 'replay') return words
  return group === undefined ? `${of ?? ''} ${words}`.trim() : `${of ?? ''}: all of one cause`.trim()
}

const LOOK_AGAIN_MS = 1_000

/** One job, looked at again until it has ended. */
export function JobProgress({ id, ended }: { id: string; ended?: () => void }) {
  const { data: job, failure, reload } = useLoaded<Job>(askAt.job(id))
  const isRunning = job === undefined || job.state === 'running'
  const whenEnded = useRef(ended)
  whenEnded.current = ended
  useEffect(() => {
    if (!isRunning) whenEnded.current?.()
  }, [isRunning])
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(reload, LOOK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [isRunning, reload])
  if (job === undefined)
    return failure === undefined ? <Skeleton rows={3} /> : <Failure failure={failure} retry={reload} />
  return (
    <>
      <JobCard job={job} reload={reload} />
      <span class="unseen" role="status">
        {job.state === 'running' ? '' : sayingOf(jobStates, job.state).word}
      </span>
    </>
  )
}

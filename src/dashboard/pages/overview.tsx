import { useEffect } from 'preact/hooks'
import type { ConnectionReport } from '../../operate/schemas/connections.ts'
import type { CountsOverTime } from '../../operate/schemas/counts.ts'
import type { WorkspaceReport } from '../../operate/schemas/customers.ts'
import type { JobReport } from '../../operate/schemas/jobs.ts'
import type { BacklogReport } from '../../operate/schemas/overview.ts'
import type { PauseReport } from '../../operate/schemas/pauses.ts'
import { clockTime, count } from '../ages.ts'
import { now } from '../clock.ts'
import { pageOf } from '../links.ts'
import { type Page as Listed, useLoaded } from '../load.ts'
import { Failure } from '../parts/failure.tsx'
import { useFilter } from '../parts/filters.tsx'
import { Icon } from '../parts/icon.tsx'
import { JobCard } from '../parts/job.tsx'
import { Page } from '../parts/page.tsx'
import { SkeletonCard } from '../parts/skeleton.tsx'
import { totalsOf } from '../series.ts'
import { type Verdict, verdictOf } from '../verdict.ts'
import { ConnectionTable } from './connections.tsx'
import { Stuck } from './overview-stuck.tsx'
import { Succeeding } from './overview-succeeding.tsx'
import { PauseList } from './pauses.tsx'
import { WorkspaceList } from './workspaces.tsx'

/** As long as somebody looks at it. */
const LOOK_EVERY_MS = 15_000
/** While jobs run. */
const OFTEN_MS = 3_000

/** What operators look at first, in the order in which they look. */
export function Overview() {
  const over = useFilter(['over']).over ?? '1h'
  const backlog = useLoaded<BacklogReport>('/backlog', LOOK_EVERY_MS)
  const workspaces = useLoaded<{ data: WorkspaceReport[] }>('/workspaces', LOOK_EVERY_MS)
  const connections = useLoaded<Listed<ConnectionReport>>('/connections?limit=200', LOOK_EVERY_MS)
  const pauses = useLoaded<Listed<PauseReport>>('/pauses?limit=200', LOOK_EVERY_MS)
  const hour = useLoaded<CountsOverTime>('/counts?over=1h', LOOK_EVERY_MS)
  const jobs = useLoaded<Listed<JobReport>>('/jobs?limit=20')
  const running = jobs.data?.data.filter(each => each.state === 'running') ?? []
  useEffect(() => {
    const timer = setInterval(jobs.reload, running.length > 0 ? OFTEN_MS : LOOK_EVERY_MS)
    return () => clearInterval(timer)
  }, [running.length, jobs.reload])

  const failed = [backlog, workspaces, connections, hour].find(each => each.failure !== undefined)
  const verdict =
    backlog.data && workspaces.data && connections.data && hour.data
      ? verdictOf({
          now: Date.parse(backlog.data.at),
          backlog: backlog.data,
          workspaces: workspaces.data.data,
          connections: connections.data.data,
          pauses: pauses.data?.data ?? [],
          receivedLastHour: totalsOf(hour.data).received
        })
      : undefined

  return (
    <Page title="Overview">
      <div class="stack">
        {failed?.failure !== undefined && <Failure failure={failed.failure} retry={failed.reload} />}
        {verdict === undefined || backlog.data === undefined ? (
          failed === undefined && <SkeletonCard rows={3} />
        ) : (
          <VerdictCard verdict={verdict} at={backlog.data.at} />
        )}
        {running.length > 0 && (
          <section class="card" aria-label="Running jobs">
            {running.map(job => (
              <JobCard key={job.id} job={job} reload={jobs.reload} />
            ))}
          </section>
        )}
        <section id="stuck" aria-labelledby="stuck-title">
          <div class="section-head">
            <h2 id="stuck-title">Is anything stuck?</h2>
            <p>Due may go on now; scheduled waits for its time.</p>
          </div>
          {backlog.data === undefined ? <SkeletonCard rows={2} /> : <Stuck backlog={backlog.data} />}
        </section>
        {workspaces.data !== undefined && (
          <Workspaces all={workspaces.data.data} reload={workspaces.reload} />
        )}
        {pauses.data !== undefined && pauses.data.data.length > 0 && (
          <section class="card" id="paused">
            <h2>Paused</h2>
            <PauseList pauses={pauses.data.data} reload={pauses.reload} />
          </section>
        )}
        <section aria-labelledby="arriving-title">
          <div class="section-head">
            <h2 id="arriving-title">Is it arriving?</h2>
            <p>Within 24 hours, to the hour</p>
          </div>
          {connections.data === undefined ? (
            <SkeletonCard rows={4} />
          ) : (
            <Arriving all={connections.data.data} />
          )}
        </section>
        <Succeeding over={over} everyMs={LOOK_EVERY_MS} />
      </div>
    </Page>
  )
}

function VerdictCard({ verdict, at }: { verdict: Verdict; at: string }) {
  return (
    <section class={`verdict ${verdict.tone}`} aria-label="In a sentence">
      <span class="badge">
        <Icon name={verdict.tone === 'ok' ? 'check' : 'alert'} />
      </span>
      <div>
        <p class="sentence" role="status" aria-live="polite">
          {verdict.says} {verdict.page !== undefined && <a href={verdict.page}>Look</a>}
        </p>
        {verdict.further.length > 0 && (
          <ul class="further">
            {verdict.further.slice(0, 8).map(each => (
              <li key={each.says}>
                <span class={`tone-${each.tone}`}>
                  <Icon name="alert" />
                </span>
                <span>{each.page === undefined ? each.says : <a href={each.page}>{each.says}</a>}</span>
              </li>
            ))}
          </ul>
        )}
        <p class="as-of">As of {clockTime(Date.parse(at), now.value)}; looked at again every 15 s.</p>
      </div>
    </section>
  )
}

/** Where every one works there is nothing to say. */
function Workspaces({ all, reload }: { all: WorkspaceReport[]; reload(): void }) {
  const shown = all.filter(each => each.state !== 'works' || !each.known)
  if (shown.length === 0) return null
  return (
    <section class="card">
      <h2>Seam workspaces in trouble</h2>
      <WorkspaceList all={shown} reload={reload} />
    </section>
  )
}

const MOST_SHOWN = 8

function Arriving({ all }: { all: ConnectionReport[] }) {
  const weight = (each: ConnectionReport) =>
    (each.unusually_silent ? 1e9 : 0) +
    each.rejected_24h.reduce((sum, cause) => sum + cause.count, 0) * 1000 +
    each.accepted_24h
  const sorted = all.toSorted((a, b) => weight(b) - weight(a)).slice(0, MOST_SHOWN)
  return (
    <div class="card">
      <ConnectionTable connections={sorted} />
      {all.length > sorted.length && (
        <p class="list-foot">
          <span>Those in trouble first, then the busiest</span>
          <a href={pageOf.list('connections')}>All {count(all.length)} connections</a>
        </p>
      )}
    </div>
  )
}

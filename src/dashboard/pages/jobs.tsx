import { useEffect } from 'preact/hooks'
import type { JobReport } from '../../operate/schemas/jobs.ts'
import { now } from '../clock.ts'
import { pageOf } from '../links.ts'
import { usePages } from '../load.ts'
import { filterInWords, JobProgress } from '../parts/job.tsx'
import { type Column, List } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { progressInWords } from '../progress.ts'
import { jobStates, sayingOf, sentence } from '../words.ts'

const columns: Column<JobReport>[] = [
  { head: 'Begun', is: 'narrow', cell: row => <Time at={row.created_at} /> },
  {
    head: 'What',
    is: 'main',
    cell: row => (
      <>
        <a href={pageOf.job(row.id)}>{row.kind === 'replay' ? 'Replay' : 'Revival'}</a>
        <span class="sub">{filterInWords(row)}</span>
      </>
    )
  },
  {
    head: 'State',
    is: 'some',
    cell: row => (
      <>
        <Mark says={sayingOf(jobStates, row.state)} />
        {row.error !== null && <span class="sub">{sentence(row.error)}</span>}
      </>
    )
  },
  { head: 'Progress', isLabelled: true, cell: row => progressInWords(row, now.value) },
  { head: 'By', isLabelled: true, cell: row => row.by }
]

const LOOK_AGAIN_MS = 3_000

export function Jobs() {
  const pages = usePages<JobReport>('/jobs')
  const isRunning = pages.rows.some(each => each.state === 'running')
  useEffect(() => {
    if (!isRunning) return
    const timer = setInterval(pages.reload, LOOK_AGAIN_MS)
    return () => clearInterval(timer)
  }, [isRunning, pages.reload])
  return (
    <Page title="Jobs" lead="Replays and revivals, and how far each has come.">
      <List
        caption="Jobs, newest first"
        columns={columns}
        keyOf={row => row.id}
        pages={pages}
        one="job"
        none={<p>Nobody has started any.</p>}
      />
    </Page>
  )
}

export function JobPage({ id }: { id: string }) {
  return (
    <Page title="Job" crumbs={[{ name: 'Jobs', page: pageOf.list('jobs') }]}>
      <div class="card">
        <JobProgress id={id} />
      </div>
    </Page>
  )
}

import { useState } from 'preact/hooks'
import type { DeadLetters } from '../../operate/schemas/dead-letters.ts'
import type { JobReport } from '../../operate/schemas/jobs.ts'
import { count, some } from '../ages.ts'
import { act } from '../api.ts'
import { isConnection, pageOf } from '../links.ts'
import { useLoaded } from '../load.ts'
import { say } from '../notices.ts'
import { Action } from '../parts/action.tsx'
import { ChoiceFilter, Filters, useFilter } from '../parts/filters.tsx'
import { JobProgress } from '../parts/job.tsx'
import { Table } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { kindInWords, type Saying, sentence } from '../words.ts'

const sorts: Record<DeadLetters['of'], { title: string; lead: string; says: Saying }> = {
  dead: {
    title: 'Deliveries that cannot be used',
    lead: 'They were taken in and could not be read. Fix the cause, then revive them.',
    says: { word: 'Dead', tone: 'bad', sign: 'cross' }
  },
  held: {
    title: 'Deliveries that wait for a setting',
    lead: 'They go on by themselves once what is missing is in the connections file.',
    says: { word: 'Held', tone: 'warn', sign: 'pause' }
  },
  refused: {
    title: 'Resources that Seam refused',
    lead: 'Seam refused them permanently. A change sends them again, and so does reviving.',
    says: { word: 'Refused', tone: 'bad', sign: 'cross' }
  }
}
const all = Object.keys(sorts) as DeadLetters['of'][]

export function DeadLetterGroups() {
  const filter = useFilter(['of'])
  const [job, setJob] = useState<string>()
  const loaded = useLoaded<{ data: DeadLetters[] }>('/dead-letters')
  const { data, reload } = loaded
  const groups = data?.data ?? []
  const shown = all.filter(of => filter.of === undefined || filter.of === of)
  const isEmpty = data !== undefined && !groups.some(each => shown.includes(each.of))
  return (
    <Page title="Dead letters" lead="What needs somebody to act, by cause.">
      <Filters filter={filter} label="Filter dead letters">
        <ChoiceFilter filter={filter} name="of" label="Sort" options={all.map(of => [of, sorts[of].title])} />
      </Filters>
      <div class="stack">
        {job !== undefined && (
          <section class="card" aria-label="The revival that was started">
            <JobProgress key={job} id={job} ended={reload} />
          </section>
        )}
        <Waiting of={loaded} />
        {isEmpty && (
          <div class="card empty">
            <p>There are none.</p>
          </div>
        )}
        {shown.map(of => (
          <Groups
            key={of}
            of={of}
            groups={groups.filter(each => each.of === of)}
            started={id => {
              setJob(id)
              reload()
            }}
          />
        ))}
      </div>
    </Page>
  )
}

interface GroupsProps {
  of: DeadLetters['of']
  groups: DeadLetters[]
  started(job: string): void
}

function Groups({ of, groups, started }: GroupsProps) {
  if (groups.length === 0) return null
  const { title, lead, says } = sorts[of]
  return (
    <section class="card" aria-labelledby={`sort-${of}`}>
      <div class="inside section-head">
        <h2 id={`sort-${of}`}>{title}</h2>
        <p>{lead}</p>
      </div>
      <Table
        caption={title}
        rows={groups}
        keyOf={row => row.group}
        columns={[
          {
            head: 'Cause',
            is: 'main',
            cell: row => (
              <>
                <Mark says={says} />{' '}
                <strong>{sentence(row.cause === '' ? 'no cause was given' : row.cause)}</strong>
                <span class="sub">
                  {row.code !== null && <code>{row.code}</code>}{' '}
                  {of === 'refused' && row.kind !== null && `${kindInWords(row.kind)} · `}
                  <First row={row} />
                </span>
              </>
            )
          },
          { head: 'Of', isLabelled: true, is: 'some', cell: row => <Of row={row} /> },
          { head: 'How many', is: 'number', isLabelled: true, cell: row => count(row.count) },
          { head: 'Last', isLabelled: true, is: 'narrow', cell: row => <Time at={row.last_at} as="age" /> },
          { head: 'Do', is: 'narrow', cell: row => <Revive row={row} started={started} /> }
        ]}
      />
    </section>
  )
}

function First({ row }: { row: DeadLetters }) {
  return (
    <>
      {row.count > 1 && (
        <>
          since <Time at={row.first_at} as="clock" />{' '}
        </>
      )}
      {row.last_delivery !== null && <a href={pageOf.delivery(row.last_delivery)}>Look at the last one</a>}
      {row.of === 'refused' && (
        <a href={pageOf.list('resources', { state: 'refused', kind: row.kind ?? undefined })}>Look at them</a>
      )}
    </>
  )
}

function Of({ row: { connection, kind } }: { row: DeadLetters }) {
  if (connection !== null) {
    return isConnection(connection) ? (
      <a href={pageOf.connection(connection)}>{connection}</a>
    ) : (
      <span>Internal services</span>
    )
  }
  return kind === null ? null : <span>{kindInWords(kind)}</span>
}

function Revive({ row, started }: { row: DeadLetters; started(job: string): void }) {
  const what = row.of === 'refused' ? some(row.count, 'resource') : some(row.count, 'delivery', 'deliveries')
  return (
    <Action
      label="Revive"
      is="light"
      confirm={{
        title: `Revive ${what}?`,
        verb: 'Revive',
        text: (
          <>
            <p>{sentence(row.cause)}</p>
            <p class="quiet">
              {row.of === 'refused'
                ? 'They are sent to Seam once more. What Seam refuses again comes back here.'
                : 'They run again from what is stored. What fails again comes back here.'}
            </p>
          </>
        )
      }}
      run={async () => {
        const job = await act<JobReport>('POST', '/dead-letters/revive', { of: row.of, group: row.group })
        say(`${what} ${row.count === 1 ? 'gets' : 'get'} another try.`)
        started(job.id)
      }}
    />
  )
}

import type { CustomerReport, WorkspaceReport } from '../../operate/schemas/customers.ts'
import { count, spell } from '../ages.ts'
import { addressOf } from '../api.ts'
import { pageOf } from '../links.ts'
import { useLoaded, usePages } from '../load.ts'
import { ChoiceFilter, Filters, TextFilter, useFilter } from '../parts/filters.tsx'
import { type Column, List } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { paused, type Saying, sentence } from '../words.ts'
import { WorkspaceList } from './workspaces.tsx'

/** How far Seam has followed a customer. */
export function customerSaying(each: CustomerReport): Saying {
  if (each.paused !== null) return paused
  if (each.sending) return { word: 'Being sent', tone: 'accent', sign: 'clock' }
  if (each.failures > 0) return { word: `Failed ${count(each.failures)}×`, tone: 'bad', sign: 'cross' }
  if (each.offboarding) return { word: 'Leaving', tone: 'warn', sign: 'clock' }
  if (each.due_at !== null)
    return { word: each.due_for_seconds > 0 ? 'Due' : 'Scheduled', tone: 'accent', sign: 'clock' }
  if (each.offboarded && each.waiting === 0) return { word: 'Offboarded', tone: 'wait', sign: 'minus' }
  if (each.refused > 0) return { word: 'Some refused', tone: 'bad', sign: 'cross' }
  if (each.held > 0) return { word: 'Some held', tone: 'warn', sign: 'pause' }
  return { word: 'At Seam', tone: 'ok', sign: 'check' }
}

const columns: Column<CustomerReport>[] = [
  {
    head: 'Customer',
    is: 'main',
    cell: row => (
      <>
        <a href={pageOf.customer(row)}>{row.customer_key}</a>
        <span class="sub">
          {row.connections.length > 0 ? row.connections.join(', ') : 'no connection'} · workspace{' '}
          {row.workspace}
        </span>
      </>
    )
  },
  {
    head: 'Status',
    is: 'some',
    cell: row => (
      <>
        <Mark says={customerSaying(row)} />
        {row.due_for_seconds > 0 && <span class="quiet small"> for {spell(row.due_for_seconds)}</span>}
        {row.error !== null && <span class="sub">{sentence(row.error)}</span>}
        {row.not_before !== null && (
          <span class="sub">
            Tried again <Time at={row.not_before} as="age" />
          </span>
        )}
      </>
    )
  },
  { head: 'To be sent', isLabelled: true, is: 'number', cell: row => many(row.waiting) },
  { head: 'Held', isLabelled: true, is: 'number', cell: row => many(row.held) },
  { head: 'Refused', isLabelled: true, is: 'number', cell: row => many(row.refused) }
]

/** So many are counted and no more. */
const MOST = 1000

export function many(number: number) {
  if (number === 0) return <span class="quiet">0</span>
  return <>{number >= MOST ? `${count(MOST)}+` : count(number)}</>
}

export function Customers() {
  const filter = useFilter(['state', 'workspace', 'prefix'])
  const workspaces = useLoaded<{ data: WorkspaceReport[] }>('/workspaces')
  const pages = usePages<CustomerReport>(addressOf('/customers', filter))
  return (
    <Page
      title="Customers"
      lead="Each has one lane towards Seam: what is to be sent goes one after the other."
    >
      <Filters filter={filter} label="Filter customers">
        <ChoiceFilter
          filter={filter}
          name="state"
          label="State"
          options={[
            ['due', 'Due, the oldest first'],
            ['failing', 'Last call failed'],
            ['paused', 'Paused'],
            ['leaving', 'To be offboarded']
          ]}
        />
        <TextFilter filter={filter} name="prefix" label="Key begins with" />
        <TextFilter filter={filter} name="workspace" label="Workspace" />
      </Filters>
      <List
        caption="Customers"
        columns={columns}
        keyOf={row => `${row.workspace} ${row.customer_key}`}
        pages={pages}
        one="customer"
        none={
          <p>
            {filter.state === 'due'
              ? 'Nobody is due: everything is at Seam, or on its way.'
              : 'No customer fits these filters.'}
          </p>
        }
      />
      {workspaces.data !== undefined && (
        <section class="card after" aria-labelledby="workspaces-title">
          <h2 id="workspaces-title">Seam workspaces</h2>
          <WorkspaceList all={workspaces.data.data} reload={workspaces.reload} />
        </section>
      )}
    </Page>
  )
}

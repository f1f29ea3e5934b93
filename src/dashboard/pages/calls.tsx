import type { MadeCall } from '../../operate/schemas/history.ts'
import { lasted } from '../ages.ts'
import { addressOf } from '../api.ts'
import { pageOf } from '../links.ts'
import { usePages } from '../load.ts'
import { ChoiceFilter, Filters, TextFilter, TimeFilter, useFilter } from '../parts/filters.tsx'
import { type Column, List } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { sentence, statusSaying } from '../words.ts'

export const callColumns: Column<MadeCall>[] = [
  { head: 'When', is: 'narrow', cell: row => <Time at={row.at} /> },
  {
    head: 'Call',
    is: 'main',
    cell: row => (
      <>
        <a href={pageOf.call(row.id)}>{row.operation}</a>
        {row.seam_request_id !== null && <span class="sub mono">{row.seam_request_id}</span>}
      </>
    )
  },
  {
    head: 'Answer',
    is: 'some',
    cell: row => (
      <>
        <Mark says={statusSaying(row.status, row.error)} />
        {row.error !== null && <span class="sub">{sentence(row.error)}</span>}
      </>
    )
  },
  { head: 'Took', isLabelled: true, is: 'number', cell: row => lasted(row.duration_ms) },
  { head: 'Customer', isLabelled: true, cell: row => <a href={pageOf.customer(row)}>{row.customer_key}</a> }
]

export function Calls() {
  const filter = useFilter(['failed', 'workspace', 'customer', 'since', 'until'])
  const pages = usePages<MadeCall>(addressOf('/attempts', filter))
  return (
    <Page title="Calls to Seam" lead="Every call that was made, newest first.">
      <Filters filter={filter} label="Filter calls">
        <ChoiceFilter
          filter={filter}
          name="failed"
          label="Answer"
          options={[
            ['true', 'Failed'],
            ['false', 'Succeeded']
          ]}
        />
        <TextFilter filter={filter} name="customer" label="Customer" />
        <TextFilter filter={filter} name="workspace" label="Workspace" />
        <TimeFilter filter={filter} name="since" label="Since" />
        <TimeFilter filter={filter} name="until" label="Before" />
      </Filters>
      <List
        caption="Calls to Seam, newest first"
        columns={callColumns}
        keyOf={row => row.id}
        pages={pages}
        one="call"
        none={<p>No call fits these filters.</p>}
      />
    </Page>
  )
}

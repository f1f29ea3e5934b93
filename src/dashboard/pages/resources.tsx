import type { ListedResource } from '../../operate/schemas/resources.ts'
import { addressOf } from '../api.ts'
import type { Filter } from '../filters.ts'
import { kindNames } from '../kinds.ts'
import { pageOf } from '../links.ts'
import { usePages } from '../load.ts'
import { ChoiceFilter, Filters, TextFilter, useFilter } from '../parts/filters.tsx'
import { type Column, List } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { kindInWords, resourceStates, sayingOf, sentence } from '../words.ts'

const names = ['state', 'kind', 'workspace', 'customer', 'prefix'] as const

export const resourceColumns: Column<ListedResource>[] = [
  {
    head: 'Key',
    is: 'main',
    cell: row => (
      <>
        <a href={pageOf.resource(row)} class="mono">
          {row.key}
        </a>
        <span class="sub">{kindInWords(row.kind)}</span>
      </>
    )
  },
  {
    head: 'State',
    is: 'some',
    cell: row => (
      <>
        <Mark says={sayingOf(resourceStates, row.state)} />
        {row.reason !== null && <span class="sub">{sentence(row.reason)}</span>}
      </>
    )
  },
  {
    head: 'Arrival',
    isLabelled: true,
    is: 'narrow',
    cell: row => row.starts_at !== null && <Time at={row.starts_at} as="clock" />
  },
  {
    head: 'Customer',
    isLabelled: true,
    cell: row => <a href={pageOf.customer(row)}>{row.customer_key}</a>
  },
  { head: 'Last change', isLabelled: true, is: 'narrow', cell: row => <Time at={row.updated_at} as="age" /> }
]

/** What resources are and how far they have come, to choose from. */
export function ResourceChoices({ filter }: { filter: Filter }) {
  return (
    <>
      <ChoiceFilter
        filter={filter}
        name="state"
        label="State"
        options={Object.entries(resourceStates).map(([state, { word }]) => [state, word])}
      />
      <ChoiceFilter
        filter={filter}
        name="kind"
        label="Kind"
        options={kindNames.map(kind => [kind, kindInWords(kind)])}
      />
    </>
  )
}

export function Resources() {
  const filter = useFilter(names)
  const pages = usePages<ListedResource>(addressOf('/resources', filter))
  return (
    <Page
      title="Resources"
      lead="What Seam should hold: stays, guests and places, and how far each has come."
    >
      <Filters filter={filter} label="Filter resources">
        <ResourceChoices filter={filter} />
        <TextFilter filter={filter} name="customer" label="Customer" />
        <TextFilter filter={filter} name="prefix" label="Key begins with" />
      </Filters>
      <List
        caption="Resources"
        columns={resourceColumns}
        keyOf={row => `${row.workspace} ${row.customer_key} ${row.kind} ${row.key}`}
        pages={pages}
        one="resource"
        none={<p>Nothing fits these filters.</p>}
      />
    </Page>
  )
}

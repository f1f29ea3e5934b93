import type { CountedCause, ListedRejection } from '../../operate/schemas/rejected.ts'
import { count } from '../ages.ts'
import { addressOf } from '../api.ts'
import { searchOf } from '../filters.ts'
import { isConnection, pageOf } from '../links.ts'
import { useLoaded, usePages } from '../load.ts'
import { Filters, TextFilter, useFilter } from '../parts/filters.tsx'
import { type Column, List, Table } from '../parts/list.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { causeInWords, remedyOf, sentence } from '../words.ts'
import { Retake } from './retake.tsx'

const columns: Column<ListedRejection>[] = [
  { head: 'Received', is: 'narrow', cell: row => <Time at={row.received_at} /> },
  {
    head: 'Why it was not taken in',
    is: 'main',
    cell: row => (
      <>
        <a href={pageOf.rejected(row.id)}>{sentence(causeInWords(row.cause))}</a>
        <span class="sub mono">{row.cause}</span>
      </>
    )
  },
  {
    head: 'Connection',
    isLabelled: true,
    cell: row =>
      isConnection(row.connection) ? (
        <a href={pageOf.connection(row.connection)}>{row.connection}</a>
      ) : (
        row.connection
      )
  },
  { head: 'Sender', isLabelled: true, cell: row => <span class="mono">{row.remote_address}</span> },
  { head: 'Bytes', is: 'number', isLabelled: true, cell: row => count(row.bytes) }
]

export function Rejected() {
  const filter = useFilter(['connection', 'cause'])
  const causes = useLoaded<{ data: CountedCause[] }>('/rejection-causes')
  const pages = usePages<ListedRejection>(addressOf('/rejected', filter))
  const shown = (causes.data?.data ?? []).filter(
    each => filter.connection === undefined || each.connection === filter.connection
  )
  return (
    <Page
      title="Rejected requests"
      lead="What came to a webhook’s address and was not taken in. The newest of each connection are kept."
    >
      <div class="stack">
        {shown.length > 0 && (
          <section class="card">
            <h2>By cause, ever</h2>
            <Table
              caption="Rejected requests by cause"
              rows={shown.toSorted((a, b) => (a.last_at < b.last_at ? 1 : -1))}
              keyOf={row => `${row.connection} ${row.cause}`}
              columns={[
                {
                  head: 'Cause',
                  is: 'main',
                  cell: row => (
                    <>
                      <a href={searchOf({ connection: row.connection, cause: row.cause })}>
                        {sentence(causeInWords(row.cause))}
                      </a>
                      <span class="sub">{remedyOf(row.cause)}</span>
                    </>
                  )
                },
                {
                  head: 'Connection',
                  isLabelled: true,
                  cell: row =>
                    isConnection(row.connection) ? (
                      <a href={pageOf.connection(row.connection)}>{row.connection}</a>
                    ) : (
                      'none'
                    )
                },
                { head: 'How often', is: 'number', isLabelled: true, cell: row => count(row.count) },
                {
                  head: 'Last',
                  is: 'narrow',
                  isLabelled: true,
                  cell: row => <Time at={row.last_at} as="age" />
                },
                {
                  head: 'Do',
                  is: 'narrow',
                  cell: row =>
                    isConnection(row.connection) && (
                      <Retake connection={row.connection} is="light" reload={pages.reload} />
                    )
                }
              ]}
            />
          </section>
        )}
        <section aria-label="The requests">
          <Filters filter={filter} label="Filter rejected requests">
            <TextFilter
              filter={filter}
              name="connection"
              label="Connection"
              options={[...new Set(causes.data?.data.map(each => each.connection))]}
            />
            <TextFilter
              filter={filter}
              name="cause"
              label="Cause"
              options={[...new Set(causes.data?.data.map(each => each.cause))]}
            />
          </Filters>
          <List
            caption="Rejected requests, newest first"
            columns={columns}
            keyOf={row => row.id}
            pages={pages}
            one="request"
            none={<p>None are kept that fit these filters.</p>}
          />
        </section>
      </div>
    </Page>
  )
}

import type { CustomerReport } from '../../operate/schemas/customers.ts'
import type { MadeCall } from '../../operate/schemas/history.ts'
import type { ListedResource } from '../../operate/schemas/resources.ts'
import { spell } from '../ages.ts'
import { addressOf } from '../api.ts'
import { askAt, type CustomerName, pageOf } from '../links.ts'
import { useLoaded, usePages } from '../load.ts'
import { Filters, useFilter } from '../parts/filters.tsx'
import { List } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { Unsent } from '../parts/unsent.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { sentence } from '../words.ts'
import { callColumns } from './calls.tsx'
import { customerSaying, many } from './customers.tsx'
import { PauseButton, Resume } from './pauses.tsx'
import { PushAgain } from './push-again.tsx'
import { ResourceChoices, resourceColumns } from './resources.tsx'

/** One customer: the lane towards Seam, and what goes through it. */
export function Customer({ name }: { name: CustomerName }) {
  const { workspace, customer_key: customer } = name
  const filter = useFilter(['state', 'kind'])
  const loaded = useLoaded<CustomerReport>(askAt.customer(name))
  const { data, reload } = loaded
  const resources = usePages<ListedResource>(addressOf('/resources', { workspace, customer, ...filter }))
  const calls = usePages<MadeCall>(addressOf('/attempts', { workspace, customer, limit: 20 }))
  return (
    <Page
      title={customer}
      crumbs={[{ name: 'Customers', page: pageOf.list('customers') }, { name: `workspace ${workspace}` }]}
      actions={
        data !== undefined && (
          <>
            <PushAgain name={name} reload={reload} />
            {data.paused?.of === 'customer' ? (
              <Resume pause={data.paused} reload={reload} />
            ) : (
              data.paused === null && (
                <PauseButton
                  what={{ of: 'customer', ...name }}
                  name={`customer ${customer}`}
                  effect="What Seam should hold is still worked out, and not sent until somebody resumes it."
                  reload={reload}
                />
              )
            )}
          </>
        )
      }
    >
      <div class="stack">
        <Waiting of={loaded} rows={3} />
        {data !== undefined && <Unsent customer={data} />}
        {data !== undefined && (
          <section class="card" aria-label="The lane towards Seam">
            <dl class="facts short inside">
              <dt>Status</dt>
              <dd>
                <Mark says={customerSaying(data)} />
                {data.due_for_seconds > 0 && ` due for ${spell(data.due_for_seconds)}`}
                {data.error !== null && <> {sentence(data.error)}</>}
              </dd>
              {data.not_before !== null && (
                <>
                  <dt>Tried again</dt>
                  <dd>
                    <Time at={data.not_before} />
                  </dd>
                </>
              )}
              <dt>To be sent</dt>
              <dd>{data.waiting === 0 ? many(0) : <a href="?state=waiting">{many(data.waiting)}</a>}</dd>
              <dt>Held</dt>
              <dd>{data.held === 0 ? many(0) : <a href="?state=held">{many(data.held)}</a>}</dd>
              <dt>Refused</dt>
              <dd>{data.refused === 0 ? many(0) : <a href="?state=refused">{many(data.refused)}</a>}</dd>
              <dt>Connections</dt>
              <dd>
                {data.connections.length === 0 && 'None in the connections file'}
                <ul>
                  {data.connections.map(id => (
                    <li key={id}>
                      <a href={pageOf.connection(id)}>{id}</a>
                    </li>
                  ))}
                </ul>
              </dd>
            </dl>
          </section>
        )}
        <section aria-labelledby="resources-title">
          <div class="section-head">
            <h2 id="resources-title">What Seam should hold</h2>
          </div>
          <Filters filter={filter} label="Filter resources">
            <ResourceChoices filter={filter} />
          </Filters>
          <List
            caption="Resources of the customer"
            columns={resourceColumns.filter(each => each.head !== 'Customer')}
            keyOf={row => `${row.kind} ${row.key}`}
            pages={resources}
            one="resource"
            none={<p>Nothing.</p>}
          />
        </section>
        <section aria-labelledby="calls-title">
          <div class="section-head">
            <h2 id="calls-title">Calls to Seam</h2>
          </div>
          <List
            caption="Calls to Seam, newest first"
            columns={callColumns.filter(each => each.head !== 'Customer')}
            keyOf={row => row.id}
            pages={calls}
            one="call"
            none={<p>None have been made, or none are kept.</p>}
          />
        </section>
      </div>
    </Page>
  )
}

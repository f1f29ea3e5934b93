import { useState } from 'preact/hooks'
import type { WholeDelivery } from '../../operate/schemas/deliveries.ts'
import { lasted } from '../ages.ts'
import { addressOf, may } from '../api.ts'
import { askAt, isConnection, pageOf } from '../links.ts'
import { useLoaded } from '../load.ts'
import { Copy } from '../parts/copy.tsx'
import { Table } from '../parts/list.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Data, Request } from '../parts/request.tsx'
import { Reveal } from '../parts/reveal.tsx'
import { Time } from '../parts/time.tsx'
import { Waiting } from '../parts/waiting.tsx'
import {
  deliveryStates,
  kindInWords,
  outcomes,
  resourceStates,
  type Saying,
  sayingOf,
  sentence,
  statusSaying
} from '../words.ts'
import { ReviveOne } from './revive-one.tsx'

/** One request, what it said, and what became of it. */
export function Delivery({ id }: { id: string }) {
  const [isRevealed, setRevealed] = useState(false)
  const loaded = useLoaded<WholeDelivery>(addressOf(askAt.delivery(id), { reveal: isRevealed }))
  const { data, reload } = loaded
  const [first] = data?.events ?? []
  return (
    <Page
      title={first?.type ?? 'Delivery'}
      crumbs={[
        { name: 'Deliveries', page: pageOf.list('deliveries') },
        ...(data === undefined
          ? []
          : [
              {
                name: data.connection,
                page: pageOf.list('deliveries', { connection: data.connection })
              }
            ])
      ]}
      actions={
        <>
          <Reveal isRevealed={isRevealed} set={setRevealed} />
          {data?.replayable && (data.state === 'dead' || data.state === 'held') && (
            <ReviveOne
              what={{ of: data.state, ids: [id] }}
              label="Revive"
              said="It gets another try."
              reload={reload}
            />
          )}
          {may('operate') && data?.replayable && (
            <a class="button" href={pageOf.list('replay', { ids: id })}>
              Replay it…
            </a>
          )}
        </>
      }
    >
      <div class="stack">
        <Waiting of={loaded} />
        {data !== undefined && <Facts delivery={data} />}
        {data !== undefined && <Changes delivery={data} />}
        {data !== undefined && (
          <section class="card">
            <h2>The request</h2>
            <div class="inside">
              <Request request={data} />
            </div>
          </section>
        )}
        {data?.facts.known && (
          <section class="card">
            <h2>Read from the platform for it</h2>
            <div class="inside">
              <Data value={data.facts.value} label="What was read from the platform" />
            </div>
          </section>
        )}
      </div>
    </Page>
  )
}

function Facts({ delivery }: { delivery: WholeDelivery }) {
  return (
    <section class="card" aria-label="What became of it">
      <dl class="facts inside">
        <dt>State</dt>
        <dd>
          <Mark says={sayingOf(deliveryStates, delivery.state)} />
          {delivery.error !== null && <> {sentence(delivery.error)}</>}
        </dd>
        <dt>Received</dt>
        <dd>
          <Time at={delivery.received_at} />
        </dd>
        {delivery.due_at !== null && (
          <>
            <dt>Worked on next</dt>
            <dd>
              <Time at={delivery.due_at} />
            </dd>
          </>
        )}
        {delivery.done_at !== null && (
          <>
            <dt>Came to its end</dt>
            <dd>
              <Time at={delivery.done_at} as="clock" />{' '}
              <span class="quiet">
                after {lasted(Date.parse(delivery.done_at) - Date.parse(delivery.received_at))},{' '}
                {delivery.attempts} {delivery.attempts === 1 ? 'try' : 'tries'}
              </span>
            </dd>
          </>
        )}
        <dt>Connection</dt>
        <dd>
          {isConnection(delivery.connection) ? (
            <a href={pageOf.connection(delivery.connection)}>{delivery.connection}</a>
          ) : (
            'An internal service'
          )}{' '}
          <span class="quiet">{delivery.platform}</span>
        </dd>
        <dt>Id</dt>
        <dd>
          <Copy text={delivery.id} what="the id" />
        </dd>
        {delivery.platform_id !== null && (
          <>
            <dt>The platform’s id</dt>
            <dd>
              <Copy text={delivery.platform_id} what="the platform’s id" />
            </dd>
          </>
        )}
        <dt>Said</dt>
        <dd>
          {delivery.events.length === 0 && 'Nothing that has been read yet'}
          <ul>
            {delivery.events.map((event, at) => (
              <li key={at}>
                {event.type} <Mark says={sayingOf(eventOutcomes, event.outcome)} />
                {event.reason !== null && <span class="quiet"> {sentence(event.reason)}</span>}
                {event.code !== null && <code class="quiet"> {event.code}</code>}
              </li>
            ))}
          </ul>
          {delivery.event_count > delivery.events.length && (
            <p class="quiet">and {delivery.event_count - delivery.events.length} more</p>
          )}
        </dd>
      </dl>
    </section>
  )
}

const eventOutcomes: Record<string, Saying> = deliveryStates

function Changes({ delivery: { changes, more_changes: hasMore } }: { delivery: WholeDelivery }) {
  return (
    <section class="card">
      <h2>What it changed</h2>
      {changes.length === 0 ? (
        <p class="inside quiet">Nothing, or its history is no longer kept.</p>
      ) : (
        <Table
          caption="What it changed"
          rows={changes}
          keyOf={row => `${row.kind} ${row.key} ${row.event} ${row.at}`}
          columns={[
            {
              head: 'What',
              is: 'main',
              cell: row => (
                <>
                  <a class="mono" href={pageOf.resource(row)}>
                    {row.key}
                  </a>
                  <span class="sub">{kindInWords(row.kind)}</span>
                </>
              )
            },
            {
              head: 'What it did',
              is: 'some',
              cell: row => (
                <>
                  <Mark says={sayingOf(outcomes, row.outcome)} />
                  {row.note !== null && <span class="sub">{sentence(row.note)}</span>}
                </>
              )
            },
            {
              head: 'Now',
              cell: row => row.state !== null && <Mark says={sayingOf(resourceStates, row.state)} />
            },
            {
              head: 'Calls to Seam',
              cell: row => (
                <ul>
                  {row.calls.map(call => (
                    <li key={call.id}>
                      <a href={pageOf.call(call.id)}>{call.operation}</a>{' '}
                      <Mark says={statusSaying(call.status, call.error)} />{' '}
                      <span class="quiet small">{lasted(call.duration_ms)}</span>
                    </li>
                  ))}
                </ul>
              )
            }
          ]}
        />
      )}
      {hasMore && <p class="list-foot">The first 200 are shown.</p>}
    </section>
  )
}

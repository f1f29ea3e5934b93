import { useState } from 'preact/hooks'
import type { AgreedSetting, ConnectionDetail } from '../../operate/schemas/connections.ts'
import { count, spell } from '../ages.ts'
import { act, may } from '../api.ts'
import { askAt, pageOf } from '../links.ts'
import { useLoaded } from '../load.ts'
import { say } from '../notices.ts'
import { Action } from '../parts/action.tsx'
import { Copy } from '../parts/copy.tsx'
import { Icon } from '../parts/icon.tsx'
import { Mark } from '../parts/mark.tsx'
import { Page } from '../parts/page.tsx'
import { Time } from '../parts/time.tsx'
import { Waiting } from '../parts/waiting.tsx'
import { causeInWords, remedyOf, sentence } from '../words.ts'
import { connectionSaying } from './connections.tsx'
import { PauseButton, Resume } from './pauses.tsx'
import { Retake } from './retake.tsx'

/** One account at a platform: how it does, and what is to be set up there. */
export function Connection({ id }: { id: string }) {
  const loaded = useLoaded<ConnectionDetail>(askAt.connection(id))
  const { data, reload } = loaded
  return (
    <Page
      title={id}
      crumbs={[
        { name: 'Connections', page: pageOf.list('connections') },
        ...(data ? [{ name: data.platform_title }] : [])
      ]}
      actions={
        data !== undefined && (
          <>
            <a class="button" href={pageOf.list('deliveries', { connection: id })}>
              Its deliveries
            </a>
            {data.paused === null ? (
              <PauseButton
                what={{ of: 'connection', connection: id }}
                name={`connection ${id}`}
                effect="What it sends is still verified and stored, and waits until somebody resumes it."
                reload={reload}
              />
            ) : (
              <Resume pause={data.paused} reload={reload} />
            )}
          </>
        )
      }
    >
      <div class="stack">
        <Waiting of={loaded} />
        {data?.paused && (
          <div class="notice warn">
            <Icon name="pause" />
            <div>
              <strong>
                Paused by {data.paused.by} <Time at={data.paused.since} as="age" />
              </strong>
              {data.paused.reason !== null && <p>{sentence(data.paused.reason)}</p>}
            </div>
          </div>
        )}
        {data !== undefined && (
          <div class="columns">
            <div class="stack">
              <Arriving connection={data} reload={reload} />
              <SetUp connection={data} />
            </div>
            {may('operate') && <Sample connection={data} />}
          </div>
        )}
      </div>
    </Page>
  )
}

function Arriving({ connection, reload }: { connection: ConnectionDetail; reload(): void }) {
  const {
    id,
    rejected_24h: rejected,
    silent_for_seconds: silent,
    expected_silence_seconds: usual
  } = connection
  return (
    <section class="card">
      <h2>What arrives</h2>
      <dl class="facts inside">
        <dt>How it does</dt>
        <dd>
          <Mark says={connectionSaying(connection)} />
        </dd>
        <dt>Last seen</dt>
        <dd>
          {connection.last_received_at === null ? 'Never' : <Time at={connection.last_received_at} />}
          {silent !== null && usual !== null && (
            <span class="quiet"> (silent for at most {spell(usual)} as a rule)</span>
          )}
        </dd>
        <dt>Taken in within 24 h</dt>
        <dd>{count(connection.accepted_24h)}</dd>
        <dt>Rejected within 24 h</dt>
        <dd>
          {rejected.length === 0 && 'None'}
          <ul class="stack near">
            {rejected.map(each => (
              <li key={each.cause}>
                <a href={pageOf.list('rejected', { connection: id, cause: each.cause })}>
                  {count(each.count)}: {causeInWords(each.cause)}
                </a>
                <p class="quiet small">{remedyOf(each.cause)}</p>
              </li>
            ))}
          </ul>
          {connection.last_rejected_at !== null && (
            <p>
              <Retake connection={id} is="light" reload={reload} />
            </p>
          )}
        </dd>
        <dt>Held, dead</dt>
        <dd>
          <a href={pageOf.list('deliveries', { connection: id, state: 'held' })}>
            {count(connection.held)} held
          </a>
          ,{' '}
          <a href={pageOf.list('deliveries', { connection: id, state: 'dead' })}>
            {count(connection.dead)} dead
          </a>
        </dd>
        <dt>Customer</dt>
        <dd>
          <a href={pageOf.customer(connection)}>{connection.customer_key}</a>{' '}
          <span class="quiet">in workspace {connection.workspace}</span>
        </dd>
      </dl>
    </section>
  )
}

function SetUp({ connection }: { connection: ConnectionDetail }) {
  const {
    platform_title: platform,
    addresses,
    verified_by: by,
    secrets,
    api,
    allow_from: from,
    events
  } = connection
  return (
    <section class="card">
      <h2>Set-up at {platform}</h2>
      <dl class="facts inside">
        <dt>Address to enter</dt>
        <dd>
          <ul class="stack near">
            {addresses.map(address => (
              <li key={address}>
                <Copy text={address} what="the address" />
              </li>
            ))}
          </ul>
        </dd>
        <dt>Proves itself with</dt>
        <dd>{by}</dd>
        {secrets.length > 0 && (
          <>
            <dt>Agreed with it</dt>
            <dd>
              <Settings all={secrets} />
            </dd>
          </>
        )}
        <dt>Platform’s API</dt>
        <dd>
          {api.every(each => each.given === 0) ? (
            'Is not asked; nothing of it is in the connections file'
          ) : (
            <Settings all={api} />
          )}
        </dd>
        <dt>May send from</dt>
        <dd>{from.length === 0 ? 'Everywhere' : <code>{from.join(', ')}</code>}</dd>
        {events.length > 0 && (
          <>
            <dt>Events to turn on</dt>
            <dd>
              <code>{events.join(', ')}</code>
            </dd>
          </>
        )}
        <dt>Step by step</dt>
        <dd>
          <code>{connection.guide}</code>
        </dd>
      </dl>
    </section>
  )
}

function Settings({ all }: { all: AgreedSetting[] }) {
  return (
    <ul>
      {all.map(({ name, description, required, given }) => (
        <li key={name}>
          <code>{name}</code>{' '}
          {given === 0 ? (
            <Mark
              says={
                required
                  ? { word: 'Missing', tone: 'bad', sign: 'cross' }
                  : { word: 'Not given', tone: 'wait', sign: 'minus' }
              }
            />
          ) : (
            <Mark says={{ word: given === 1 ? 'Given' : `${given} values`, tone: 'ok', sign: 'check' }} />
          )}
          {description !== null && <span class="quiet"> {description}</span>}
        </li>
      ))}
    </ul>
  )
}

interface Sent {
  delivery_id: string
  status: number
  event: string
}

function Sample({
  connection: { id, samples, samples_stay_here: staysHere }
}: {
  connection: ConnectionDetail
}) {
  const [event, setEvent] = useState(samples[0] ?? '')
  const [sent, setSent] = useState<Sent>()
  if (samples.length === 0) return null
  return (
    <section class="card">
      <h2>Send a sample</h2>
      <div class="inside stack near">
        <p>
          {staysHere
            ? 'A webhook of an invented guest, signed as the platform would sign it. It goes no further than the sandbox.'
            : 'A webhook of an invented guest, signed as the platform would sign it. This relay sends to Seam itself, which then hears of that guest.'}
        </p>
        <label class="field">
          <span>Event</span>
          <select value={event} onChange={change => setEvent(change.currentTarget.value)}>
            {samples.map(each => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
        <div class="row">
          <Action
            label="Send it"
            is="first"
            {...(!staysHere && {
              confirm: {
                title: 'Send it to Seam itself?',
                verb: 'Send it',
                text: (
                  <p>
                    Seam gets a stay of an invented guest. Cancel it again with the sample of a cancellation.
                  </p>
                )
              }
            })}
            run={async () => {
              const reply = await act<Sent>('POST', `${askAt.connection(id)}/sample`, {
                event,
                ...(!staysHere && { real: true })
              })
              setSent(reply)
              say(
                `The sample ${reply.event} was answered with ${reply.status}.`,
                pageOf.delivery(reply.delivery_id)
              )
            }}
          />
          {sent !== undefined && <a href={pageOf.delivery(sent.delivery_id)}>What became of it</a>}
        </div>
      </div>
    </section>
  )
}

import type { AgreedSetting, ConnectionDetail } from '../../operate/schemas/connections.ts'
import { count, spell } from '../ages.ts'
import { pageOf } from '../links.ts'
import { Copy } from '../parts/copy.tsx'
import { Mark } from '../parts/mark.tsx'
import { Time } from '../parts/time.tsx'
import { causeInWords, remedyOf } from '../words.ts'
import { connectionSaying } from './connections.tsx'
import { Retake } from './retake.tsx'

/** How it does, and what came from it within 24 hours. */
export function Arriving({ connection, reload }: { connection: ConnectionDetail; reload(): void }) {
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
        <dt>Status</dt>
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
        <dt>Waiting, held, dead</dt>
        <dd>
          <a href={pageOf.list('deliveries', { connection: id, state: 'received' })}>
            {count(connection.waiting)} waiting
          </a>
          ,{' '}
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

/** What to enter at the platform, and what the connections file has of it. */
export function SetUp({ connection }: { connection: ConnectionDetail }) {
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
            <dt>Shared secrets</dt>
            <dd>
              <Settings all={secrets} />
            </dd>
          </>
        )}
        <dt>Platform’s API</dt>
        <dd>
          {api.every(each => each.given === 0) ? (
            'Not used; the connections file has no credentials for it'
          ) : (
            <Settings all={api} />
          )}
        </dd>
        <dt>Allowed addresses</dt>
        <dd>{from.length === 0 ? 'All' : <code>{from.join(', ')}</code>}</dd>
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

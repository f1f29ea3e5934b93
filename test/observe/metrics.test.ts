import { spawnSync } from 'node:child_process'
import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { rejectionCauses } from '../../src/model/rejection.ts'
import { metricsByName } from '../../src/observe/metrics.ts'
import { relayMetrics } from '../../src/observe/relay-metrics.ts'
import { type Backlog, MOST_COUNTED } from '../../src/store/backlog.ts'
import { openRelay } from '../open-relay.ts'
import { openServer } from '../open-server.ts'
import { aBooking, later, openCustomers } from '../sync/open-customers.ts'
import { promtool, toolPath } from '../tools.ts'
import { samplesIn, scraped } from './scraped.ts'

const empty: Backlog = {
  translate: { due: 0, scheduled: 0, dueSince: undefined },
  sync: { due: 0, scheduled: 0, dueSince: undefined },
  places: { due: 0, dueSince: undefined },
  redraw: { due: 0 },
  paused: { translate: 0, sync: 0, places: 0 },
  pauses: { connection: 0, customer: 0, workspace: 0 },
  unsentSince: undefined,
  held: { deliveries: 0, stays: 0 },
  dead: { deliveries: 0, resources: 0 },
  arrivals: { pending: 0, refused: 0, held: 0 },
  workspaces: [],
  lastReceived: []
}

t.test('what is answered has every metric of the list, and no other that is the relay’s own', async t => {
  const { origin } = await openRelay(t)
  const reply = await fetch(`${origin}/metrics`)
  t.equal(reply.status, 200)
  t.equal(reply.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const text = await reply.text()
  const told = Array.from(text.matchAll(/^# TYPE (relay_\w+) (\w+)$/gm), ([, name, type]) => [name, type])
  t.same(
    new Map(told as [string, string][]),
    new Map(Object.entries(metricsByName).map(([name, { type }]) => [name, type]))
  )
  for (const name of [
    'process_cpu_seconds_total',
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_heap_size_used_bytes'
  ])
    t.match(text, `# TYPE ${name} `)
})

t.test('names and helps follow Prometheus’ conventions', async t => {
  for (const [name, { type, help, labels }] of Object.entries(metricsByName)) {
    t.match(name, /^relay_[a-z0-9]+(?:_[a-z0-9]+)*$/)
    t.equal(name.endsWith('_total'), type === 'counter', `${name}: counters, and nothing else, end in _total`)
    t.notMatch(name, /_(?:ms|millis|milliseconds|minutes|hours|kb|mb|count|sum|bucket)(?:_|$)/, 'base units')
    t.match(help, /^[A-Z0-9].*\.$/, `${name}: a sentence`)
    for (const label of Object.keys(labels)) t.match(label, /^(?!le$|quantile$|instance$|job$)[a-z]+$/)
  }
  for (const name of ['relay_backlog', 'relay_dead_letters', 'relay_held'])
    t.match(metricsByName[name]?.help, `Counted up to ${MOST_COUNTED}.`)
})

t.test('promtool has nothing to find fault with', async t => {
  const { origin } = await openRelay(t)
  const input = await (await fetch(`${origin}/metrics`)).text()
  const { status, stdout, stderr } = spawnSync(toolPath(promtool), ['check', 'metrics'], {
    input,
    encoding: 'utf8'
  })
  t.strictSame([status, stdout, stderr], [0, '', ''])
})

t.test('the causes of rejected requests are all there are', async t => {
  t.strictSame(metricsByName.relay_requests_rejected_total?.labels.cause, rejectionCauses)
})

t.test('a webhook is counted on its whole way, and timed from its receipt until Seam has agreed', async t => {
  const relay = await openCustomers(t, { customers: ['a'] })
  const booking = aBooking('b1')
  await relay.tell('a', booking)
  const before = await scraped(relay.origin)
  t.equal(before.get('relay_requests_total{platform="standard",outcome="accepted"}'), 1)
  t.equal(before.get('relay_ack_duration_seconds_count'), 1)
  t.equal(before.get('relay_translations_total{platform="standard",outcome="translated"}'), 1)
  t.ok(Number(before.get('relay_changes_total{outcome="changed"}')) >= 1)
  t.equal(before.get('relay_backlog{stage="sync",state="scheduled"}'), 1, 'it waits for the quiet window')
  t.equal(before.get('relay_last_received_timestamp_seconds{connection="a"}'), relay.clock.now / 1000)

  relay.clock.now += 20_000
  const waiting = await scraped(relay.origin)
  t.equal(waiting.get('relay_backlog{stage="sync",state="due"}'), 1)
  t.equal(waiting.get('relay_oldest_due_age_seconds{stage="sync"}'), 19)
  t.equal(waiting.get('relay_oldest_unsent_age_seconds'), 20)
  await relay.tell('a', later(booking, { arrival: '2027-03-13' }))
  await relay.after(10_000)
  const after = await scraped(relay.origin)
  t.equal(after.get('relay_end_to_end_duration_seconds_count'), 1, 'both went out together')
  t.equal(after.get('relay_end_to_end_duration_seconds_sum'), 30, 'since the first of them came')
  t.equal(after.get('relay_seam_calls_total{workspace="default",operation="push_data",status="2xx"}'), 1)
  t.equal(after.get('relay_seam_call_duration_seconds_count{operation="push_data",status="2xx"}'), 1)
  t.equal(after.get('relay_resources_settled_total{operation="push_data"}'), 3)
  t.equal(after.get('relay_oldest_unsent_age_seconds'), 0)
  t.equal(after.get('relay_workspace_stopped{workspace="default"}'), 0)
})

t.test('commits to the store are counted and timed', async t => {
  const relay = await openRelay(t)
  const samples = await scraped(relay.origin)
  t.ok(Number(samples.get('relay_commit_duration_seconds_count')) > 0)
  t.equal(samples.get('relay_commit_batch_size_count'), samples.get('relay_commit_duration_seconds_count'))
  t.equal(samples.get('relay_commits_failed_total'), 0)
})

t.test('what Seam refuses is counted, and its answers by the sort of their status', async t => {
  const metrics = relayMetrics()
  metrics.sync.refused('push_data', 2)
  for (const status of [200, 302, 404, 429, 503, undefined])
    metrics.sync.called('eu', 'delete_data', status, -5)
  const samples = samplesIn(await metrics.text())
  t.equal(samples.get('relay_resources_refused_total{operation="push_data"}'), 2)
  for (const status of ['2xx', '3xx', '4xx', '429', '5xx', 'none'])
    t.equal(
      samples.get(`relay_seam_calls_total{workspace="eu",operation="delete_data",status="${status}"}`),
      1
    )
  t.equal(
    samples.get('relay_seam_call_duration_seconds_sum{operation="delete_data",status="2xx"}'),
    0,
    'a clock that was set back takes no time away'
  )
})

t.test(
  'refused requests are counted by connection and cause; names that strangers make up are no labels',
  async t => {
    const relay = await openRelay(t)
    const before = await (await fetch(`${relay.origin}/metrics`)).text()
    t.notMatch(before, 'relay_requests_rejected_total{', 'so that what is first seen at 1 has been refused')
    for (const path of ['/webhooks/hostaway/demo-hostaway', '/webhooks/zilpzalp/amselweg'])
      t.equal((await relay.post(path, { body: '{}' })).status, 401)
    const text = await (await fetch(`${relay.origin}/metrics`)).text()
    const samples = samplesIn(text)
    t.equal(
      samples.get('relay_requests_rejected_total{connection="demo-hostaway",cause="credentials_missing"}'),
      1
    )
    t.equal(samples.get('relay_requests_total{platform="hostaway",outcome="rejected"}'), 1)
    t.equal(
      samples.get('relay_requests_rejected_total{connection="(unknown)",cause="unknown_connection"}'),
      1
    )
    t.equal(samples.get('relay_requests_total{platform="(unknown)",outcome="rejected"}'), 1)
    t.notMatch(text, /zilpzalp|amselweg/)
  }
)

t.test('answers to internal services are counted by address, without the ids in it', async t => {
  const relay = await openRelay(t)
  t.equal((await fetch(`${relay.origin}/deliveries/a-long-id`)).status, 401)
  const text = await (await fetch(`${relay.origin}/metrics`)).text()
  t.equal(samplesIn(text).get('relay_api_requests_total{route="/deliveries/:id",status="4xx"}'), 1)
  t.notMatch(text, 'a-long-id')
})

t.test('readings from platforms are counted by how they went', async t => {
  const metrics = relayMetrics()
  const connections = [{ id: 'lake', platform: 'guesty', workspaceId: 'default' }]
  const described = {
    version: '1',
    connections,
    workspaces: [],
    readBacklog: async () => empty,
    now: () => 0
  }
  metrics.describe(described)
  metrics.platformAsked('lake', undefined)
  for (const code of [
    'RELAY_PLATFORM_UNAVAILABLE',
    'RELAY_PLATFORM_UNAUTHORIZED',
    'RELAY_PLATFORM_REFUSED'
  ] as const)
    metrics.platformAsked('lake', new RelayError(code))
  metrics.platformAsked('lake', new TypeError('a mistake of an adapter'))
  const samples = samplesIn(await metrics.text())
  for (const outcome of ['answered', 'unavailable', 'unauthorized', 'refused', 'failed'])
    t.equal(samples.get(`relay_hydrations_total{platform="guesty",outcome="${outcome}"}`), 1, outcome)
})

t.test('what only the store knows is told as it stands there', async t => {
  const metrics = relayMetrics()
  const now = Date.UTC(2027, 0, 10)
  metrics.describe({
    version: '1',
    connections: [{ id: 'lake', platform: 'guesty', workspaceId: 'eu' }],
    workspaces: [{ id: 'eu' }, { id: 'us' }],
    now: () => now,
    readBacklog: async () => ({
      ...empty,
      translate: { due: 1, scheduled: 2, dueSince: now - 3_000 },
      places: { due: 4, dueSince: now + 60_000 },
      redraw: { due: 5 },
      unsentSince: now - 6_000,
      held: { deliveries: 7, stays: 8 },
      dead: { deliveries: 9, resources: 10 },
      arrivals: { pending: 11, refused: 12, held: 13 },
      workspaces: [{ id: 'eu', stopped: true, waitUntil: now + 1_000 }],
      lastReceived: [
        { connectionId: 'lake', at: now - 2_000 },
        { connectionId: 'gone', at: now }
      ]
    })
  })
  const samples = samplesIn(await metrics.text())
  const expected = {
    relay_store_up: 1,
    'relay_backlog{stage="translate",state="due"}': 1,
    'relay_backlog{stage="translate",state="scheduled"}': 2,
    'relay_oldest_due_age_seconds{stage="translate"}': 3,
    'relay_backlog{stage="places",state="due"}': 4,
    'relay_oldest_due_age_seconds{stage="places"}': 0,
    'relay_oldest_due_age_seconds{stage="sync"}': 0,
    'relay_backlog{stage="redraw",state="due"}': 5,
    relay_oldest_unsent_age_seconds: 6,
    'relay_held{stage="translate"}': 7,
    'relay_held{stage="desired"}': 8,
    'relay_dead_letters{stage="translate"}': 9,
    'relay_dead_letters{stage="sync"}': 10,
    'relay_arrivals_unsent{within="24h",because="pending"}': 11,
    'relay_arrivals_unsent{within="24h",because="refused"}': 12,
    'relay_arrivals_unsent{within="24h",because="held"}': 13,
    'relay_workspace_stopped{workspace="eu"}': 1,
    'relay_workspace_stopped{workspace="us"}': 0,
    'relay_workspace_wait_until_timestamp_seconds{workspace="eu"}': now / 1000 + 1,
    'relay_workspace_wait_until_timestamp_seconds{workspace="us"}': 0,
    'relay_last_received_timestamp_seconds{connection="lake"}': now / 1000 - 2,
    'relay_last_received_timestamp_seconds{connection="gone"}': undefined,
    'relay_connection_info{connection="lake",platform="guesty",workspace="eu"}': 1
  }
  for (const [name, value] of Object.entries(expected)) t.equal(samples.get(name), value, name)
})

t.test(
  'a store that does not answer leaves no old numbers behind, and is not waited for without end',
  async t => {
    const clock = { now: 0 }
    let asked = 0
    let answer: () => Promise<Backlog> = async () => empty
    const metrics = relayMetrics()
    metrics.describe({
      version: '1',
      connections: [],
      workspaces: [],
      now: () => clock.now,
      patienceMs: 1,
      readBacklog: () => {
        asked += 1
        return answer()
      }
    })
    const isUp = async () => {
      const samples = samplesIn(await metrics.text())
      t.equal(samples.has('relay_oldest_unsent_age_seconds'), samples.get('relay_store_up') === 1)
      return samples.get('relay_store_up') === 1
    }
    await Promise.all([metrics.text(), metrics.text()])
    t.equal(asked, 1, 'those who ask together are told together')
    t.ok(await isUp())
    t.equal(asked, 1, 'and those who ask soon after')

    clock.now += 3_600_000
    answer = async () => {
      throw new RelayError('RELAY_STORE_UNAVAILABLE')
    }
    t.notOk(await isUp())
    let late = (_backlog: Backlog) => {}
    answer = () => new Promise(resolve => (late = resolve))
    t.notOk(await isUp())
    t.notOk(await isUp())
    t.equal(asked, 3, 'nobody asks twice for what is under way')
    late(empty)
    answer = async () => empty
    await new Promise(setImmediate)
    t.ok(await isUp())
  }
)

t.test('without a token whoever reaches the relay may read; with one only who sends it', async t => {
  const open = await openServer(t)
  t.equal((await open.app.inject('/metrics')).statusCode, 200)
  t.equal((await open.app.inject({ method: 'HEAD', url: '/metrics' })).statusCode, 200)
  const posted = await open.app.inject({ method: 'POST', url: '/metrics' })
  t.strictSame([posted.statusCode, posted.headers.allow], [405, 'GET, HEAD'])

  const { app } = await openServer(t, { metrics: { token: 'a-token-of-sixteen' } })
  for (const authorization of [
    undefined,
    '',
    'Bearer',
    'Bearer a-token-of-sixteeN',
    'Basic a-token-of-sixteen'
  ]) {
    const reply = await app.inject({
      url: '/metrics',
      headers: authorization === undefined ? {} : { authorization }
    })
    t.strictSame([reply.statusCode, reply.json().code], [401, 'RELAY_KEY_UNKNOWN'], String(authorization))
    t.equal(reply.headers['www-authenticate'], 'Bearer')
    t.notMatch(reply.body, 'relay_')
  }
  const right = { authorization: 'bearer a-token-of-sixteen' }
  t.equal((await app.inject({ url: '/metrics', headers: right })).statusCode, 200)
})

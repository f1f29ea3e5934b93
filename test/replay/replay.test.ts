import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { createLog } from '../../src/observe/log.ts'
import { jobReportOf } from '../../src/operate/jobs.ts'
import { masked } from '../../src/operate/shown.ts'
import { replayRoom } from '../../src/replay/replay.ts'
import { auditOf } from '../../src/store/audit.ts'
import { causeOf } from '../../src/store/replays.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import type { Store } from '../../src/store/store.ts'
import { type Write, write } from '../../src/store/write.ts'
import { interposed } from '../desired/open-desired.ts'
import { openEmpty, sqlite } from '../engines.ts'

const NOON = Date.UTC(2027, 0, 10, 12)

function entryOf(store: Store, id: string): Write {
  return auditOf(store).entry({
    id,
    at: NOON,
    actor: 'key',
    actor_name: 'on call',
    action: 'replay',
    target: 'job j1',
    detail: '{}'
  })
}

t.test('a step that fails ends its job, and a store that is away does not', async t => {
  const store = await openEmpty(t, sqlite)
  t.teardown(() => store.close())
  const rooms = storeRooms(store)
  const logged: string[] = []
  const errors: unknown[] = [
    new RelayError('RELAY_STORE_UNAVAILABLE', undefined, { retryable: true }),
    new TypeError('nobody foresaw this')
  ]
  const room = replayRoom({
    store,
    ...rooms,
    replays: {
      ...rooms.replays,
      async part() {
        throw errors.shift()
      }
    },
    keepMs: 1_000,
    now: () => NOON,
    log: createLog('info', { write: line => void logged.push(line) }),
    onStored() {},
    onDue() {}
  })
  const job = {
    id: 'j1',
    kind: 'replay' as const,
    filter: {},
    actorName: 'on call',
    at: NOON,
    total: undefined
  }
  await rooms.jobs.begin({ ...job, chosen: { of: 'deliveries' } }, entryOf(store, 'a1'))
  t.equal(await room.replayOnce(), 'idle')
  t.match(await rooms.jobs.one('j1'), { state: 'running' })
  t.equal(await room.replayOnce(), 'busy')
  t.match(await rooms.jobs.one('j1'), {
    state: 'failed',
    error: /^RELAY_INTERNAL: .*the log/,
    ended_at: NOON
  })
  t.match(logged.join(''), /"event":"job.failed"/)
  const stranger = replayRoom({
    store,
    ...rooms,
    jobs: {
      ...rooms.jobs,
      async running() {
        throw new TypeError('nor this')
      }
    },
    keepMs: 1_000,
    now: () => NOON,
    log: createLog('info', { write: line => void logged.push(line) }),
    onStored() {},
    onDue() {}
  })
  t.equal(await stranger.replayOnce(), 'idle')
  t.match(logged.join(''), /"event":"replay.failed"/)
})

t.test('one that is cancelled in the middle of a step puts nothing back', async t => {
  const opened = await openEmpty(t, sqlite)
  t.teardown(() => opened.close())
  const store = interposed(opened)
  const rooms = storeRooms(store)
  const delivery = {
    id: '01a2ff783e000000ae11b4f7b6',
    connection_id: 'lake',
    platform: 'standard',
    received_at: NOON,
    headers: '{}',
    query: '{}',
    body: new Uint8Array(),
    state: 'dead' as const,
    due_at: NOON
  }
  const id = '01a2ff783e000001ae11b4f7b6'
  await opened.commit([write(opened.db.insertInto('deliveries').values(delivery))])
  const chosen = { of: 'deliveries' as const, connectionId: 'lake' }
  const job = { id, kind: 'replay' as const, filter: {}, chosen, actorName: 'on call', at: NOON, total: 1 }
  await rooms.jobs.begin(job, entryOf(opened, 'a1'))
  store.beforeNextCommit = async () => {
    t.equal(await storeRooms(opened).jobs.cancel(id, NOON, entryOf(opened, 'a2')), true)
  }
  const room = replayRoom({
    store,
    ...rooms,
    keepMs: 1_000,
    now: () => NOON,
    log: createLog('silent'),
    onStored: () => t.fail('nothing is due'),
    onDue() {}
  })
  t.equal(await room.replayOnce(), 'idle')
  t.match(await rooms.jobs.one(id), { state: 'cancelled', inHand: [] })
  t.match(await store.db.selectFrom('deliveries').select('state').execute(), [{ state: 'dead' }])
  t.equal(await rooms.jobs.cancel(id, NOON, entryOf(opened, 'a3')), false)
  t.equal(
    (await store.db.selectFrom('audit').select('id').execute()).length,
    2,
    'what is not done is not told'
  )
})

t.test('where it is over at such a rate only after all time, nobody says when', async t => {
  const store = await openEmpty(t, sqlite)
  t.teardown(() => store.close())
  const { jobs } = storeRooms(store)
  const job = await jobs.begin(
    {
      id: 'j1',
      kind: 'revive',
      filter: { of: 'dead', booking: 'ada@example.com' },
      chosen: { of: 'deliveries' },
      actorName: 'on call',
      at: 0,
      total: 1_000_000_000
    },
    entryOf(store, 'a1')
  )
  t.match(jobReportOf({ ...job, done: 1 }, NOON, masked), {
    estimated_end_at: null,
    rate_per_second: 0,
    filter: { booking: '…@example.com' }
  })
})

t.test('of what has neither an error nor an outcome, there is no cause', t => {
  const none = { last_error: null, outcome: null }
  t.equal(causeOf({ state: 'dead', ...none }), '')
  t.equal(causeOf({ state: 'held', ...none }), '')
  t.end()
})

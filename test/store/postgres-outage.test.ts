import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { watchOutages } from '../../src/store/postgres-outage.ts'
import { openStore, type Store, type StoreOptions, type Topic } from '../../src/store/store.ts'
import { isAway } from '../../src/store/unavailable.ts'
import { emptyDatabase, testServer } from '../postgres/empty-database.ts'
import { column } from '../postgres/query.ts'
import { restartablePostgres } from '../postgres/server.ts'
import { eventually } from '../run-relay.ts'
import { aDelivery } from './given.ts'

interface Line {
  event: string
  [field: string]: unknown
}

/** A store, and the lines that it logs. */
async function open(t: Test, url: string, options: Partial<StoreOptions> = {}) {
  const lines: Line[] = []
  const keep = (line: Line) => void lines.push(line)
  const log = { error: keep, warn: keep, info: keep } as unknown as NonNullable<StoreOptions['log']>
  const store = await openStore(url, { log, ...options })
  t.teardown(() => store.close())
  return { store, lines, events: () => lines.map(({ event }) => event) }
}

const read = ({ db }: Store) => db.selectFrom('lanes').selectAll().execute()
const write = { sql: 'update migrations set name = name', rows: [[]], returning: false }
const refused = { code: 'RELAY_STORE_UNAVAILABLE', retryable: true, statusCode: 503 }

t.test('a server that is killed: refused at once, told once, and all is well when it is back', async t => {
  const server = await restartablePostgres(t)
  const { store, lines, events } = await open(t, server.url)
  await server.kill()
  await t.rejects(store.ping(), refused)
  await eventually(async () => (events().includes('store.lost') ? true : undefined), 'store.lost')
  for (const asked of [read(store), store.commit([write]), store.ping()]) {
    const error = await asked.catch(error => error)
    t.match(error, refused)
    t.ok(isAway(error))
  }
  await server.start()
  await eventually(async () => (await read(store).catch(() => undefined)) && true, 'the store to be back')
  t.equal((await store.commit([write])).committed, true)
  t.same(events(), ['store.lost', 'store.back'])
  t.match(lines[0], { err: { code: 'RELAY_STORE_UNAVAILABLE' } })
  t.ok(Number(lines[1]?.awayMs) > 0)
})

t.test('a database that was only slow has never been away', async t => {
  const asked: boolean[] = []
  const told: string[] = []
  const outages = watchOutages({
    probe: async writes => void asked.push(writes),
    onBack: () => told.push('back'),
    log: {
      error: ({ event }: Line) => told.push(event),
      info: ({ event }: Line) => told.push(event)
    } as never
  })
  t.teardown(outages.close)
  outages.suspect()
  outages.suspect(true)
  await eventually(async () => asked.length > 0 || undefined, 'the probe')
  t.equal(await outages.through(async () => 'an answer'), 'an answer')
  t.same(told, [])
})

t.test('a server that stops to answer: those who wait are refused within moments', async t => {
  const server = await restartablePostgres(t)
  const { store, events } = await open(t, server.url, { databaseTimeoutMs: 60_000 })
  await server.pause()
  const asked = await Promise.allSettled([read(store), store.commit([write]), store.ping()])
  t.same(
    asked.map(each => each.status === 'rejected' && isAway(each.reason)),
    [true, true, true],
    'long before a statement’s own time is up'
  )
  await server.resume()
  await eventually(async () => (await read(store).catch(() => undefined)) && true, 'the store to be back')
  t.same(events(), ['store.lost', 'store.back'])
})

t.test(
  'a server that waits for a standby that is gone: it reads, and is away until it commits again',
  { timeout: 120_000 },
  async t => {
    const server = await restartablePostgres(t)
    const { store, events } = await open(t, server.url)
    const standbys = async (names: string) => {
      await column(server.url, `alter system set synchronous_standby_names = '${names}'`)
      await column(server.url, 'select pg_reload_conf()')
    }
    const waiting = () => column(server.url, `select pid from pg_stat_activity where wait_event = 'SyncRep'`)
    await standbys('gone')
    const asked = await Promise.allSettled([
      deliveriesOf(store).append(aDelivery('d1')),
      store.commit([write, write])
    ])
    t.same(
      asked.map(each => each.status === 'rejected' && isAway(each.reason)),
      [true, true],
      'long before a statement’s own time is up'
    )
    t.ok(isAway(await store.ping().catch(error => error)), 'whoever asks whether it is ready is told no')
    const seen = new Set<unknown>()
    let most = 0
    const probes = async () => {
      const pids = await waiting()
      for (const pid of pids) seen.add(pid)
      most = Math.max(most, pids.length)
      return seen.size > 4 ? true : undefined
    }
    await eventually(probes, 'several probes')
    t.ok(most <= 4, 'two that were asked for and a probe or two: none is left behind')
    t.same(events(), ['store.lost'], 'though it answers')
    await standbys('')
    await eventually(async () => (events().at(-1) === 'store.back' ? true : undefined), 'store.back')
    await deliveriesOf(store).append(aDelivery('d2'))
    t.same(
      await column(server.url, `select id from deliveries order by id`),
      ['d1', 'd2'],
      'nothing is left of what was tried'
    )
  }
)

t.test('connections that break make no outage', async t => {
  const url = await emptyDatabase(t)
  const { store, events } = await open(t, url)
  await read(store)
  await cutOff(url)
  await eventually(async () => (await read(store).catch(() => undefined)) && true, 'another connection')
  t.equal((await store.commit([write])).committed, true)
  await eventually(async () => (events().at(-1) === 'store.lost' ? undefined : true), 'the end of suspicion')
  t.same(
    events().filter(event => event !== 'store.lost' && event !== 'store.back'),
    []
  )
})

t.test('a statement at fault is no outage', async t => {
  const { store, events } = await open(t, await emptyDatabase(t))
  const wrong = { sql: 'update nothing set name = 1', rows: [[]], returning: false }
  const error = await store.commit([wrong, wrong]).catch(error => error)
  t.match(error, refused)
  t.notOk(isAway(error))
  t.same(events(), [])
})

t.test('one connection too many is refused alone, and those that there are go on', async t => {
  const role = `seam_relay_test_${randomBytes(8).toString('hex')}`
  const server = await testServer()
  await column(server, `CREATE ROLE ${role} LOGIN PASSWORD 'made-up' CONNECTION LIMIT 4`)
  t.teardown(() => column(server, `DROP ROLE ${role}`))
  const url = new URL(await emptyDatabase(t))
  await column(url.href, `ALTER DATABASE ${url.pathname.slice(1)} OWNER TO ${role}`)
  Object.assign(url, { username: role, password: 'made-up' })
  const { store, events } = await open(t, url.href, { databasePool: 10 })
  const asked = await Promise.allSettled(Array.from({ length: 10 }, () => slowly(store)))
  const failures = asked.flatMap(each => (each.status === 'rejected' ? [each.reason] : []))
  t.ok(failures.length > 0 && failures.length < 10)
  for (const error of failures) {
    t.match(error, { ...refused, message: /answered 53300/ })
    t.notOk(isAway(error))
  }
  t.equal((await store.commit([write])).committed, true)
  t.same(events(), [])
})

/** Long enough for all to be under way together. */
const slowly = ({ db }: Store) => sql`select pg_sleep(0.3)`.execute(db)

t.test('a database that takes no writes is as good as away', async t => {
  const url = await emptyDatabase(t)
  const { store, events } = await open(t, url)
  const { pathname } = new URL(url)
  const setReadOnly = (value: 'on' | 'off') =>
    column(
      new URL('/postgres', url).href,
      `ALTER DATABASE ${pathname.slice(1)} SET default_transaction_read_only = ${value}`
    )
  await setReadOnly('on')
  await cutOff(url)
  const refusal = async () => {
    const error = await store.commit([write, write]).catch(error => error)
    return isAway(error) ? true : undefined
  }
  await eventually(refusal, 'a refusal')
  await eventually(
    async () => ((await store.ping().catch(isAway)) === true ? true : undefined),
    'not to be ready'
  )
  await setReadOnly('off')
  await eventually(async () => (events().at(-1) === 'store.back' ? true : undefined), 'store.back')
})

for (const code of ['53100', '58030']) {
  t.test(`a database that reads and cannot write (${code}) is away until it writes again`, async t => {
    const url = await emptyDatabase(t)
    const { store, lines, events } = await open(t, url)
    const deliveries = deliveriesOf(store)
    // What is counted stays counted, whatever becomes of the transaction.
    await column(url, 'create sequence tries')
    await column(
      url,
      `create function no_room() returns trigger language plpgsql as $$ begin
        perform nextval('tries');
        raise exception 'could not extend file' using errcode = '${code}';
      end $$`
    )
    await column(
      url,
      'create trigger full_disk before insert on deliveries for each statement execute function no_room()'
    )
    const error = await deliveries.append(aDelivery('d1')).catch(error => error)
    t.match(error, { ...refused, message: new RegExp(`answered ${code}`) })
    t.ok(isAway(error))
    const looked = async () =>
      Number(await column(url, 'select last_value from tries')) > 4 ? true : undefined
    await eventually(looked, 'several looks at it')
    t.ok(isAway(await store.ping().catch(error => error)))
    t.same(events(), ['store.lost'], 'though it answers')
    await column(url, 'drop trigger full_disk on deliveries')
    await eventually(async () => (events().at(-1) === 'store.back' ? true : undefined), 'store.back')
    await store.ping()
    await deliveries.append(aDelivery('d1'))
    t.same(await column(url, 'select id from deliveries'), ['d1'], 'nothing is left of what was tried')
    t.match(lines, [{ event: 'store.lost' }, { event: 'store.back' }])
  })
}

t.test('a store whose database takes no writes is not opened, and keeps no connection', async t => {
  const url = await emptyDatabase(t)
  await (await openStore(url)).close()
  const reading = new URL(url)
  reading.searchParams.set('options', '-c default_transaction_read_only=on')
  await t.rejects(openStore(reading.href, { migrate: 'never' }), { ...refused, message: /takes no writes/ })
  const others = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`
  await eventually(
    async () => ((await column(url, others)).length === 0 ? true : undefined),
    'the connections to end'
  )
})

t.test('a store that may wait for its server is opened once that is there', async t => {
  const server = await restartablePostgres(t)
  await server.kill()
  const opening = open(t, server.url, { patienceMs: 120_000 })
  // It has looked at least once by the time that another one has been refused.
  await t.rejects(openStore(server.url), refused)
  await server.start()
  const { store, lines } = await opening
  t.equal((await store.commit([write])).committed, true)
  t.match(lines, [{ event: 'store.awaited', patienceMs: 120_000, err: refused }], 'and says so, once')
  t.equal(lines.length, 1)
})

const STILL_MS = 3_000

t.test('the clock is not set by an answer that took long', async t => {
  const server = await restartablePostgres(t)
  const { store } = await open(t, server.url)
  const before = store.now() - Date.now()
  await server.pause()
  const asked = store.ping().catch(() => undefined)
  await pause(STILL_MS)
  await server.resume()
  await asked
  const after = store.now() - Date.now()
  // Taken at its word, it would put the clock out by half of the time.
  t.ok(Math.abs(after - before) < STILL_MS / 4, `${before} ms before, ${after} ms after`)
})

t.test('the clock does not follow where somebody sets the machine’s', async t => {
  const { store } = await open(t, await emptyDatabase(t))
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  const before = store.now()
  Date.now = () => now() + 3_600_000
  const passed = store.now() - before
  await store.ping()
  const passedThen = store.now() - before
  for (const ms of [passed, passedThen]) t.ok(ms >= 0 && ms < 60_000, `${ms} ms`)
})

t.test('what one tells the others hear, also after the server was away', async t => {
  const server = await restartablePostgres(t)
  const teller = await open(t, server.url)
  const listener = await open(t, server.url)
  const pooled = await open(t, server.url, { databasePooler: 'transaction' })
  const heard: [string, Topic][] = []
  teller.store.onTold(topic => heard.push(['teller', topic]))
  listener.store.onTold(topic => heard.push(['listener', topic]))
  pooled.store.onTold(topic => heard.push(['pooled', topic]))
  const tellUntilHeard = async (topic: Topic) => {
    heard.length = 0
    await eventually(async () => {
      teller.store.tell(topic)
      return heard.length > 0 ? true : undefined
    }, `${topic} to be heard`)
    t.same(
      [...new Set(heard.map(([who]) => who))],
      ['listener'],
      'nobody hears himself, nor through a pooler'
    )
  }
  await tellUntilHeard('stored')
  await server.kill()
  await server.start()
  await tellUntilHeard('due')
})

/** Breaks all connections but the one that does it. */
async function cutOff(url: string): Promise<void> {
  const others = 'FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'
  await column(url, `SELECT pg_terminate_backend(pid) ${others}`)
}

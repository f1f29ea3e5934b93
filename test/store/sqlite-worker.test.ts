import { once } from 'node:events'
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import type { Connection } from '../../src/model/connection.ts'
import type { SampleDelivery } from '../../src/platforms/samples.ts'
import { standard } from '../../src/platforms/standard/standard.ts'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import type { Opening } from '../../src/store/sqlite-opening.ts'
import { openThread } from '../../src/store/sqlite-thread.ts'
import type { Request } from '../../src/store/sqlite-worker.ts'
import { type CommitMade, openStore, type Store } from '../../src/store/store.ts'
import { resultsOf } from '../../src/store/write.ts'
import { openRelay } from '../open-relay.ts'
import { aDelivery } from './given.ts'
import { watchThreads } from './threads.ts'

const unavailable = { name: 'RelayError', code: 'RELAY_STORE_UNAVAILABLE', retryable: true, statusCode: 503 }

async function open(t: Test, url: string): Promise<Store> {
  const store = await openStore(url)
  t.teardown(() => store.close())
  return store
}

function sampleFor(connection: Connection): [string, SampleDelivery] {
  const sample = standard.samples.events['test.ping']?.({ connection, now: 0, serial: 1 })
  if (sample === undefined) throw new TypeError('there is no ping')
  return [connection.id, sample]
}

/** Of the connection that commits. */
async function pragma(store: Store, text: string): Promise<unknown> {
  const committed = await store.commit([{ sql: `pragma ${text}`, rows: [[]], returning: true }])
  return Object.values(resultsOf(committed)[0]?.rows[0] ?? {})[0]
}

t.test('every commit is on disk before it is answered', async t => {
  const store = await open(t, `file:${t.testdir()}/relay.db`)
  t.equal(await pragma(store, 'synchronous'), 2, 'FULL')
  t.equal(await pragma(store, 'journal_mode'), 'wal')
})

t.test('what was answered is there after closing and opening again', async t => {
  const url = `file:${t.testdir()}/some/folder/relay.db`
  const first = await openStore(url)
  await deliveriesOf(first).append(aDelivery('d1'))
  await first.close()
  const second = await open(t, url)
  t.same(
    (await deliveriesOf(second).claim(9_000, 1, 10)).map(each => each.id),
    ['d1']
  )
})

t.test('commits that come while another is written go together into the next', async t => {
  const told: CommitMade[] = []
  const file = `${t.testdir()}/relay.db`
  const store = await openStore(`file:${file}`, { onCommit: commit => void told.push(commit) })
  t.teardown(() => store.close())
  const deliveries = deliveriesOf(store)
  // While somebody else writes, the first of them waits for the file.
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  const first = deliveries.append(aDelivery('first'))
  await new Promise(resolve => setImmediate(resolve))
  const later = Array.from({ length: 100 }, (_none, serial) => deliveries.append(aDelivery(`d${serial}`)))
  await new Promise(resolve => setImmediate(resolve))
  t.equal(store.waiting(), 101)
  other.exec('rollback')
  other.close()
  await Promise.all([first, ...later])
  t.equal(store.waiting(), 0)
  t.equal(
    told.reduce((sum, { commits }) => sum + commits, 0),
    101
  )
  // They may have been there before the thread has looked for the first one.
  t.ok(told.length <= 2, `${told.length} writes to the disk`)
  t.equal((await deliveries.claim(9_000, 1, 200)).length, 101)
})

t.test('a store that cannot be opened says so, and where', async t => {
  const dir = t.testdir({
    'a-file': 'no folder',
    'no-database.db': 'this is no database, but long enough to be read'
  })
  mkdirSync(`${dir}/a-folder`)
  for (const path of [
    `${dir}/a-folder`,
    `${dir}/a-file/relay.db`,
    `${dir}/no-database.db`,
    '/proc/no/relay.db'
  ]) {
    await t.rejects(openStore(`file:${path}`), {
      ...unavailable,
      message: new RegExp(`^the store: ${path}: `)
    })
  }
})

t.test(
  'a full disk fails the commits of that moment, all of them, and none when there is room again',
  async t => {
    const store = await open(t, `file:${t.testdir()}/relay.db`)
    const deliveries = deliveriesOf(store)
    await deliveries.append(aDelivery('d1'))
    await pragma(store, `max_page_count = ${Number(await pragma(store, 'page_count')) + 2}`)
    const large = { body: Buffer.alloc(200_000) }
    const writes = (id: string, told = {}) => [
      deliveries.insertOf(aDelivery(id, told)),
      deliveries.recover(1)
    ]
    const outcomes = await Promise.allSettled([
      store.commit(writes('d2')),
      store.commit(writes('d3', large)),
      deliveries.append(aDelivery('d4'))
    ])
    t.match(outcomes, [
      { status: 'rejected', reason: unavailable },
      { status: 'rejected', reason: unavailable },
      { status: 'rejected', reason: unavailable }
    ])
    await t.rejects(deliveries.append(aDelivery('d5', large)), unavailable)

    await pragma(store, 'max_page_count = 100000')
    await deliveries.append(aDelivery('d3', large))
    t.same(
      (await deliveries.claim(9_000, 1, 10)).map(each => each.id),
      ['d1', 'd3']
    )
  }
)

t.test('a commit that fails as a whole leaves nothing open behind it', async t => {
  const store = await open(t, 'file::memory:')
  const deliveries = deliveriesOf(store)
  const unreadable = { sql: 'insert into nowhere values (1)', rows: [[]], returning: false }
  const outcomes = await Promise.allSettled([deliveries.append(aDelivery('d1')), store.commit([unreadable])])
  t.match(outcomes, [
    { status: 'rejected', reason: unavailable },
    { status: 'rejected', reason: unavailable }
  ])
  await deliveries.append(aDelivery('d2'))
  t.same(
    (await deliveries.claim(9_000, 1, 10)).map(each => each.id),
    ['d2']
  )
})

t.test(
  'another process that keeps the file to itself fails the commits of that time and no more',
  async t => {
    const path = `${t.testdir()}/relay.db`
    const store = await open(t, `file:${path}`)
    const deliveries = deliveriesOf(store)
    await pragma(store, 'busy_timeout = 1')
    const other = new DatabaseSync(path)
    t.teardown(() => other.close())
    other.exec('begin immediate')
    await t.rejects(deliveries.append(aDelivery('d1')), unavailable)
    other.exec('rollback')
    await deliveries.append(aDelivery('d2'))
    t.same(
      (await deliveries.claim(9_000, 1, 10)).map(each => each.id),
      ['d2']
    )
  }
)

t.test(
  'a relay whose disk takes nothing more is not ready, and ready again by itself once it does',
  async t => {
    const relay = await openRelay(t)
    const ready = async () => (await fetch(`${relay.origin}/readyz`)).status
    const [id, sample] = sampleFor(relay.connection('demo-standard'))
    t.equal(await ready(), 200)
    const only = (what: 'on' | 'off') => sql.raw(`pragma query_only = ${what}`).execute(relay.store.db)
    await only('on')
    const refused = await relay.deliver(id, sample)
    t.match(
      [refused.status, refused.headers['retry-after'], refused.body.code],
      [503, '5', 'RELAY_STORE_UNAVAILABLE']
    )
    t.equal(await ready(), 503)
    t.equal((await fetch(`${relay.origin}/livez`)).status, 200)
    await only('off')
    t.equal(await ready(), 200)
    t.equal((await relay.deliver(id, sample)).status, 200)
  }
)

t.test('while a store is brought up to date it sorts in files, and in memory afterwards', async t => {
  const path = `${t.testdir()}/anybody's/relay.db`
  const noted = `import { migrations } from ${JSON.stringify(import.meta.resolve('../../src/store/migrations.ts'))}
    migrations.push({ name: '9999-noted', statements: () => ['create table noted as select * from pragma_temp_store'] })`
  const thread = new Worker(new URL(import.meta.resolve('../../src/store/sqlite-worker.ts')), {
    workerData: { path, migrate: 'start' } satisfies Opening,
    execArgv: [...process.execArgv, '--import', `data:text/javascript,${encodeURIComponent(noted)}`]
  })
  await once(thread, 'message')
  const ask = async (sql: string) => {
    thread.postMessage({ id: 1, read: { sql, parameters: [] } } satisfies Request)
    const [[reply]] = await once(thread, 'message')
    return reply.rows
  }
  t.same(await ask('select temp_store from noted'), [{ temp_store: 1 }], 'FILE')
  t.same(await ask('pragma temp_store'), [{ temp_store: 2 }], 'MEMORY')
  t.same(await ask('pragma temp_store_directory'), [], 'nobody else’s files go there')
  thread.postMessage({ id: 1, close: true } satisfies Request)
  await once(thread, 'exit')
})

t.test('what takes something away is said to, for releases that do not know it', async t => {
  const path = `${t.testdir()}/relay.db`
  const later = `import { migrations } from ${JSON.stringify(import.meta.resolve('../../src/store/migrations.ts'))}
    const statements = () => ['alter table drift drop column first_at']
    migrations.push({ name: '9999-later', contracts: true, statements })`
  const thread = new Worker(new URL(import.meta.resolve('../../src/store/sqlite-worker.ts')), {
    workerData: { path, migrate: 'start' } satisfies Opening,
    execArgv: [...process.execArgv, '--import', `data:text/javascript,${encodeURIComponent(later)}`]
  })
  const [[reply]] = await once(thread, 'message')
  t.equal(reply.migrated?.at(-1), '9999-later')
  thread.postMessage({ id: 1, close: true } satisfies Request)
  await once(thread, 'exit')
  await t.rejects(openStore(`file:${path}`), {
    code: 'RELAY_CONFIG_INVALID',
    message: /has brought the store to 9999-later, and this one cannot work with that/
  })
})

t.test('when the thread dies, everybody who waits is told, and another takes its place', async t => {
  const threads = watchThreads(t)
  const relay = await openRelay(t, { env: { DATABASE_URL: `file:${t.testdirName}/relay.db` } })
  const [id, sample] = sampleFor(relay.connection('demo-standard'))
  const before = await relay.deliver(id, sample, { id: 'once' })
  const waiting = t.rejects(deliveriesOf(relay.store).append(aDelivery('d1')), unavailable)
  t.equal(threads.workers.length, 2, 'one commits, and one reads')
  for (const worker of threads.workers) await worker.terminate()
  await waiting

  const [again, ready] = await Promise.all([
    relay.deliver(id, sample, { id: 'once' }),
    fetch(`${relay.origin}/readyz`)
  ])
  t.match(again, { status: 200, body: { duplicate: true, delivery_id: before.body.delivery_id } })
  t.equal(ready.status, 200)
  t.equal(threads.workers.length, 4)
})

t.test('where the thread that reads cannot be started, the file is free again', async t => {
  const file = `${t.testdir()}/relay.db`
  const threads = watchThreads(t)
  const endSecond = (worker: Worker) => {
    if (threads.workers.length === 2) void worker.terminate()
  }
  process.on('worker', endSecond)
  t.teardown(() => process.off('worker', endSecond))
  await t.rejects(openStore(`file:${file}`), unavailable)
  t.equal(threads.workers[0]?.threadId, -1, 'as the thread that commits has ended')
})

t.test('a thread whose file is gone as well is asked for again until it is back', async t => {
  const threads = watchThreads(t)
  const dir = t.testdir({ data: {} })
  const store = await open(t, `file:${dir}/data/relay.db`)
  await threads.workers[0]?.terminate()
  renameSync(`${dir}/data`, `${dir}/elsewhere`)
  writeFileSync(`${dir}/data`, 'a file where the folder was')
  await t.rejects(store.ping(), unavailable)
  await t.rejects(store.ping(), unavailable)
  rmSync(`${dir}/data`)
  renameSync(`${dir}/elsewhere`, `${dir}/data`)
  await store.ping()
})

t.test('a thread that is closed while another is to take its place waits for what comes of that', async t => {
  const threads = watchThreads(t)
  const dir = t.testdir({ data: {} })
  const thread = await openThread({ path: `${dir}/data/relay.db`, migrate: 'start' })
  await threads.workers[0]?.terminate()
  renameSync(`${dir}/data`, `${dir}/elsewhere`)
  writeFileSync(`${dir}/data`, 'a file where the folder was')
  const ping = { ping: true } as const
  const asking = t.rejects(thread.ask(ping), unavailable)
  await thread.close()
  await asking
  await t.rejects(thread.ask(ping), unavailable)
  t.equal(threads.workers.length, 2, 'nobody is started once it is closed')
})

t.test('a database in memory is gone with its thread, and no empty one takes its place', async t => {
  const threads = watchThreads(t)
  const relay = await openRelay(t)
  await threads.workers[0]?.terminate()
  await t.rejects(relay.store.ping(), unavailable)
  t.equal((await fetch(`${relay.origin}/readyz`)).status, 503)
  const [id, sample] = sampleFor(relay.connection('demo-standard'))
  t.equal((await relay.deliver(id, sample)).status, 503)
  await relay.relay.stop(0)
  t.pass('and it can be stopped')
})

t.test('an error that ends the thread is passed on to those who wait', async t => {
  const threads = watchThreads(t)
  const store = await open(t, 'file::memory:')
  const waiting = store.ping()
  const [worker] = threads.workers
  worker?.emit('error', new Error('the thread ran out of memory'))
  await t.rejects(waiting, { ...unavailable, message: /ran out of memory/ })
  await t.rejects(store.ping(), { ...unavailable, message: /ran out of memory/ })
  await worker?.terminate()
})

for (const [what, end] of [
  [
    'fails',
    worker => {
      worker.emit('error', new Error('the thread ran out of memory'))
      void worker.terminate()
    }
  ],
  ['ends', worker => void worker.terminate()]
] satisfies [string, (worker: Worker) => void][]) {
  t.test(`a thread that ${what} before the store is open fails the opening`, async t => {
    process.once('worker', end)
    await t.rejects(openStore('file::memory:'), unavailable)
  })
}

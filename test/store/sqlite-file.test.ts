import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs'
import t, { type Test } from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { openStore } from '../../src/store/store.ts'
import { openRelay } from '../open-relay.ts'
import { aDelivery } from './given.ts'
import { watchThreads } from './threads.ts'

const unavailable = {
  code: 'RELAY_STORE_UNAVAILABLE',
  retryable: true,
  statusCode: 503,
  message:
    /its file was removed, moved or replaced while the relay ran; put it back .* and start the relay again$/
}

async function open(t: Test) {
  const path = `${t.testdir()}/relay.db`
  const store = await openStore(`file:${path}`)
  t.teardown(() => store.close())
  return { path, store, deliveries: deliveriesOf(store) }
}

for (const [what, doIt] of Object.entries({
  removed: (path: string) => rmSync(path),
  moved: (path: string) => renameSync(path, `${path}.old`),
  replaced(path: string) {
    copyFileSync(path, `${path}.copy`)
    renameSync(`${path}.copy`, path)
  }
})) {
  t.test(`a store whose file was ${what} takes nothing more, and says what to do`, async t => {
    const { path, store, deliveries } = await open(t)
    await store.ping()
    await deliveries.append(aDelivery('d1'))
    doIt(path)
    await t.rejects(store.ping(), unavailable)
    await t.rejects(deliveries.append(aDelivery('d2')), unavailable)
    await t.rejects(store.commit([deliveries.insertOf(aDelivery('d3'))]), unavailable)
    await t.rejects(store.ping(), unavailable)
  })
}

t.test('a store goes on where its own file is put back', async t => {
  const { path, store, deliveries } = await open(t)
  await deliveries.append(aDelivery('d1'))
  renameSync(path, `${path}.old`)
  await t.rejects(deliveries.append(aDelivery('d2')), unavailable)
  renameSync(`${path}.old`, path)
  await store.ping()
  await deliveries.append(aDelivery('d3'))
  await store.close()
  const again = await openStore(`file:${path}`)
  t.teardown(() => again.close())
  t.same(
    (await deliveriesOf(again).claim(9_000, 1, 10)).map(each => each.id),
    ['d1', 'd3']
  )
})

t.test('a thread that dies after its file was removed makes no empty one, and opens no other', async t => {
  const threads = watchThreads(t)
  const { path, store, deliveries } = await open(t)
  await deliveries.append(aDelivery('d1'))
  copyFileSync(path, `${path}.other`)
  rmSync(path)
  for (const worker of threads.workers) await worker.terminate()
  await t.rejects(store.ping(), unavailable)
  await t.rejects(store.db.selectFrom('deliveries').select('id').execute(), unavailable)
  t.notOk(existsSync(path))
  renameSync(`${path}.other`, path)
  await t.rejects(store.ping(), unavailable)
})

t.test('a relay whose file was removed is not ready', async t => {
  const path = `${t.testdirName}/relay.db`
  const relay = await openRelay(t, { env: { DATABASE_URL: `file:${path}` } })
  const ready = async () => (await fetch(`${relay.origin}/readyz`)).status
  t.equal(await ready(), 200)
  rmSync(path)
  t.equal(await ready(), 503)
  t.equal((await fetch(`${relay.origin}/livez`)).status, 200)
})

import { SeamHttp as NewestSeam } from '@seamapi/http'
import t from 'tap'
import { openStore } from '../../src/store/store.ts'
import { tamed, until } from '../ingest/front-door.ts'
import { openRelay } from '../open-relay.ts'
import { breakingProxy } from './breaking-proxy.ts'
import { env, KEY, storedCalls } from './call.ts'
import { failureOf, generations, reservationsAtSeam, stay, wentWell } from './sdk-generations.ts'

for (const { name, open, triesToPush } of generations) {
  t.test(`${name}: a push whose connection breaks after it was taken in is done once`, async t => {
    const relay = await openRelay(t, { env })
    const proxy = await breakingProxy(t, relay.origin, 1)
    const { customers } = open(proxy.origin)
    const failure = await failureOf(customers.pushData(stay))
    t.equal(failure === undefined, triesToPush > 1, 'who repeats by itself gets through')
    if (failure !== undefined) await customers.pushData(stay)
    t.equal(proxy.broken(), 1)
    t.equal((await storedCalls(relay)).length, 2)
    t.equal((await reservationsAtSeam(relay)).length, 1)
    const pushes = (await wentWell(t, relay)).filter(({ operation }) => operation === 'push_data')
    t.equal(pushes.length, 1, 'Seam hears of it once')
  })

  t.test(`${name}: a late repetition of an older push revives nothing that was deleted`, async t => {
    const relay = await openRelay(t, { env })
    const { customers } = open(relay.origin, KEY)
    const said = String(relay.clock.now)
    await open(relay.origin, KEY, { 'relay-version': said }).customers.pushData(stay)
    relay.clock.now += 1_000
    await customers.deleteData({ reservation_keys: ['r1'] })
    await open(relay.origin, KEY, { 'relay-version': said }).customers.pushData(stay)
    t.strictSame(await reservationsAtSeam(relay), [])
    await wentWell(t, relay)
  })

  t.test(`${name}: a deletion whose connections break is done once`, async t => {
    const relay = await openRelay(t, { env })
    await open(relay.origin).customers.pushData(stay)
    t.equal((await reservationsAtSeam(relay)).length, 1)
    const proxy = await breakingProxy(t, relay.origin, 2)
    t.equal(await failureOf(open(proxy.origin).customers.deleteData({ reservation_keys: ['r1'] })), undefined)
    t.equal(proxy.broken(), 2)
    t.strictSame(await reservationsAtSeam(relay), [])
    await wentWell(t, relay)
  })
}

t.test('the newest SDK deletes with long queries, in which every key stays as it was', async t => {
  const relay = await openRelay(t, { env })
  const { customers } = new NewestSeam({ endpoint: relay.origin, apiKey: KEY })
  const odd = ['a,b', 'c d', 'e+f', 'ü&=', '100%', 'true', '"q"', '?#/', 'x'.repeat(500)]
  const many = Array.from({ length: 1_050 }, (_each, position) => `${position}`.padStart(36, 'k'))
  await customers.deleteData({ reservation_keys: many, guest_keys: odd, space_keys: [] })
  const [stored] = await storedCalls(relay)
  t.strictSame(stored?.body, { reservation_keys: many, guest_keys: odd, space_keys: [] })
  const length = many.map(key => `reservation_keys=${key}`).join('&').length
  t.ok(length > 55 * 1024, `${length} bytes of query`)
  const more = Array.from({ length: 2_000 }, (_each, position) => `${position}`.padStart(36, 'k'))
  const failure = await failureOf(customers.deleteData({ reservation_keys: more }))
  t.match(failure, {
    response: {
      status: 431,
      data: {
        code: 'RELAY_BAD_REQUEST',
        detail: 'The address or the headers are too long; send fewer keys at a time, or POST them.'
      }
    }
  })
})

t.test('the newest SDK repeats a deletion that is answered 503, after Retry-After', async t => {
  const store = tamed(await openStore('file::memory:'))
  const relay = await openRelay(t, { env: { ...env, RELAY_MAX_QUEUED: '1' }, store })
  t.teardown(() => store.close())
  const { customers } = new NewestSeam({ endpoint: relay.origin, apiKey: KEY })
  store.hold()
  const pushing = failureOf(customers.pushData(stay))
  await until(
    () => store.waiting(),
    waiting => waiting === 1
  )
  const deleting = failureOf(customers.deleteData({ reservation_keys: ['r1'] }))
  await until(
    () => relay.logged.some(line => line.includes('"call.refused"')),
    refused => refused
  )
  store.letGo()
  t.strictSame(await Promise.all([pushing, deleting]), [undefined, undefined])
  t.strictSame(
    (await storedCalls(relay)).map(({ headers }) => headers['relay-operation']),
    ['push_data', 'delete_data']
  )
  t.strictSame(await reservationsAtSeam(relay), [])
})

import t from 'tap'
import { secondsToWait } from '../../src/api/prefer.ts'
import { verdictOn } from '../../src/api/verdict.ts'
import { changeSignal } from '../../src/change-signal.ts'
import { RelayError } from '../../src/errors.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openStore } from '../../src/store/store.ts'
import { openRelay, type TestRelay } from '../open-relay.ts'
import { API_KEY, openServer } from '../open-server.ts'
import { eventually } from '../run-relay.ts'
import { env, type Service, serviceOf, storedCalls, storedKey } from './call.ts'

const space = (name: string, space_key = 's1') => ({ customer_key: 'acme', spaces: [{ space_key, name }] })
const wait = (seconds: number | string) => ({ headers: { prefer: `wait=${seconds}` } })

/** Makes a call that waits, and steps the rooms once it is stored. */
async function stepped(relay: TestRelay, make: () => ReturnType<Service['push']>) {
  const before = (await storedCalls(relay)).length
  const call = make()
  await eventually(async () => ((await storedCalls(relay)).length > before ? true : undefined), 'the call')
  await relay.settle()
  return call
}

t.test('who prefers to wait is answered once Seam has it', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const pushed = await stepped(relay, () => service.push(space('Loft'), wait(60)))
  t.same([pushed.status, pushed.body], [200, { ok: true }])
  t.match(pushed.headers, { 'preference-applied': 'wait=60', 'relay-delivery': /./ })
  t.match(await relay.held('acme'), { spaces: [{ name: 'Loft' }] })
  const same = await stepped(relay, () => service.push(space('Loft'), wait(60)))
  t.equal(same.status, 200, 'what says nothing new waits for what is there')
  const deleted = await stepped(relay, () => service.delete({ space_keys: ['s1', 'unheard'] }, wait(60)))
  t.equal(deleted.status, 200)
  t.same((await relay.held('acme')).spaces ?? [], [])
  const late = await stepped(relay, () =>
    service.push(space('Old'), { headers: { prefer: 'wait=60', 'relay-version': '5' } })
  )
  t.equal(late.status, 200, 'what is superseded is over')
})

t.test('a call of many resources is over when the last of them is settled', async t => {
  const relay = await openRelay(t, { env: { ...env, RELAY_BATCH_RESOURCES: '400' } })
  const service = serviceOf(relay)
  const spaces = Array.from({ length: 1_200 }, (_, index) => ({ space_key: `s${index}`, name: 'Loft' }))
  const { headers } = await service.push({ customer_key: 'acme', spaces })
  const changes = changeSignal()
  const { reports } = storeRooms(relay.store)
  const verdict = verdictOn(String(headers['relay-delivery']), 60, { reports, settled: changes })
  await relay.relay.steps.translateOnce()
  relay.clock.now += 60_000
  let answered = false
  void verdict.finally(() => {
    answered = true
  })
  for (let step = 0; step < 3; step += 1) {
    t.notOk(answered, `after ${step} batches`)
    await relay.relay.steps.syncOnce()
    changes.changed()
  }
  t.equal(await verdict, 'done')
})

t.test('while Seam has not answered, a look is as cheap as for a small call', async t => {
  const relay = await openRelay(t, { env })
  const spaces = Array.from({ length: 1_200 }, (_, index) => ({ space_key: `s${index}`, name: 'Loft' }))
  const { headers } = await serviceOf(relay).push({ customer_key: 'acme', spaces })
  await relay.relay.steps.translateOnce()
  const changes = changeSignal()
  const { reports } = storeRooms(relay.store)
  const read: number[] = []
  const counting = {
    ...reports,
    async changes(id: string) {
      const rows = await reports.changes(id)
      read.push(rows.length)
      return rows
    },
    async progress(workspaceId: string, keys: string[]) {
      const rows = await reports.progress(workspaceId, keys)
      read.push(rows.length)
      if (read.length > 3) changes.end()
      else changes.changed()
      return rows
    }
  }
  const options = { reports: counting, settled: changes }
  t.equal(await verdictOn(String(headers['relay-delivery']), 60, options), undefined)
  t.strictSame(read, [1_200, 500, 500, 500], 'rows read: all of it once, and then the first ones')
})

t.test('when the time is up, the answer says where to ask later', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const reply = await service.push(space('Loft'), wait(0))
  t.same([reply.status, reply.body], [200, { ok: true }])
  t.equal(reply.headers['preference-applied'], 'wait=0')
  const { body } = await service.report(reply.headers['relay-delivery'])
  t.match(body, { state: 'received', resources: [] })
  t.equal((await service.push(space('Loft'), wait(1))).status, 200)
})

t.test('a call that is stored is not told to be lost where nobody can look what comes of it', async t => {
  const store = await openStore('file::memory:')
  const { reports } = storeRooms(store)
  const delivery = async () => {
    throw new RelayError('RELAY_STORE_UNAVAILABLE', 'the database is away', { retryable: true })
  }
  const { app, logged } = await openServer(t, { store, api: { reports: { ...reports, delivery } } })
  const { statusCode, headers } = await app.inject({
    method: 'POST',
    url: '/customers/push_data',
    headers: { authorization: `Bearer ${API_KEY}`, prefer: 'wait=5', 'idempotency-key': 'k1' },
    payload: space('Loft')
  })
  t.equal(statusCode, 200)
  t.match(headers, { 'relay-delivery': /./, 'preference-applied': 'wait=5' })
  t.match(logged.join(), /request\.failed.*the database is away/)
})

t.test('what Seam refuses is answered in its own status and words', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await relay.misbehave({ refuse_keys: ['bad'] })
  const spaces = ['good', 'bad'].map(space_key => ({ space_key, name: 'Loft' }))
  const reply = await stepped(relay, () => service.push({ customer_key: 'acme', spaces }, wait(60)))
  t.equal(reply.status, 400)
  t.match(reply.body, {
    ok: false,
    error: { type: 'invalid_input', message: /is refused, as the sandbox was told/ }
  })
  t.match(reply.headers, { 'preference-applied': 'wait=60', 'relay-delivery': /./ })
  t.match(await relay.held('acme'), { spaces: [{ space_key: 'good' }] })
})

t.test('what Seam finds wrong is told by the places of the caller’s own body', async t => {
  const wrong = { _errors: [], name: { _errors: ['Too plain'] } }
  const treeOf = (list: string, entries: object) => ({ _errors: [], [list]: { _errors: [], ...entries } })
  const loft = space('Loft').spaces
  const call = { customer_key: 'acme', spaces: [...loft, { space_key: 's2', name: 'Attic' }] }
  const saidBySeam = [
    { said: treeOf('spaces', { 0: wrong }), told: treeOf('spaces', { 1: wrong }) },
    { said: treeOf('customer_key', {}), told: treeOf('customer_key', {}) },
    { said: { _errors: ['No'] }, told: { _errors: ['No'] } },
    { said: treeOf('spaces', { 0: wrong, 1: wrong }), told: undefined },
    { said: undefined, told: undefined }
  ]
  for (const { said, told } of saidBySeam) {
    const relay = await openRelay(t, { env })
    const service = serviceOf(relay)
    await stepped(relay, () => service.push(space('Loft'), wait(60)))
    const error = { type: 'invalid_input', message: 'No', validation_errors: said }
    await relay.misbehave({
      fail: [{ operation: 'push_data', status: 400, body: { error, ok: false }, times: 1 }]
    })
    const { status, body } = await stepped(relay, () => service.push(call, wait(60)))
    t.equal(status, 400)
    const expected = {
      type: 'invalid_input',
      message: 'No',
      ...(told !== undefined && { validation_errors: told })
    }
    t.strictSame(body, { ok: false, error: expected })
  }
})

t.test('of a deletion by the places of its keys, and not at all once the body is kept no more', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const spaces = ['s0', 's1'].map(space_key => ({ space_key, name: 'Loft' }))
  await stepped(relay, () => service.push({ customer_key: 'acme', spaces }, wait(60)))
  await stepped(relay, () => service.delete({ space_keys: ['s0'] }, wait(60)))
  const treeAt = (place: number) => ({
    _errors: [],
    space_keys: { _errors: [], [place]: { _errors: ['In use'] } }
  })
  const words = { type: 'invalid_input', message: 'No' }
  await relay.misbehave({
    fail: [
      {
        operation: 'delete_data',
        status: 400,
        body: { error: { ...words, validation_errors: treeAt(0) }, ok: false },
        times: 1
      }
    ]
  })
  const refused = await stepped(relay, () => service.delete({ space_keys: ['s0', 's1'] }, wait(60)))
  t.strictSame(refused.body, { ok: false, error: { ...words, validation_errors: treeAt(1) } })

  await relay.store.db.updateTable('deliveries').set({ emptied: 1 }).execute()
  const { reports } = storeRooms(relay.store)
  const id = String(refused.headers['relay-delivery'])
  const verdict = await verdictOn(id, 0, { reports, settled: changeSignal() })
  t.strictSame(verdict, { status: 400, error: words })
})

t.test('a refusal whose words are not known is told in the relay’s', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await relay.misbehave({ refuse_keys: ['s1'] })
  t.equal((await service.push(space('Loft'))).status, 200)
  await relay.settle()
  const { db } = relay.store
  for (const forget of [
    () => db.updateTable('attempts').set({ seam_error: null }).execute(),
    () => db.deleteFrom('attempt_resources').execute()
  ]) {
    await forget()
    const reply = await stepped(relay, () => service.push(space('Loft'), wait(60)))
    t.equal(reply.status, 400)
    t.match(reply.body, { error: { type: 'seam_refused', message: /^Seam refused spaces s1: / } })
  }
})

t.test('a refusal in plain text keeps its status', async t => {
  const relay = await openRelay(t, { env })
  await relay.misbehave({
    fail: [{ operation: 'push_data', status: 413, body: 'Body exceeded 1mb limit', plain_text: true }]
  })
  const reply = await stepped(relay, () => serviceOf(relay).push(space('Loft'), wait(60)))
  t.equal(reply.status, 413)
  t.match(reply.body, { ok: false, error: { type: 'seam_refused', message: /^Seam refused spaces s1: / } })
})

t.test('what is forgotten while it is waited for, as its customer is taken off, is over', async t => {
  const relay = await openRelay(t, { env })
  const { headers } = await serviceOf(relay).push(space('Loft'))
  await relay.relay.steps.translateOnce()
  const changes = changeSignal()
  const { reports } = storeRooms(relay.store)
  const looked = Promise.withResolvers<void>()
  const watched = {
    ...reports,
    async progress(workspaceId: string, keys: string[]) {
      const rows = await reports.progress(workspaceId, keys)
      looked.resolve()
      return rows
    }
  }
  const verdict = verdictOn(String(headers['relay-delivery']), 60, { reports: watched, settled: changes })
  await looked.promise
  await serviceOf(relay, await storedKey(relay, { scopes: ['offboard'] })).delete({ customer_keys: ['acme'] })
  await relay.relay.steps.translateOnce()
  changes.changed()
  t.equal(await verdict, 'done')
})

t.test('a call that turns out to be void is refused with the reason', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await service.push(space('Loft'))
  await relay.settle()
  const reply = await stepped(relay, () =>
    service.push({ ...space('Loft'), customer_key: 'globex' }, wait(60))
  )
  t.equal(reply.status, 400)
  t.match(reply.body, { ok: false, error: { type: 'invalid_input', message: /./ } })
})

t.test('a customer that is taken off is waited for', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'offboard'] }))
  await service.push(space('Loft'))
  await relay.settle()
  const reply = await stepped(relay, () => service.delete({ customer_keys: ['acme'] }, wait(60)))
  t.equal(reply.status, 200)
  t.same((await relay.held('acme')).spaces ?? [], [])
})

t.test('a customer is not off before Seam was told', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'offboard'] }))
  await service.push(space('Loft'))
  await relay.settle()
  const { headers } = await service.delete({ customer_keys: ['acme'] })
  const { reports } = storeRooms(relay.store)
  const verdict = () => verdictOn(String(headers['relay-delivery']), 0, { reports, settled: changeSignal() })
  t.equal(await verdict(), undefined, 'it is stored')
  await relay.relay.steps.translateOnce()
  t.equal(await verdict(), undefined, 'it is understood')
  await relay.settle()
  t.equal(await verdict(), 'done')
})

t.test('a customer whom Seam will not take off is told in its own status and words', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'offboard', 'read'] }))
  await service.push(space('Loft'))
  await relay.settle()
  const refusedWith = (status: number) => ({
    operation: 'delete_data',
    status,
    times: 1,
    body: { ok: false, error: { type: 'customer_busy', message: 'The customer has a stay under way' } }
  })
  await relay.misbehave({ fail: [refusedWith(429), refusedWith(409)] })
  const { headers } = await service.delete({ customer_keys: ['acme'] })
  const { reports } = storeRooms(relay.store)
  const verdict = () => verdictOn(String(headers['relay-delivery']), 0, { reports, settled: changeSignal() })
  await relay.relay.steps.translateOnce()
  const next = async () => {
    relay.clock.now += 600_000
    await relay.relay.steps.syncOnce()
    return verdict()
  }
  t.equal(await next(), undefined, 'that Seam is busy is no word on it')
  t.strictSame(await next(), {
    status: 409,
    error: { type: 'customer_busy', message: 'The customer has a stay under way' }
  })
  await relay.settle()
  t.equal(await verdict(), 'done')
})

t.test('what came late and still told something new is waited for', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await service.push(space('Loft'))
  await relay.settle()
  await relay.misbehave({ refuse_keys: ['s1'] })
  const geolocation = { latitude: 1, longitude: 2 }
  const reply = await stepped(relay, () =>
    service.push(
      { customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Old', geolocation }] },
      { headers: { prefer: 'wait=60', 'relay-version': '5' } }
    )
  )
  t.equal(reply.status, 400)
  t.match(reply.body, { error: { message: /is refused, as the sandbox was told/ } })
})

t.test('a relay that is about to stop keeps nobody waiting', async t => {
  const relay = await openRelay(t, { env })
  const call = serviceOf(relay).push(space('Loft'), wait(60))
  await eventually(async () => ((await storedCalls(relay)).length > 0 ? true : undefined), 'the call')
  relay.relay.drain()
  t.equal((await call).status, 200)
  t.equal((await serviceOf(relay).push(space('Loft'), wait(60))).status, 200)
})

t.test('what a Prefer header asks for', async t => {
  for (const [header, seconds] of [
    [undefined, undefined],
    ['wait=10', 10],
    ['respond-async, wait=10', 10],
    ['handling=lenient; wait=1, WAIT = "5"; foo="bar"', 5],
    ['wait=61', 60],
    ['wait=999999999999999999999', 60],
    ['wait=0', 0],
    ['wait', undefined],
    ['wait=-1', undefined],
    ['wait=1.5', undefined],
    ['wait=soon', undefined],
    ['await=3', undefined],
    ['wait=3, wait=4', 3]
  ] as const) {
    t.equal(secondsToWait(header), seconds, `${header}`)
  }
})

t.test('who waits is woken by a change, by the clock, and by the end', async t => {
  const changes = changeSignal()
  const waiting = [changes.wait(60_000), changes.wait(60_000)]
  changes.changed()
  await Promise.all(waiting)
  await changes.wait(1)
  const last = changes.wait(60_000)
  t.notOk(changes.ended())
  changes.end()
  await last
  await changes.wait(60_000)
  t.ok(changes.ended())
})

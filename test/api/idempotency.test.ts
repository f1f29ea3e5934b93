import t from 'tap'
import { openRelay } from '../open-relay.ts'
import { eventually } from '../run-relay.ts'
import { env, serviceOf, storedCalls, storedKey } from './call.ts'

const HOUR = 3_600_000
const space = (name: string) => ({ customer_key: 'acme', spaces: [{ space_key: 's1', name }] })
const once = (key: string, more: Record<string, string> = {}) => ({
  headers: { 'idempotency-key': key, ...more }
})

t.test('the same call with the same key is taken in once and answered alike', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const first = await service.push(space('Loft'), once('k1'))
  const again = await service.push(space('Loft'), once('"k1"'))
  t.equal(first.status, 200)
  t.strictSame([again.status, again.body], [first.status, first.body])
  t.equal(again.headers['relay-delivery'], first.headers['relay-delivery'])
  t.equal((await storedCalls(relay)).length, 1)
  const [, line] = relay.logged.map(each => JSON.parse(each)).filter(each => each.event === 'call.stored')
  t.equal(line.duplicate, true)
})

t.test('another call with the same key is refused, and so is another operation', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await service.delete({}, once('k1'))
  for (const reply of [
    await service.delete({ space_keys: ['a'] }, once('k1')),
    await service.push(space('Loft'), once('k1'))
  ]) {
    t.equal(reply.status, 422)
    t.match(reply.body, { ok: false, error: { type: 'idempotency_key_reused' } })
  }
  t.equal((await storedCalls(relay)).length, 1)
})

t.test('callers do not share their keys', async t => {
  const relay = await openRelay(t, { env })
  await serviceOf(relay).push(space('Loft'), once('k1'))
  const other = serviceOf(relay, await storedKey(relay))
  t.equal((await other.push(space('Hut'), once('k1'))).status, 200)
  t.equal((await storedCalls(relay)).length, 2)
})

t.test('while the first one is under way, a second one is refused', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const first = service.push(space('Loft'), once('k1', { prefer: 'wait=60' }))
  await eventually(async () => ((await storedCalls(relay)).length > 0 ? true : undefined), 'the first')
  const second = await service.push(space('Loft'), once('k1'))
  t.same([second.status, second.headers['retry-after']], [409, '1'])
  t.match(second.body, { ok: false, error: { type: 'idempotency_key_in_use' } })
  await relay.settle()
  t.equal((await first).status, 200)
  t.equal((await service.push(space('Loft'), once('k1'))).status, 200)
})

t.test('a refusal by Seam is the answer for the next time too', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await relay.misbehave({ refuse_keys: ['s1'] })
  const call = service.push(space('Loft'), once('k1', { prefer: 'wait=60' }))
  await eventually(async () => ((await storedCalls(relay)).length > 0 ? true : undefined), 'the call')
  await relay.settle()
  const first = await call
  t.equal(first.status, 400)
  const again = await service.push(space('Loft'), once('k1'))
  t.strictSame([again.status, again.body], [first.status, first.body])
  t.equal(again.headers['relay-delivery'], first.headers['relay-delivery'])
})

t.test(
  'at another relay, or after a crash, the same call waits for what the first one waits for',
  async t => {
    const relay = await openRelay(t, { env })
    const other = await openRelay(t, { env, store: relay.store })
    await relay.misbehave({ refuse_keys: ['s1'] })
    const waiting = once('k1', { prefer: 'wait=60' })
    const first = serviceOf(relay).push(space('Loft'), waiting)
    await eventually(async () => ((await storedCalls(relay)).length > 0 ? true : undefined), 'the call')
    const second = serviceOf(other).push(space('Loft'), waiting)
    await relay.settle()
    t.strictSame([(await first).status, (await second).status], [400, 400])
    t.match((await second).headers, { 'preference-applied': 'wait=60' })
  }
)

t.test('when the time is up, that is the answer for the next time too', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const first = await service.push(space('Loft'), once('k1', { prefer: 'wait=0' }))
  await relay.misbehave({ refuse_keys: ['s1'] })
  await relay.settle()
  const again = await service.push(space('Loft'), once('k1', { prefer: 'wait=60' }))
  t.strictSame([again.status, again.body], [first.status, first.body])
})

t.test('a key is forgotten after a day', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await service.push(space('Loft'), once('k1'))
  relay.clock.now += 24 * HOUR - 1
  t.equal((await service.push(space('Hut'), once('k1'))).status, 422)
  relay.clock.now += 1
  t.equal((await service.push(space('Hut'), once('k1'))).status, 200)
  t.equal((await service.push(space('Loft'), once('k1'))).status, 422)
  const calls = await storedCalls(relay)
  t.same(
    calls.map(each => each.dedupeKey !== null),
    [false, true]
  )
})

t.test('a key that is none is refused', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  for (const key of ['', '""', ' ', 'x'.repeat(256), 'caf\u00e9']) {
    const { status, body } = await service.push(space('Loft'), once(key))
    t.equal(status, 400, key)
    t.match(body, { error: { message: 'Idempotency-Key must be 1 to 255 printable ASCII characters' } })
  }
  for (const key of ['x'.repeat(255), '"a \\"b\\""', 'a b']) {
    t.equal((await service.push(space('Loft'), once(key))).status, 200, key)
  }
  t.match((await storedCalls(relay))[1]?.dedupeKey, /^env-\w+ a "b"$/)
})

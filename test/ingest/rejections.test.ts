import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { openStore } from '../../src/store/store.ts'
import { openRelay, type TestRelay } from '../open-relay.ts'
import { calcomBody, keptRequests, rejectedCounts, signed, tamed, until } from './front-door.ts'

const PATH = '/webhooks/calcom/demo-calcom'

function refuse(relay: TestRelay, body: string | Uint8Array, path = PATH) {
  return relay.post(path, { body, headers: { 'x-cal-signature-256': '0'.repeat(64) } })
}

async function keptBodies(relay: TestRelay): Promise<string[]> {
  const rows = await keptRequests(relay, 0)
  return rows.map(row => Buffer.from(row.body).toString())
}

t.test('rejected requests are counted by connection and cause', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_BODY_BYTES: '1024' } })
  await relay.post(PATH, { body: '{}' })
  await relay.post(PATH, { body: '{}', headers: { 'x-cal-signature-256': 'zz' } })
  await refuse(relay, '{}')
  await refuse(relay, '{}')
  await relay.post(PATH, { body: Buffer.alloc(1025) })
  await relay.post('/webhooks/hostaway/demo-hostaway', { body: '{}' })
  await relay.post('/webhooks/mews/demo-mews?Token=wrong', { body: '{}' })
  const old = signed(relay, 'demo-standard', '{}')
  relay.clock.now += 600_000
  await relay.post(old.path, old)
  await relay.post('/webhooks/mews/nowhere', { body: Buffer.alloc(1025) })
  await relay.post('/webhooks/mews/nowhere', { body: '{}' })
  t.strictSame(await rejectedCounts(relay, 10), {
    'demo-calcom signature_missing': 1,
    'demo-calcom signature_malformed': 1,
    'demo-calcom signature_wrong': 2,
    'demo-calcom body_too_large': 1,
    'demo-hostaway credentials_missing': 1,
    'demo-mews credentials_wrong': 1,
    'demo-standard timestamp_outside_tolerance': 1,
    '(unknown) body_too_large': 1,
    '(unknown) unknown_connection': 1
  })
  const kept = await keptRequests(relay, 7)
  t.strictSame(
    kept.map(row => row.cause),
    [
      'signature_missing',
      'signature_malformed',
      'signature_wrong',
      'signature_wrong',
      'credentials_missing',
      'credentials_wrong',
      'timestamp_outside_tolerance'
    ],
    'those of known connections are kept'
  )
  const told = relay.logged.map(line => JSON.parse(line)).filter(line => line.event === 'request.rejected')
  t.equal(told.length, 10)
  t.strictSame(
    new Set(Object.keys(told[0])),
    new Set(['cause', 'connectionId', 'event', 'level', 'requestId', 'time'])
  )
})

t.test('the reply’s request id leads to the cause in the log', async t => {
  const relay = await openRelay(t)
  const { body } = await refuse(relay, '{}')
  const line = relay.logged.map(each => JSON.parse(each)).find(each => each.requestId === body.request_id)
  t.match(line, { event: 'request.rejected', cause: 'signature_wrong', connectionId: 'demo-calcom' })
})

t.test('only the newest are kept, and each connection has its own share', async t => {
  const relay = await openRelay(t, { env: { RELAY_REJECTED_KEPT: '3' } })
  await relay.post('/webhooks/mews/demo-mews', { body: 'of another' })
  for (let number = 1; number <= 8; number += 1) await refuse(relay, `${number}`)
  await rejectedCounts(relay, 9)
  t.strictSame(
    await until(
      () => keptBodies(relay),
      bodies => bodies.at(-1) === '8' && bodies.length === 4
    ),
    ['of another', '6', '7', '8']
  )
})

t.test(
  'the size of what is kept is bounded too, and one large body does not push out the others',
  async t => {
    const relay = await openRelay(t, { env: { RELAY_REJECTED_KEPT_BYTES: '100' } })
    for (const letter of ['a', 'b', 'c']) await refuse(relay, letter.repeat(40))
    t.strictSame(
      await until(
        () => keptBodies(relay),
        bodies => bodies.length === 2 && bodies[1]?.startsWith('c') === true
      ),
      ['b'.repeat(40), 'c'.repeat(40)]
    )
    await refuse(relay, 'd'.repeat(101))
    await refuse(relay, 'e')
    t.strictSame(
      await until(
        () => keptBodies(relay),
        bodies => bodies.at(-1) === 'e'
      ),
      ['b'.repeat(40), 'c'.repeat(40), 'e']
    )
  }
)

t.test('where none are to be kept, they are only counted', async t => {
  const relay = await openRelay(t, { env: { RELAY_REJECTED_KEPT: '0' } })
  for (let number = 0; number < 3; number += 1) await refuse(relay, '{}')
  t.strictSame(await rejectedCounts(relay, 3), { 'demo-calcom signature_wrong': 3 })
  t.strictSame(await keptBodies(relay), [])
})

t.test(
  'strangers are answered without waiting for the disk, and while it is slow only the newest are held',
  async t => {
    const store = tamed(await openStore('file::memory:'))
    const relay = await openRelay(t, { store })
    store.hold()
    for (let number = 0; number < 100; number += 1) t.equal((await refuse(relay, `${number}`)).status, 401)
    t.equal(store.waiting(), 1, 'all of them wait as one')
    store.letGo()
    t.strictSame(await rejectedCounts(relay, 100), { 'demo-calcom signature_wrong': 100 })
    const newest = Array.from({ length: 64 }, (_, position) => `${position + 36}`)
    t.strictSame(
      await until(
        () => keptBodies(relay),
        bodies => bodies.at(-1) === '99'
      ),
      newest
    )
  }
)

t.test('bodies that wait for a slow disk are bounded in size', async t => {
  const store = tamed(await openStore('file::memory:'))
  const relay = await openRelay(t, { store, env: { RELAY_REJECTED_KEPT_BYTES: '100' } })
  store.hold()
  for (const letter of ['a', 'b', 'c', 'd']) await refuse(relay, letter.repeat(45))
  store.letGo()
  t.strictSame(
    await until(
      () => keptBodies(relay),
      bodies => bodies.length === 2
    ),
    ['c'.repeat(45), 'd'.repeat(45)]
  )
  t.strictSame(await rejectedCounts(relay, 4), { 'demo-calcom signature_wrong': 4 })
})

t.test('when the store fails, a stranger is answered as ever and webhooks go on afterwards', async t => {
  const store = tamed(await openStore('file::memory:'))
  const relay = await openRelay(t, { store })
  store.refuse(new RelayError('RELAY_STORE_UNAVAILABLE', 'the store: disk full'))
  t.equal((await refuse(relay, 'lost')).status, 401)
  const failed = (line: string) => line.includes('"rejections.not_stored"')
  t.ok(
    await until(
      () => relay.logged.some(failed),
      found => found
    )
  )
  store.refuse(undefined)
  t.equal((await refuse(relay, 'later')).status, 401)
  t.strictSame(await rejectedCounts(relay, 1), { 'demo-calcom signature_wrong': 1 })
  const post = signed(relay, 'demo-calcom', calcomBody())
  t.equal((await relay.post(post.path, post)).status, 200)
})

t.test('what was rejected just before the end is stored before the store closes', async t => {
  const store = await openStore('file::memory:')
  let counted = 0
  const close = async () => {
    const rows = await store.db.selectFrom('rejected_counts').selectAll().execute()
    counted = rows.reduce((sum, row) => sum + row.count, 0)
    await store.close()
  }
  await t.test('a relay that stops at once', async t => {
    const relay = await openRelay(t, { store: { ...store, close } })
    await Promise.all(Array.from({ length: 5 }, () => refuse(relay, '{}')))
  })
  t.equal(counted, 5)
})

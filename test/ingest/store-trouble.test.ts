import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { openStore } from '../../src/store/store.ts'
import { openRelay } from '../open-relay.ts'
import { calcomBody, signed, storedDeliveries, tamed, until } from './front-door.ts'

const unavailable = new RelayError('RELAY_STORE_UNAVAILABLE', 'the store: disk I/O error', {
  statusCode: 503
})

t.test('nothing is acknowledged before its commit', async t => {
  const store = tamed(await openStore('file::memory:'))
  const relay = await openRelay(t, { store })
  store.hold()
  let answered = false
  const posted = relay
    .post('/webhooks/calcom/demo-calcom', signed(relay, 'demo-calcom', calcomBody()))
    .finally(() => {
      answered = true
    })
  await until(
    () => store.waiting(),
    waiting => waiting === 1
  )
  await until(
    () => answered,
    done => done
  )
  t.equal(answered, false)
  t.strictSame(await storedDeliveries(relay), [])
  store.letGo()
  t.equal((await posted).status, 200)
  t.equal((await storedDeliveries(relay)).length, 1)
})

t.test(
  'a store that cannot commit is answered 503 with Retry-After, and the same webhook is taken in later',
  async t => {
    const store = tamed(await openStore('file::memory:'))
    const relay = await openRelay(t, { store })
    const post = signed(relay, 'demo-standard', '{"type":"test.ping"}', { id: 'msg_1' })
    store.refuse(unavailable)
    const refused = await relay.post(post.path, post)
    t.strictSame([refused.status, refused.body.code], [503, 'RELAY_STORE_UNAVAILABLE'])
    t.equal(refused.headers['retry-after'], '5')
    t.match(refused.headers['content-type'], /^application\/problem\+json/)
    store.refuse(new TypeError('nobody thought of this'))
    const unforeseen = await relay.post(post.path, post)
    t.strictSame([unforeseen.status, unforeseen.body.code], [503, 'RELAY_INTERNAL'])
    t.equal(unforeseen.headers['retry-after'], '5')
    store.refuse(undefined)
    const later = await relay.post(post.path, post)
    t.strictSame([later.status, later.body.duplicate], [200, undefined])
    const failures = relay.logged
      .map(line => JSON.parse(line))
      .filter(line => line.event === 'delivery.not_stored')
    t.strictSame(
      failures.map(line => [line.requestId, line.connectionId, line.err.name]),
      [
        [refused.body.request_id, 'demo-standard', 'RelayError'],
        [unforeseen.body.request_id, 'demo-standard', 'TypeError']
      ]
    )
  }
)

t.test('when the queue before the store is full, senders are asked to come back', async t => {
  const store = tamed(await openStore('file::memory:'))
  const relay = await openRelay(t, { store, env: { RELAY_MAX_QUEUED: '3' } })
  store.hold()
  const post = (uid: string) => {
    const request = signed(relay, 'demo-calcom', calcomBody(uid))
    return relay.post(request.path, request)
  }
  const waiting = ['1', '2', '3'].map(post)
  await until(
    () => store.waiting(),
    count => count === 3
  )
  const refused = await post('4')
  t.strictSame([refused.status, refused.body.code], [503, 'RELAY_OVERLOADED'])
  t.equal(refused.headers['retry-after'], '1')
  t.equal(
    (await relay.post('/webhooks/calcom/demo-calcom', { body: '{}' })).status,
    401,
    'strangers learn nothing of it'
  )
  store.letGo()
  t.ok((await Promise.all(waiting)).every(reply => reply.status === 200))
  t.equal((await post('4')).status, 200)
  t.equal((await storedDeliveries(relay)).length, 4)
})

t.test('what comes while a commit runs shares the next one', async t => {
  const made: number[] = []
  // Not the folder of the test, which the relay empties for itself.
  const dir = mkdtempSync(join(tmpdir(), 'seam-relay-test-'))
  const file = join(dir, 'relay.db')
  const store = await openStore(`file:${file}`, { onCommit: ({ commits }) => void made.push(commits) })
  const relay = await openRelay(t, { store })
  t.teardown(async () => {
    await store.close()
    rmSync(dir, { recursive: true })
  })
  const post = (position: number) => {
    const request = signed(relay, 'demo-calcom', calcomBody(`b${position}`))
    return relay.post(request.path, request)
  }
  made.length = 0
  // While somebody else writes, the first one waits for the file.
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  const all = Array.from({ length: 201 }, (_, position) => post(position))
  await until(
    () => relay.store.waiting(),
    waiting => waiting === 201
  )
  other.exec('rollback')
  other.close()
  t.ok((await Promise.all(all)).every(reply => reply.status === 200))
  t.equal(
    made.reduce((sum, commits) => sum + commits, 0),
    201
  )
  // The thread may have begun with the first handful, or not even that.
  t.ok(made.length <= 2, `${made.length} commits`)
  t.equal((await storedDeliveries(relay)).length, 201)
})

t.test('when the store’s thread dies, nothing more is acknowledged and /readyz says so', async t => {
  const threads = t.capture(Worker.prototype, 'postMessage', Worker.prototype.postMessage)
  const store = await openStore('file::memory:')
  const relay = await openRelay(t, { store: { ...store, close: async () => {} } })
  const post = signed(relay, 'demo-calcom', calcomBody())
  t.equal((await relay.post(post.path, post)).status, 200)
  const thread = threads().at(-1)?.receiver as unknown as Worker
  await thread.terminate()
  const refused = await relay.post(post.path, post)
  t.strictSame([refused.status, refused.body.code], [503, 'RELAY_STORE_UNAVAILABLE'])
  t.equal(refused.headers['retry-after'], '5')
  t.equal((await fetch(`${relay.origin}/readyz`)).status, 503)
  t.equal((await fetch(`${relay.origin}/livez`)).status, 200)
})

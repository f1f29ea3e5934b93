import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { openStore } from '../../src/store/store.ts'
import { tamed } from '../ingest/front-door.ts'
import { openRelay } from '../open-relay.ts'
import { openServer } from '../open-server.ts'

t.test('a relay that works is live and ready', async t => {
  const { app } = await openServer(t)
  for (const url of ['/livez', '/readyz', '/readyz/']) {
    const reply = await app.inject(url)
    t.strictSame([reply.statusCode, reply.json()], [200, { status: 'ok' }])
    t.equal((await app.inject({ method: 'HEAD', url })).statusCode, 200)
  }
})

t.test('without its store it is live and not ready', async t => {
  const store = tamed(await openStore('file::memory:'))
  const { app } = await openServer(t, { store })
  store.refuse(new RelayError('RELAY_STORE_UNAVAILABLE', 'the store: no space left', { statusCode: 503 }))
  const reply = await app.inject('/readyz')
  t.strictSame([reply.statusCode, reply.json().code], [503, 'RELAY_STORE_UNAVAILABLE'])
  t.match(reply.headers['content-type'], /^application\/problem\+json/)
  t.equal((await app.inject('/livez')).statusCode, 200)
  store.refuse(undefined)
  t.equal((await app.inject('/readyz')).statusCode, 200)
})

t.test('a store that does not answer is not waited for without end', async t => {
  const health = { store: { ping: () => new Promise<void>(() => {}) }, patienceMs: 1 }
  const { app } = await openServer(t, { health })
  const reply = await app.inject('/readyz')
  t.strictSame([reply.statusCode, reply.json().code], [503, 'RELAY_STORE_UNAVAILABLE'])
})

t.test('a relay on its way out is live and not ready, says why, and still takes webhooks in', async t => {
  const relay = await openRelay(t)
  relay.relay.drain()
  const reply = await fetch(`${relay.origin}/readyz`)
  const problem = (await reply.json()) as Record<string, unknown>
  t.strictSame([reply.status, problem.code, problem.title], [503, 'RELAY_DRAINING', 'Service Unavailable'])
  t.equal((await fetch(`${relay.origin}/livez`)).status, 200)
  const token = relay.connection('demo-mews').secrets.token?.[0]
  t.equal(
    (await relay.post(`/webhooks/mews/demo-mews?Token=${token}`, { body: '{"Events":[]}' })).status,
    200
  )
})

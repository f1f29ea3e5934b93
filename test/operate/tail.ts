import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { serviceOf, storedKey } from '../api/call.ts'
import type { TestEngine } from '../engines.ts'
import type { TestRelay } from '../open-relay.ts'
import { ask, booking, CONNECTION, KEY, openOperated, TOKEN, tell } from './operator.ts'

interface Heard {
  event: string
  id: string
  // biome-ignore lint/suspicious/noExplicitAny: what is in it, each test says
  data: any
}

const following = { accept: 'text/event-stream' }

interface TestTail {
  /** The next event; undefined where there will be none. */
  next(): Promise<Heard | undefined>
  /** The next line that only keeps the connection open. */
  comment(): Promise<string | undefined>
  close(): void
}

/** Watches as an operator, from when it is open. */
async function openTail(
  t: Test,
  { origin }: Pick<TestRelay, 'origin'>,
  path = '/tail',
  { key = TOKEN, last }: { key?: string; last?: string } = {}
): Promise<TestTail> {
  const reply = await request(`${origin}/api/v1${path}`, {
    headers: {
      ...following,
      authorization: `Bearer ${key}`,
      ...(last !== undefined && { 'last-event-id': last })
    }
  })
  t.equal(reply.statusCode, 200)
  t.equal(reply.headers['content-type'], 'text/event-stream')
  t.equal(reply.headers['cache-control'], 'no-store')
  const lines = createInterface({ input: reply.body })[Symbol.asyncIterator]()
  const close = () => void reply.body.destroy()
  reply.body.on('error', () => undefined)
  t.teardown(close)

  async function line(begins: RegExp): Promise<string | undefined> {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) return undefined
      if (begins.test(value)) return value
    }
  }

  const tail = {
    comment: () => line(/^:/),
    async next() {
      const id = await line(/^id: /)
      if (id === undefined) return undefined
      const event = String(await line(/^event: /)).slice('event: '.length)
      const data = String(await line(/^data: /)).slice('data: '.length)
      return { event, id: id.slice('id: '.length), data: JSON.parse(data) }
    },
    close
  }
  t.equal(await tail.comment(), ': open')
  return tail
}

export function operatorTail(engine: TestEngine): void {
  t.test(`${engine.name}: what happens is told as it happens, at every relay on the store`, async t => {
    const relay = await openOperated(t, { engine })
    await tell(relay, { ...booking, id: 'before' })
    await relay.settle()
    const other = await openOperated(t, { store: relay.store })
    other.clock.now = relay.clock.now
    const here = await openTail(t, relay)
    const there = await openTail(t, other, `/tail?connection=${CONNECTION}`)
    const elsewhere = await openTail(t, other, '/tail?connection=demo-hostaway')

    const [id] = await tell(relay, booking)
    for (const tail of [here, there]) {
      t.match(await tail.next(), {
        event: 'delivery',
        data: { id, connection: CONNECTION, state: 'received', done_at: null }
      })
    }
    await relay.relay.steps.translateOnce()
    for (const tail of [here, there]) {
      t.match(await tail.next(), { event: 'delivery', data: { id, state: 'translated' } })
    }
    relay.clock.now += 3_000
    other.clock.now += 3_000
    t.equal(await relay.relay.steps.syncOnce(), 'busy')
    for (const tail of [here, there]) {
      const { event, data } = (await tail.next()) ?? {}
      t.equal(event, 'attempt')
      t.match(data, { operation: 'push_data', status: 200, customer_key: /./ })
    }
    await relay.post(`/webhooks/hospitable/${CONNECTION}`, { body: '{"guest":"Ada"}' })
    for (const tail of [here, there]) {
      t.match(await tail.next(), { event: 'rejected', data: { connection: CONNECTION, cause: /./ } })
    }

    await other.post('/webhooks/hostaway/demo-hostaway', { body: '{}' })
    const first = await elsewhere.next()
    t.match(
      first,
      { event: 'rejected', data: { connection: 'demo-hostaway' } },
      'and nothing of others before'
    )
    t.match(await here.next(), { event: 'rejected', data: { connection: 'demo-hostaway' } })

    here.close()
    relay.clock.now += 60_000
    const [later] = await tell(relay, { ...booking, id: 'b2' })
    const again = await openTail(t, relay, '/tail', { last: String(first?.id) })
    while ((await again.next())?.data.id !== later);
    t.pass('what was missed is told')
    await relay.relay.stop(1_000)
    t.equal(await again.comment(), undefined, 'a relay that stops lets everybody go')
  })
}

export function tailAlone(): void {
  t.test('a held delivery, and one that runs again, is told of with its state', async t => {
    const relay = await openOperated(t)
    const [old] = await tell(relay, { ...booking, id: 'old' })
    await relay.settle()
    relay.clock.now += 60_000
    const tail = await openTail(t, relay)
    await relay.deliver('demo-guesty', { event: 'unheard.of', body: '{"event":"unheard.of"}' })
    t.match(await tail.next(), { data: { connection: 'demo-guesty', state: 'received' } })
    await relay.relay.steps.translateOnce()
    const { data } = (await tail.next()) ?? {}
    t.match(data, { connection: 'demo-guesty', state: /^(?:held|ignored|dead)$/ })
    await relay.store.db
      .updateTable('deliveries')
      .set({ state: 'ignored', done_at: relay.clock.now })
      .where('id', '=', String(old))
      .execute()
    t.match(await tail.next(), { event: 'delivery', data: { id: old, state: 'ignored' } })
  })

  t.test('a call for a customer of no connection is told of to whoever watches everything', async t => {
    const relay = await openOperated(t)
    const tail = await openTail(t, relay)
    await serviceOf(relay, KEY).push({ customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft' }] })
    await relay.settle()
    let heard = await tail.next()
    while (heard?.event === 'delivery') heard = await tail.next()
    t.match(heard, { event: 'attempt', data: { customer_key: 'acme', status: 200 } })
  })

  t.test('who does not follow is told what has happened since, and where to go on', async t => {
    const relay = await openOperated(t)
    const since = async (last: string) => {
      const reply = await request(`${relay.origin}/api/v1/tail`, {
        headers: { authorization: `Bearer ${TOKEN}`, 'last-event-id': last }
      })
      t.match([reply.statusCode, reply.headers['content-type']], [200, 'text/event-stream'])
      return reply.body.text()
    }
    const nothing = await since('')
    t.equal(nothing, `id: ${relay.clock.now}\n\n`)
    const [id] = await tell(relay, booking)
    const told = await since(nothing.slice('id: '.length).trim())
    t.match(told, `"id":"${id}"`)
    t.ok(told.endsWith(`\n\nid: ${relay.clock.now}\n\n`))
  })

  t.test('only operators may watch, and so many', async t => {
    const relay = await openOperated(t)
    t.equal((await ask(relay, '/tail', null)).status, 401)
    t.match(await ask(relay, '/tail?reveal=true'), {
      status: 400,
      body: { detail: /^reveal: is not known here/ }
    })
    const key = await storedKey(relay, { scopes: ['read'] })
    const first = await openTail(t, relay, '/tail', { key })
    for (let count = 1; count < 16; count += 1) await openTail(t, relay)
    const oneMore = await request(`${relay.origin}/api/v1/tail`, {
      headers: { ...following, authorization: `Bearer ${TOKEN}` }
    })
    t.equal(oneMore.statusCode, 429)
    t.match(await oneMore.body.json(), { code: 'RELAY_TAILS_TAKEN' })
    t.equal(oneMore.headers['retry-after'], '10')
    first.close()
    while ((await ask(relay, '/me')).status === 200) {
      const reply = await request(`${relay.origin}/api/v1/tail`, {
        headers: { ...following, authorization: `Bearer ${TOKEN}` }
      })
      reply.body.on('error', () => undefined).destroy()
      if (reply.statusCode === 200) break
    }
    relay.relay.drain()
    t.match(await ask(relay, '/tail'), { status: 503, body: { code: 'RELAY_DRAINING' } })
  })
}

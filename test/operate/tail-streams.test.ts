import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { request } from 'undici'
import { changeSignal } from '../../src/change-signal.ts'
import { RelayError } from '../../src/errors.ts'
import { watch } from '../../src/operate/happenings.ts'
import { operateStoreOf } from '../../src/store/operate.ts'
import { openStore } from '../../src/store/store.ts'
import { ADMIN_TOKEN, openServer } from '../open-server.ts'

const following = { accept: 'text/event-stream' }
const headers = { ...following, authorization: `Bearer ${ADMIN_TOKEN}` }

async function linesOf(t: Test, url: string, more: Record<string, string> = headers) {
  const reply = await request(url, { headers: more })
  reply.body.on('error', () => undefined)
  t.equal(reply.statusCode, 200)
  const lines = createInterface({ input: reply.body })
  lines.on('error', () => undefined)
  t.teardown(() => {
    lines.close()
    reply.body.destroy()
  })
  return lines[Symbol.asyncIterator]()
}

async function away(): Promise<never> {
  throw new RelayError('RELAY_STORE_UNAVAILABLE', undefined, { retryable: true, statusCode: 503 })
}

t.test(
  'whoever watches is told from time to time that nothing happens, until they may no longer',
  async t => {
    let mayRead = true
    const caller = {
      id: 'key_1',
      name: 'reader',
      workspaceId: undefined,
      customers: undefined,
      scopes: ['read' as const],
      strict: true,
      expiresAt: undefined
    }
    const { listen } = await openServer(t, {
      operate: { heartbeatMs: 20, identifyCaller: () => (mayRead ? caller : undefined) }
    })
    const lines = await linesOf(t, `${await listen()}/api/v1/tail`, {
      ...following,
      authorization: 'Bearer seam_relay_x'
    })
    const heard: string[] = []
    for await (const line of { [Symbol.asyncIterator]: () => lines }) {
      if (line.startsWith(':')) heard.push(line)
      if (heard.length === 3) mayRead = false
    }
    t.strictSame(heard.slice(0, 3), [': open', ': still here', ': still here'])
  }
)

t.test('where the store goes away whoever watches is let go, and told to come later', async t => {
  const store = await openStore('file::memory:')
  const { tail } = operateStoreOf(store)
  const news = changeSignal()
  let isAway = false
  const { listen } = await openServer(t, {
    store,
    operate: { news, tail: { ...tail, deliveries: at => (isAway ? away() : tail.deliveries(at)) } }
  })
  const origin = await listen()
  const lines = await linesOf(t, `${origin}/api/v1/tail`)
  t.equal((await lines.next()).value, 'retry: 2000')
  t.equal((await lines.next()).value, ': open')
  isAway = true
  news.changed()
  while (!(await lines.next()).done);
  const reply = await request(`${origin}/api/v1/tail`, { headers })
  t.equal(reply.statusCode, 503)
  t.equal(reply.headers['retry-after'], '5')
  t.match(await reply.body.json(), { code: 'RELAY_STORE_UNAVAILABLE' })
  isAway = false
  await linesOf(t, `${origin}/api/v1/tail`)
})

t.test('more than can be shown is said to be cut, and whoever does not read is let go', async t => {
  const store = await openStore('file::memory:')
  const all = operateStoreOf(store)
  const news = changeSignal()
  let turn = 0
  const row = (id: string) => ({
    id,
    connection_id: 'demo-hostaway',
    platform: 'hostaway',
    dedupe_key: null,
    received_at: 0,
    state: 'dead' as const,
    due_at: 0,
    attempts: 1,
    outcome: null,
    last_error: 'word '.repeat(8_000),
    done_at: turn,
    emptied: 0
  })
  const { app, listen } = await openServer(t, {
    store,
    operate: {
      news,
      tail: {
        ...all.tail,
        async deliveries() {
          turn += 1
          return Array.from({ length: 200 }, (_, n) => ({ id: `${turn} ${n}`, state: 'dead', done_at: turn }))
        }
      },
      deliveries: { ...all.deliveries, some: async ids => ids.map(row) }
    }
  })
  const origin = await listen()
  const idle = connect(Number(new URL(origin).port), '127.0.0.1').pause()
  idle.on('error', () => undefined)
  t.teardown(() => idle.destroy())
  const [socket] = await once(app.server, 'connection')
  const asked = { host: 'relay', ...headers }
  const head = Object.entries(asked).map(([name, value]) => `${name}: ${value}\r\n`)
  idle.write(`GET /api/v1/tail HTTP/1.1\r\n${head.join('')}\r\n`)
  const lines = await linesOf(t, `${origin}/api/v1/tail`)
  const dropped = once(socket, 'close')
  let cut: string | undefined
  for await (const line of { [Symbol.asyncIterator]: () => lines }) {
    if (line.includes('"sorts"')) cut = line
    if (line.startsWith(': open') || line.includes('"sorts"')) news.changed()
    if (cut !== undefined && socket.destroyed) break
  }
  await dropped
  t.equal(cut, 'data: {"sorts":["delivery"]}')
})

t.test('however long somebody watches, only so much is remembered as shown', async t => {
  const nothing = async () => ({ rows: [] })
  let turn = 0
  const { look } = watch({
    connections: [],
    tail: {
      deliveries: async () =>
        Array.from({ length: 200 }, (_, n) => ({ id: `${turn} ${n}`, state: 'ignored', done_at: 1 })),
      marksOf: async () => []
    },
    deliveries: {
      some: async (ids: string[]) =>
        ids.map(id => ({
          id,
          dedupe_key: null,
          state: 'ignored',
          done_at: 1,
          received_at: 0,
          outcome: null,
          last_error: null
        }))
    },
    attempts: { list: nothing, rejected: nothing }
  } as never)
  const seen = async () => (await look(0)).list.length
  t.equal(await seen(), 200)
  t.equal(await seen(), 0)
  for (turn = 1; turn <= 24; turn += 1) t.equal(await seen(), 200)
  turn = 0
  t.equal(await seen(), 0)
  turn = 25
  t.equal(await seen(), 200)
  turn = 0
  t.equal(await seen(), 200, 'what was shown long ago is shown again')
})

t.test('of very many that are under way, only the newest are looked at again', async t => {
  const ids = Array.from({ length: 600 }, (_, n) => String(1_000 + n))
  const marked = (list: string[]) => list.map(id => ({ id, state: 'received', done_at: null }))
  const coming = [...ids]
  let watched: string[] = []
  const { look } = watch({
    connections: [],
    tail: {
      deliveries: async () => marked(coming.splice(0, 200)),
      async marksOf(list: string[]) {
        watched = list
        return marked(list)
      }
    },
    deliveries: { some: async () => [] },
    attempts: { list: async () => ({ rows: [] }), rejected: async () => ({ rows: [] }) }
  } as never)
  while (coming.length > 0) await look(0)
  t.strictSame(watched.sort(), ids.slice(0, 400))
  await look(0)
  t.strictSame(watched.sort(), ids.slice(100))
})

import t, { type Test } from 'tap'
import type { TokenSource } from '../../src/platforms/api.ts'
import { clientCredentials } from '../../src/platforms/oauth.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { type Tokens, tokensOf } from '../../src/store/tokens.ts'
import { platformApis } from '../../src/translate/platform-api.ts'
import { openRelay } from '../open-relay.ts'
import { emptyStore } from '../store/empty-store.ts'
import { HOURS, openAcme } from './acme.ts'
import { type ApiAnswer, type ApiCall, answer, fakeApi } from './fake-api.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const credentials = 'client_id: relay, client_secret: a-secret'

/** An API that gives numbered tokens and takes the newest of them only. */
async function guardedApi(t: Test) {
  const api = await fakeApi(t)
  let given = 0
  const guarded = {
    ...api,
    api,
    lifeSeconds: 3600 as number | undefined,
    status: 401,
    /** What is done with a call that has the newest token. */
    welcome: (_call: ApiCall): ApiAnswer => ({ status: 200, body: { guest: 'Grace Hopper' } }),
    tokensGiven: () => given,
    /** The newest token is worth nothing from now on. */
    revoked: false,
    questions: () => api.calls.filter(call => call.path !== '/token')
  }
  api.respond = call => {
    if (call.path === '/token') {
      given += 1
      guarded.revoked = false
      return { status: 200, body: { access_token: `token-${given}`, expires_in: guarded.lifeSeconds } }
    }
    const isNewest = call.headers.authorization === `Bearer token-${given}`
    return isNewest && !guarded.revoked ? guarded.welcome(call) : { status: guarded.status }
  }
  return guarded
}

function asking(endpoint: string, more = credentials): string {
  return `${HOURS}, api: { endpoint: "${endpoint}", ${more} }`
}

t.test('a question goes to the endpoint of the connection, behind its path', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 200, body: { guest: 'Grace Hopper' } })
  const relay = await openAcme(t, {
    connections: { a: `${HOURS}, api: { endpoint: "${api.endpoint}/mirror/acme/" }` }
  })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  t.same(await relay.guests(), ['Grace Hopper'])
  t.match(api.calls, [
    {
      method: 'GET',
      path: '/mirror/acme/bookings/b1?with=guest',
      headers: { accept: 'application/json', 'user-agent': 'seam-relay', authorization: undefined },
      body: ''
    }
  ])
})

t.test('without an endpoint the platform’s own host is asked; JSON goes as JSON', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 200, body: { guest: 'Grace Hopper' } })
  const relay = await openAcme(t, { connections: { a: `${HOURS}, api: { post: "${api.endpoint}" }` } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  t.same(await relay.guests(), ['Grace Hopper'])
  t.match(api.calls, [
    {
      method: 'POST',
      path: '/bookings',
      headers: { 'content-type': 'application/json' },
      body: '{"id":"b1"}'
    }
  ])
})

t.test('a reply that is no JSON is an answer without a body, for the adapter to judge', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 404, body: 'nothing here' })
  const relay = await openAcme(t, { connections: { a: `${HOURS}, api: { endpoint: "${api.endpoint}" }` } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  t.match(await relay.deliveries(), [{ state: 'translated', facts: [{ gone: true }] }])
})

t.test('a web page with 404 says nothing of what was asked for, which is asked for again', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 404, body: '\n<html><h1>404 Not Found</h1><hr>nginx</html>' })
  const relay = await openAcme(t, { connections: { a: `${HOURS}, api: { endpoint: "${api.endpoint}" }` } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  t.match(await relay.deliveries(), [
    { state: 'received', error: /^RELAY_PLATFORM_REFUSED: 404 with a web page/ }
  ])
  api.respond = () => ({ status: 200, body: { guest: 'Grace Hopper' } })
  relay.clock.now += 60_000
  t.same(await relay.guests(), ['Grace Hopper'])
})

t.test('a crowd of deliveries fetches one token, which outlives the process', async t => {
  const api = await guardedApi(t)
  const store = await emptyStore()
  const connections = { a: asking(api.endpoint) }
  const relay = await openAcme(t, { store, connections })
  await Promise.all(
    Array.from({ length: 8 }, (_, index) => relay.tell('a', { type: 'pointed', id: `b${index}` }))
  )
  t.equal((await relay.guests()).length, 8)
  t.equal(api.tokensGiven(), 1)
  const [first] = api.calls
  t.match(first, { path: '/token', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
  t.equal(first?.body, 'grant_type=client_credentials&client_id=relay&client_secret=a-secret')
  await relay.relay.stop(0)

  const again = await openAcme(t, { store, connections })
  await again.tell('a', { type: 'pointed', id: 'b9' })
  await again.translate()
  t.equal(api.tokensGiven(), 1)
  t.equal(api.questions().length, 9)
  await again.relay.stop(0)

  const edited = { a: asking(api.endpoint, 'client_id: other, client_secret: a-secret') }
  const other = await openAcme(t, { store, connections: edited })
  await other.tell('a', { type: 'pointed', id: 'b9' })
  await other.translate()
  t.equal(api.tokensGiven(), 2, 'other credentials, other token')
})

t.test('a token that is about to end is not used again', async t => {
  const api = await guardedApi(t)
  api.lifeSeconds = 61
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  relay.clock.now += 999
  await relay.tell('a', { type: 'pointed', id: 'b2' })
  await relay.translate()
  t.equal(api.tokensGiven(), 1)
  relay.clock.now += 1
  await relay.tell('a', { type: 'pointed', id: 'b3' })
  await relay.translate()
  t.equal(api.tokensGiven(), 2)
})

for (const status of [401, 403]) {
  t.test(`a token that the platform ended early (${status}) is renewed once, by one for all`, async t => {
    const api = await guardedApi(t)
    api.status = status
    api.lifeSeconds = 86_400
    const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
    await relay.tell('a', { type: 'pointed', id: 'b1' })
    await relay.translate()
    relay.clock.now += 6 * HOUR_MS
    api.revoked = true
    const ids = ['b2', 'b3', 'b4', 'b5']
    await Promise.all(ids.map(id => relay.tell('a', { type: 'pointed', id })))
    t.equal((await relay.guests()).length, 5)
    t.equal(api.tokensGiven(), 2)
    t.match(
      await relay.deliveries(),
      ['b1', ...ids].map(() => ({ state: 'translated', attempts: 1 }))
    )
  })
}

t.test('a fresh token that is refused too is tried again later, slowly', async t => {
  const api = await guardedApi(t)
  api.welcome = () => ({ status: 401 })
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  t.match(await relay.deliveries(), [
    {
      state: 'received',
      attempts: 1,
      error:
        'RELAY_PLATFORM_UNAUTHORIZED: the platform’s API answered 401 to a fresh token; check the connection’s api'
    }
  ])
  t.same([api.tokensGiven(), api.questions().length], [2, 2])
  await relay.after(MINUTE_MS - 1)
  t.same([api.tokensGiven(), api.questions().length], [2, 2], 'the connection rests a minute')
  api.welcome = () => ({ status: 200, body: { guest: 'Grace Hopper' } })
  await relay.after(1)
  t.same(await relay.guests(), ['Grace Hopper'])
})

t.test('one entity that may not be read stops no other, and uses up no tokens', async t => {
  const api = await guardedApi(t)
  api.lifeSeconds = 86_400
  const mayRead = api.welcome
  api.welcome = call => (call.path.startsWith('/bookings/b1') ? { status: 403 } : mayRead(call))
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  for (const id of ['b1', 'b2', 'b3']) await relay.tell('a', { type: 'pointed', id })
  await relay.translate()
  t.match(await relay.deliveries(), [
    {
      state: 'received',
      attempts: 1,
      restMs: 1000,
      error:
        'RELAY_PLATFORM_REFUSED: the platform’s API answered 403, though the token has not ended; check what the connection’s api may read'
    },
    { state: 'translated', attempts: 1 },
    { state: 'translated', attempts: 1 }
  ])
  for (let hour = 1; hour < 24; hour += 1) await relay.after(HOUR_MS)
  t.match(await relay.deliveries(), [{ state: 'received', attempts: 24 }])
  t.equal(api.tokensGiven(), 4, 'a platform that gives five tokens a day gives so many')

  api.welcome = mayRead
  await relay.after(2 * HOUR_MS)
  t.match(await relay.deliveries(), [{ state: 'translated', attempts: 25 }, {}, {}])
})

t.test('an API that answers 401 for a day costs no more tokens than the fewest that one gives', async t => {
  const api = await guardedApi(t)
  api.lifeSeconds = 86_400
  const mayRead = api.welcome
  api.welcome = () => ({ status: 401 })
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  t.equal(api.tokensGiven(), 2, 'renewed at once')
  for (let minute = 0; minute < 60; minute += 1) await relay.after(MINUTE_MS)
  t.equal(api.tokensGiven(), 2, 'and not again soon')
  for (let hour = 1; hour < 23; hour += 1) await relay.after(HOUR_MS)
  t.equal(api.tokensGiven(), 5)

  api.welcome = mayRead
  await relay.after(2 * HOUR_MS)
  t.same(await relay.guests(), ['Grace Hopper'], 'the last one is kept')
  t.equal(api.tokensGiven(), 5)
})

t.test('a token that is refused is kept where the platform gives no other', async t => {
  const api = await guardedApi(t)
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  const { respond } = api.api
  api.api.respond = ({ path }) => ({ status: path === '/token' ? 429 : 401 })
  await relay.tell('a', { type: 'pointed', id: 'b2' })
  await relay.translate()
  api.api.respond = call => (call.path === '/token' ? { status: 429 } : respond(call))
  await relay.after(MINUTE_MS)
  t.equal((await relay.guests()).length, 2)
})

t.test('how old a token is that is renewed for a refusal is for its adapter to say', async t => {
  const api = await guardedApi(t)
  api.status = 403
  const { clock, another } = await relaysOnOneStore(t, api.endpoint)
  const relay = another()
  const refusals = { renewOn: [403], renewalsApartMs: MINUTE_MS }
  t.equal(await relay.ask(refusals), 200)
  api.revoked = true
  clock.now += MINUTE_MS - 1
  await t.rejects(relay.ask(refusals), { code: 'RELAY_PLATFORM_REFUSED', retryable: true })
  clock.now += 1
  t.equal(await relay.ask(refusals), 200)
  t.equal(api.tokensGiven(), 2)
})

t.test('a platform that gives no token is asked again later, and the crowd asked once', async t => {
  const api = await fakeApi(t)
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  api.respond = () => undefined
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.tell('a', { type: 'pointed', id: 'b2' })
  const step = relay.translate()
  await api.called(1)
  for (const call of api.calls) answer(call, { status: 401 })
  api.respond = () => ({ status: 401 })
  await step
  t.match(await relay.deliveries(), [
    { state: 'received', error: /^RELAY_PLATFORM_UNAUTHORIZED: the platform gave no token/ },
    { state: 'received', error: /^RELAY_PLATFORM_UNAUTHORIZED: the platform gave no token/ }
  ])
  t.notMatch(relay.logged.join(''), 'a-secret')
})

const bearer = clientCredentials({
  origin: 'http://127.0.0.1:9',
  path: '/token',
  clientId: 'client_id',
  clientSecret: 'client_secret'
})
const TIMEOUT_MS = 10_000

/** Relays that have nothing in common but their store, and ask the same API by way of the same connection. */
async function relaysOnOneStore(t: Test, endpoint: string) {
  const store = await emptyStore()
  const clock = { now: Date.UTC(2027, 0, 10) }
  return {
    clock,
    tokens: tokensOf(store),
    another(tokens: Tokens = tokensOf(store)) {
      const stop = new AbortController()
      const apis = platformApis({ tokens, timeoutMs: TIMEOUT_MS, now: () => clock.now, signal: stop.signal })
      t.teardown(() => {
        stop.abort()
        return apis.close()
      })
      const settings = { endpoint, client_id: 'relay', client_secret: 'a-secret' }
      return {
        stop,
        async ask(more: Partial<TokenSource> = {}) {
          const { request } = apis.of('a', settings, new AbortController().signal)
          const asked = {
            method: 'GET',
            origin: '',
            path: '/bookings/b1',
            bearer: { ...bearer, ...more }
          } as const
          return (await request(asked)).status
        }
      }
    }
  }
}

t.test('of all relays on a store one fetches the token, and one renews it', async t => {
  const api = await guardedApi(t)
  const { clock, another } = await relaysOnOneStore(t, api.endpoint)
  const relays = [another(), another(), another()]
  t.same(await Promise.all(relays.map(each => each.ask())), [200, 200, 200])
  t.equal(api.tokensGiven(), 1)
  clock.now += MINUTE_MS
  api.revoked = true
  t.same(await Promise.all(relays.map(each => each.ask())), [200, 200, 200])
  t.equal(api.tokensGiven(), 2)
})

t.test('where the relay that fetches a token gets none, the next one tries', async t => {
  const api = await guardedApi(t)
  const { another } = await relaysOnOneStore(t, api.endpoint)
  const { respond } = api.api
  api.api.respond = () => undefined
  const first = another().ask()
  await api.api.called(1)
  const second = another().ask()
  api.api.respond = respond
  for (const call of api.calls) answer(call, { status: 503 })
  await t.rejects(first, { code: 'RELAY_PLATFORM_UNAVAILABLE', message: /answered 503/ })
  t.equal(await second, 200)
  t.equal(api.tokensGiven(), 1)
})

t.test('a relay that is gone while it fetches a token holds up nobody for longer than its lease', async t => {
  const api = await guardedApi(t)
  const { clock, another } = await relaysOnOneStore(t, api.endpoint)
  const { respond } = api.api
  api.api.respond = () => undefined
  const gone = another()
  const never = t.rejects(gone.ask(), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  await api.api.called(1)
  api.api.respond = respond
  const waiting = another()
  const asked = waiting.ask()
  clock.now += TIMEOUT_MS
  const impatient = another()
  const stopped = t.rejects(impatient.ask(), {
    code: 'RELAY_PLATFORM_UNAVAILABLE',
    retryable: true,
    message: 'the platform has not given a token to the relay that asked for one'
  })
  impatient.stop.abort()
  await stopped
  t.equal(api.tokensGiven(), 0, 'it may still get one')
  clock.now += 2_000
  t.equal(await asked, 200)
  gone.stop.abort()
  await never
  t.equal(await another().ask(), 200)
  t.equal(api.tokensGiven(), 1)
})

t.test('a token that came while a relay made ready to fetch one is used', async t => {
  const api = await guardedApi(t)
  const { tokens, another } = await relaysOnOneStore(t, api.endpoint)
  const other = another()
  const late = another({
    ...tokens,
    async lease(...asked) {
      await other.ask()
      return tokens.lease(...asked)
    }
  })
  t.equal(await late.ask(), 200)
  t.equal(api.tokensGiven(), 1)
  t.equal(await other.ask(), 200)
})

for (const name of ['guesty', 'hostaway'] as const) {
  t.test(`${name}: a token that ended is renewed on the way, and the booking arrives`, async t => {
    const relay = await openRelay(t, { store: await emptyStore() })
    const platform = platforms[name]
    const id = `demo-${name}`
    const deliver = async (serial: number) => {
      const context = { connection: relay.connection(id), now: relay.clock.now, serial }
      const [sample] = Object.values(platform?.samples.events ?? {}).map(each => each(context))
      if (sample !== undefined) t.equal((await relay.deliver(id, sample)).status, 200)
      await relay.settle()
    }
    await deliver(1)
    const { db, commit } = relay.store
    await commit([{ sql: "update tokens set token = 'ended', fetched_at = 0", rows: [[]], returning: false }])
    await deliver(2)
    const tokens = await db.selectFrom('tokens').select('token').execute()
    t.equal(tokens.length, 1)
    t.not(tokens[0]?.token, 'ended')
    const states = await db.selectFrom('deliveries').select('state').execute()
    t.same(states, [{ state: 'translated' }, { state: 'translated' }])
  })
}

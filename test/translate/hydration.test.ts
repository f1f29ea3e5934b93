import t, { type Test } from 'tap'
import { goneOnceAsked, type PlatformApi, wanted } from '../../src/platforms/api.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openRelay } from '../open-relay.ts'
import { emptyStore } from '../store/empty-store.ts'
import { type AcmeRelay, acme, HOURS, openAcme } from './acme.ts'
import { type ApiAnswer, fakeApi } from './fake-api.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const named = (guest: string): ApiAnswer => ({ status: 200, body: { guest } })

/** Lines of a connection whose platform is asked at this address. */
function asking(endpoint: string): string {
  return `${HOURS}, api: { endpoint: "${endpoint}" }`
}

t.test('facts are read once and kept, so that a replay needs no network', async t => {
  const api = await fakeApi(t)
  api.respond = () => named('Grace Hopper')
  const store = await emptyStore()
  const relay = await openAcme(t, { store, connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'ping' }, { type: 'pointed', id: 'b1' }, { type: 'hinted', id: 'b2' })
  t.same(await relay.guests(), ['Grace Hopper', 'Grace Hopper'])
  t.match(await relay.deliveries(), [
    { state: 'translated', facts: [null, { guest: 'Grace Hopper' }, { guest: 'Grace Hopper' }] }
  ])
  t.same(
    new Set(api.calls.map(call => call.path)),
    new Set(['/bookings/b1?with=guest', '/bookings/b2?with=guest'])
  )
  t.equal(api.calls.length, 2)

  api.respond = () => 'reset'
  const which = { connectionId: 'a', states: ['translated' as const] }
  t.equal(await storeRooms(store).deliveries.replay(which, relay.clock.now), 1)
  await relay.translate()
  t.match(await relay.deliveries(), [
    { state: 'translated', outcome: [{ outcome: 'ignored' }, { outcome: 'translated' }, {}] }
  ])
  t.equal(api.calls.length, 2)
})

t.test('a delivery that needs no facts asks nobody', async t => {
  const api = await fakeApi(t)
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'booked', id: 'b1' })
  t.same(await relay.guests(), ['Ada Lovelace'])
  t.equal(api.calls.length, 0)
})

t.test('a platform without hydration asks nobody, whatever the connection has under api', async t => {
  const { hydration: _hydration, ...whole } = acme
  const api = await fakeApi(t)
  const relay = await openAcme(t, { acme: whole, connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'hinted', id: 'b1' })
  t.same(await relay.guests(), ['Somebody'])
  t.equal(api.calls.length, 0)
})

t.test('a booking that is gone at the platform is taken away', async t => {
  const api = await fakeApi(t)
  api.respond = () => named('Grace Hopper')
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  t.same(await relay.guests(), ['Grace Hopper'])
  api.respond = () => ({ status: 404 })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  t.same(await relay.guests(), [])
  t.same((await relay.held('a')).reservations ?? [], [])
})

t.test('what is only wanted is done without where there are no credentials', async t => {
  const relay = await openAcme(t)
  await relay.tell('a', { type: 'hinted', id: 'b1' })
  t.same(await relay.guests(), ['Somebody'])
})

const troubles: Record<string, ApiAnswer | 'reset' | undefined> = {
  'a failing API': { status: 503 },
  'an API that took too long (408)': { status: 408 },
  'an API that it is too early for (425)': { status: 425 },
  'a broken connection': 'reset',
  'an API that does not answer': undefined,
  'a reply that is too large': { status: 200, body: `"${'x'.repeat(16 * 1024 * 1024)}"` }
}

for (const [name, trouble] of Object.entries(troubles)) {
  t.test(`${name} is asked again a second later`, async t => {
    const api = await fakeApi(t)
    api.respond = () => trouble
    const relay = await openAcme(t, {
      connections: { a: asking(api.endpoint) },
      env: { RELAY_HYDRATION_TIMEOUT_MS: '400' }
    })
    await relay.tell('a', { type: 'pointed', id: 'b1' })
    await relay.translate()
    t.match(await relay.deliveries(), [
      {
        state: 'received',
        attempts: 1,
        restMs: 1000,
        error: /^RELAY_PLATFORM_UNAVAILABLE: the platform’s API/
      }
    ])
    api.respond = () => named('Grace Hopper')
    await relay.after(999)
    t.equal(api.calls.length, 1)
    await relay.after(1)
    t.same(await relay.guests(), ['Grace Hopper'])
    t.match(await relay.deliveries(), [{ state: 'translated', attempts: 2, error: null }])
  })
}

t.test(
  'several deliveries of an entity that the platform fails over do not keep a new one waiting',
  async t => {
    const api = await fakeApi(t)
    api.respond = call => (call.path.startsWith('/bookings/b1?') ? { status: 500 } : named('Grace Hopper'))
    const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
    const afterTwoMinutes = async () => {
      for (let passed = 0; passed < 2 * MINUTE_MS; passed += 5_000) await relay.after(5_000)
    }
    for (let told = 0; told < 6; told += 1) await relay.tell('a', { type: 'pointed', id: 'b1' })
    await afterTwoMinutes()
    await relay.tell('a', { type: 'pointed', id: 'b2' })
    await afterTwoMinutes()
    t.equal((await relay.deliveries()).at(-1)?.state, 'translated')
  }
)

t.test(
  'one entity that the platform fails over does not keep the others from finding out that it works',
  async t => {
    const api = await fakeApi(t)
    api.respond = call => (call.path.startsWith('/bookings/b1?') ? { status: 500 } : named('Grace Hopper'))
    const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
    await relay.tell('a', { type: 'pointed', id: 'b1' })
    await relay.translate()
    await relay.tell('a', { type: 'pointed', id: 'b2' })
    await relay.translate()
    await relay.after(1_000)
    t.match(await relay.deliveries(), [
      { state: 'received', attempts: 1 },
      { state: 'translated', attempts: 1 }
    ])
  }
)

t.test('Retry-After is kept to by the whole connection, and by no other', async t => {
  const [api, other] = [await fakeApi(t), await fakeApi(t)]
  api.respond = () => ({ status: 429, headers: { 'retry-after': '90' } })
  other.respond = () => named('Grace Hopper')
  const connections = { a: asking(api.endpoint), b: asking(other.endpoint) }
  const relay = await openAcme(t, { connections })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  await relay.tell('a', { type: 'pointed', id: 'b2' })
  await relay.tell('a', { type: 'booked', id: 'b3' })
  await relay.tell('b', { type: 'pointed', id: 'b4' })
  await relay.translate()
  t.match(await relay.deliveries(), [
    { state: 'received', attempts: 1, restMs: 90_000 },
    { state: 'received', attempts: 0, restMs: 90_000, error: null },
    { state: 'translated' },
    { state: 'translated' }
  ])
  t.same([api.calls.length, other.calls.length], [1, 1])

  api.respond = () => named('Alan Turing')
  await relay.after(90_000)
  t.equal(api.calls.length, 2, 'one finds out for all')
  await relay.after(2_000)
  t.equal(api.calls.length, 3)
  t.same(await relay.guests(), ['Ada Lovelace', 'Alan Turing', 'Alan Turing'])
})

t.test('a platform that stays away for days ends its delivery dead, and it can be replayed', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 500 })
  const store = await emptyStore()
  const relay = await openAcme(t, { store, connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  for (let attempt = 1; attempt < 45; attempt += 1) await relay.after(HOUR_MS)
  t.match(await relay.deliveries(), [{ state: 'received', attempts: 44 }])
  await relay.after(HOUR_MS)
  t.match(await relay.deliveries(), [
    {
      state: 'dead',
      attempts: 45,
      error: 'RELAY_PLATFORM_UNAVAILABLE: the platform’s API answered 500',
      outcome: [{ outcome: 'dead', code: 'RELAY_PLATFORM_UNAVAILABLE' }]
    }
  ])
  t.match(relay.logged.join(''), '"event":"delivery.dead"')

  api.respond = () => named('Grace Hopper')
  await storeRooms(store).deliveries.replay({ connectionId: 'a', states: ['dead'] }, relay.clock.now)
  t.same(await relay.guests(), ['Grace Hopper'])
})

t.test('a question that the platform refuses is asked again, and holds up nothing else', async t => {
  const api = await fakeApi(t)
  api.respond = call => (call.path.startsWith('/bookings/b1?') ? { status: 400 } : named('Grace Hopper'))
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  await relay.tell('a', { type: 'pointed', id: 'b2' })
  await relay.translate()
  t.match(await relay.deliveries(), [
    {
      state: 'received',
      attempts: 1,
      restMs: 1_000,
      error: 'RELAY_PLATFORM_REFUSED: Acme refused the question'
    },
    { state: 'translated' }
  ])
  api.respond = () => named('Grace Hopper')
  await relay.after(1_000)
  t.match(await relay.deliveries(), [{ state: 'translated', attempts: 2 }, {}])
})

t.test('a mistake while reading ends dead without a word of what was read', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 418, body: { name: 'sesame' } })
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  t.match(await relay.deliveries(), [{ state: 'dead', outcome: [{ code: 'RELAY_INTERNAL' }] }])
  t.notMatch(JSON.stringify([await relay.deliveries(), relay.logged]), 'sesame')
})

t.test('what is only wanted is asked for several times and then done without', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 503 })
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'hinted', id: 'b1' })
  await relay.translate()
  for (let attempt = 2; attempt < 6; attempt += 1) await relay.after(MINUTE_MS)
  t.match(await relay.deliveries(), [{ state: 'received', attempts: 5 }])
  await relay.after(MINUTE_MS)
  t.match(await relay.deliveries(), [{ state: 'translated', attempts: 6, facts: null }])
  t.equal(api.calls.length, 6)
  t.match(relay.logged.join(''), '"event":"delivery.not_hydrated"')
  t.same(await relay.guests(), ['Somebody'])
})

for (const [name, status] of Object.entries({ 'refused question': 400, 'mistake while reading': 418 })) {
  t.test(`a ${name} costs nothing but the facts where they are only wanted`, async t => {
    const api = await fakeApi(t)
    api.respond = () => ({ status })
    const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
    await relay.tell('a', { type: 'hinted', id: 'b1' })
    t.same(await relay.guests(), ['Somebody'])
    t.match(await relay.deliveries(), [{ state: 'translated', attempts: 1 }])
  })
}

t.test('nobody waits long for what is only wanted, neither the first nor those after it', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 429, headers: { 'retry-after': '61' } })
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'hinted', id: 'b1' })
  await relay.translate()
  await relay.tell('a', { type: 'hinted', id: 'b2' })
  await relay.tell('a', { type: 'hinted', id: 'b3' }, { type: 'pointed', id: 'b4' })
  await relay.translate()
  t.match(await relay.deliveries(), [
    { state: 'translated', attempts: 1 },
    { state: 'translated', attempts: 1 },
    { state: 'received', attempts: 0, restMs: 61_000 }
  ])
  t.equal(api.calls.length, 1)
})

/** Names of the guests at Seam by now, while deliveries are still waiting. */
async function guestsByNow(relay: AcmeRelay): Promise<string[]> {
  await relay.translate()
  await relay.after(2_000)
  while ((await relay.relay.steps.syncOnce()) === 'busy');
  return ((await relay.held('a')).guests ?? []).map(guest => String(guest.name)).sort()
}

t.test('what needs no reading is told at once, whatever its delivery waits for', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 503 })
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' }, { type: 'booked', id: 'b2' })
  await relay.translate()
  t.same(await guestsByNow(relay), ['Ada Lovelace'])
  t.match(await relay.deliveries(), [{ state: 'received' }])
  await relay.tell('a', { type: 'pointed', id: 'b3' }, { type: 'booked', id: 'b4' })
  t.same(await guestsByNow(relay), ['Ada Lovelace', 'Ada Lovelace'], 'nor while nobody asks')
  api.respond = () => named('Grace Hopper')
  t.same(await relay.guests(), ['Ada Lovelace', 'Ada Lovelace', 'Grace Hopper', 'Grace Hopper'])
  t.match(await relay.deliveries(), [{ state: 'translated' }, { state: 'translated' }])
})

t.test('what is only wanted is told after a minute, whatever its delivery waits for', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 503 })
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' }, { type: 'hinted', id: 'b2' })
  await relay.translate()
  t.same(await guestsByNow(relay), [])
  await relay.after(MINUTE_MS)
  t.same(await guestsByNow(relay), ['Somebody'])
  api.respond = () => named('Grace Hopper')
  t.same(await relay.guests(), ['Grace Hopper', 'Grace Hopper'])
})

t.test('an answer that is refused leaves what is only wanted its attempts', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 400 })
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' }, { type: 'hinted', id: 'b2' })
  await relay.translate()
  for (let attempt = 2; attempt < 6; attempt += 1) await relay.after(MINUTE_MS)
  t.same(await guestsByNow(relay), [])
  await relay.after(MINUTE_MS)
  t.same(await guestsByNow(relay), ['Somebody'])
  t.match(await relay.deliveries(), [{ state: 'received', attempts: 6 }])
})

/** Acme that does more once it has read. */
function acmeThat(goesOn: (facts: unknown[], api: PlatformApi) => Promise<unknown[]>): typeof acme {
  return {
    ...acme,
    hydration: {
      wants: event => acme.hydration?.wants(event, {} as never) ?? 'no',
      read: async (events, api) => goesOn((await acme.hydration?.read(events, api)) ?? [], api)
    }
  }
}

/** Reads, beside what a stay needs, what it can do without. */
const curious = acmeThat(async (facts, api) => {
  await wanted(api, () => api.request({ method: 'GET', origin: 'http://127.0.0.1:9', path: '/extras' }))
  return facts
})

async function openCurious(t: Test, extras: ApiAnswer) {
  const api = await fakeApi(t)
  api.respond = call => (call.path === '/extras' ? extras : named('Grace Hopper'))
  const relay = await openAcme(t, { acme: curious, connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  return relay
}

t.test('what is only wanted within a reading is asked for several times, and the rest then kept', async t => {
  const relay = await openCurious(t, { status: 503 })
  for (let attempt = 2; attempt < 6; attempt += 1) await relay.after(MINUTE_MS)
  t.match(await relay.deliveries(), [{ state: 'received', attempts: 5 }])
  await relay.after(MINUTE_MS)
  t.match(await relay.deliveries(), [
    { state: 'translated', attempts: 6, facts: [{ guest: 'Grace Hopper' }] }
  ])
  t.match(relay.logged.join(''), '"event":"delivery.not_hydrated"')
  await relay.tell('a', { type: 'booked', id: 'b2' })
  t.same(await relay.guests(), ['Ada Lovelace', 'Grace Hopper'])
})

t.test(
  'a long wait for what is only wanted within a reading is kept to by those that come after it',
  async t => {
    const relay = await openCurious(t, { status: 429, headers: { 'retry-after': '61' } })
    await relay.tell('a', { type: 'pointed', id: 'b2' })
    await relay.translate()
    t.match(await relay.deliveries(), [
      { state: 'translated', attempts: 1 },
      { state: 'received', attempts: 0, restMs: 61_000 }
    ])
  }
)

t.test('an outage leaves the patience with an answer that may be behind', async t => {
  const patient = acmeThat(async (facts, api) =>
    facts.map(fact => ('gone' in (fact as object) ? goneOnceAsked(api, 'not known') : fact))
  )
  const api = await fakeApi(t)
  const relay = await openAcme(t, { acme: patient, connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'booked', id: 'b1' })
  api.respond = () => ({ status: 503 })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  for (let attempt = 2; attempt < 8; attempt += 1) await relay.after(2 * MINUTE_MS)
  api.respond = () => ({ status: 404 })
  await relay.after(2 * MINUTE_MS)
  t.match((await relay.deliveries()).at(-1), { state: 'received', attempts: 8 }, 'not found once')
  api.respond = () => named('Grace Hopper')
  await relay.after(5 * MINUTE_MS)
  t.match((await relay.deliveries()).at(-1), { state: 'translated', facts: [{ guest: 'Grace Hopper' }] })

  await relay.tell('a', { type: 'pointed', id: 'b2' })
  api.respond = () => ({ status: 404 })
  await relay.translate()
  for (let attempt = 2; attempt < 6; attempt += 1) await relay.after(MINUTE_MS)
  t.match((await relay.deliveries()).at(-1), { state: 'received', attempts: 5 })
  await relay.after(MINUTE_MS)
  t.match((await relay.deliveries()).at(-1), { state: 'translated', attempts: 6, facts: [{ gone: true }] })
})

t.test('waiting out a short rest counts as an attempt where facts are only wanted', async t => {
  const api = await fakeApi(t)
  api.respond = () => ({ status: 429, headers: { 'retry-after': '60' } })
  const relay = await openAcme(t, { connections: { a: asking(api.endpoint) } })
  await relay.tell('a', { type: 'pointed', id: 'b1' })
  await relay.translate()
  await relay.tell('a', { type: 'hinted', id: 'b2' })
  await relay.translate()
  t.match(await relay.deliveries(), [
    { state: 'received', attempts: 1 },
    { state: 'received', attempts: 1, restMs: 60_000 }
  ])
})

t.test('a Hospitable reservation without a property is read again with one', async t => {
  const store = await emptyStore()
  const secrets = 'secrets: { token: a-token-of-ours-0001 }'
  const api = await fakeApi(t)
  const relay = await openRelay(t, {
    store,
    connections: `connections:\n  - { id: h, platform: hospitable, customer_key: h, ${secrets}, api: { endpoint: "${api.endpoint}", token: x } }`
  })
  const context = { connection: relay.connection('h'), now: relay.clock.now, serial: 1 }
  const sample = platforms.hospitable?.samples.events['reservation.created']?.(context)
  const full = JSON.parse(sample?.body ?? '')
  api.respond = () => ({ status: 200, body: { data: full.data } })
  const { properties: _properties, ...thin } = full.data
  await relay.deliver('h', { event: '', body: JSON.stringify({ ...full, data: thin }) })
  await relay.settle()
  t.match(
    api.calls.map(call => [call.path.split('?')[0], call.headers.authorization]),
    [[`/v2/reservations/${full.data.id}`, 'Bearer x']]
  )
  t.match(await store.db.selectFrom('deliveries').select('state').execute(), [{ state: 'translated' }])
})

for (const [header, waitMs] of [
  [String(Date.UTC(2027, 0, 10, 12) / 1000 + 90), 90_000],
  [String(Date.UTC(2027, 0, 10, 12) / 1000 - 90), 1_000],
  ['soon', 1_000]
] as const) {
  t.test(`a wait that is told as a time in a header of the platform's own, ${header}, is waited`, async t => {
    const api = await fakeApi(t)
    api.respond = () => ({ status: 429, headers: { 'x-ratelimit-retry-after': header } })
    const relay = await openAcme(t, {
      connections: { a: `${HOURS}, api: { endpoint: "${api.endpoint}" }` },
      now: Date.UTC(2027, 0, 10, 12)
    })
    await relay.tell('a', { type: 'pointed', id: 'b1' })
    await relay.translate()
    t.match(await relay.deliveries(), [{ state: 'received', restMs: waitMs }])
  })
}

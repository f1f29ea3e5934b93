import t from 'tap'
import { request } from 'undici'
import { openRelay } from '../open-relay.ts'
import { API_KEY, openServer } from '../open-server.ts'
import { callWith, env, KEY, serviceOf, storedKey } from './call.ts'
import { refusingStore } from './refusing-store.ts'

const secrets = '{ signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= }'
const one = `connections:
  - { id: lake, platform: standard, customer_key: acme, time_zone: UTC, secrets: ${secrets} }
`
const two = `${one}  - { id: hill, platform: standard, customer_key: globex, time_zone: UTC, secrets: ${secrets} }
`

function booked(id: string, more: object = {}) {
  return {
    type: 'reservation.created',
    timestamp: '2027-01-10T12:00:00Z',
    data: {
      id,
      guest: { id: `g-${id}`, name: 'Ada' },
      listing: { id: 'l1', name: 'Loft' },
      starts_at: '2027-03-01T15:00:00Z',
      ends_at: '2027-03-03T10:00:00Z'
    },
    ...more
  }
}

function mistake(): never {
  throw new Error('a mistake of ours')
}

t.test('an event comes to Seam as if it had come by webhook', async t => {
  const relay = await openRelay(t, { env, connections: one })
  const { status, body } = await serviceOf(relay).events(booked('r1'))
  t.equal(status, 200)
  t.strictSame(body, { received: true, delivery_id: body.delivery_id })
  await relay.settle()
  t.match(await relay.held('acme'), { reservations: [{ reservation_key: 'lake:r1', name: String }] })
  t.match((await serviceOf(relay).report(body.delivery_id)).body, {
    customer_keys: ['acme'],
    state: 'translated'
  })
})

t.test(
  'events without an id of their own are no repeats of each other, also where it is an empty text',
  async t => {
    const relay = await openRelay(t, { env, connections: one })
    const { body } = await serviceOf(relay).events([booked('r1', { id: '' }), booked('r2', { id: '' })])
    t.strictSame(
      (body.results as object[]).map(result => Object.keys(result)),
      [['delivery_id'], ['delivery_id']]
    )
  }
)

t.test('text that cannot be kept as it is is refused, at its place', async t => {
  const relay = await openRelay(t, { env, connections: one })
  const named = (name: string) => ({ ...booked('r1'), data: { ...booked('r1').data, name } })
  const half = 'must be Unicode text without half of a surrogate pair'
  const nul = 'must be Unicode text without the character U+0000'
  const { body } = await serviceOf(relay).events([
    named('Ada \ud83d'),
    booked('r\0'),
    { ...booked('r2'), data: { ...booked('r2').data, metadata: { 'a b\0': 'x', late: true } } },
    { ...booked('r3'), data: { ...booked('r3').data, metadata: { 'Ada Lovelace': '\0' } } },
    named('Ada \ud83d\ude00 \u001f'),
    '\0'
  ])
  const results = body.results as { error?: { code: string; detail: string } }[]
  t.strictSame(
    results.map(each => each.error?.detail),
    [
      `/data/name ${half}`,
      `/data/id ${nul}`,
      '/data/metadata must have names of Unicode text without the character U+0000',
      `/data/metadata/… ${nul}`,
      undefined,
      `/ ${nul}`
    ]
  )
  for (const { error } of results) if (error !== undefined) t.equal(error.code, 'RELAY_EVENT_INVALID')
  const deep = `{"type":"\\u0041","data":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  t.match(await serviceOf(relay).events(deep), { status: 400, body: { detail: /^\/type must be one of/ } })
  const deepPing = `[{"type":"test.ping","data":${'['.repeat(9_000)}${']'.repeat(9_000)}},{"type":"test.ping","data":{}}]`
  const judged = await serviceOf(relay).events(deepPing)
  t.equal(judged.status, 200)
  t.match(judged.body, { results: [{ error: { code: 'RELAY_EVENT_INVALID' } }, { delivery_id: String }] })
})

t.test('of a list, each event is judged for itself', async t => {
  const relay = await openRelay(t, { env, connections: one })
  const { status, body } = await serviceOf(relay).events([
    booked('r1', { id: 'e1' }),
    { type: 'reservation.created', timestamp: '2027-01-10T12:00:00Z', data: { guest: { name: 'Ada' } } },
    booked('r2', { id: 'e2' }),
    booked('r1', { id: 'e1' }),
    'nonsense',
    booked('r3', { id: null })
  ])
  t.equal(status, 200)
  const results = body.results as Record<string, unknown>[]
  t.equal(results.length, 6)
  const [first, broken, second, twice, nonsense, third] = results
  t.match(broken, {
    error: { code: 'RELAY_EVENT_INVALID', detail: /^reservation\.created: \/data\/id is missing/ }
  })
  t.match(nonsense, { error: { code: 'RELAY_EVENT_INVALID', detail: /^an event must be an object/ } })
  t.strictSame(twice, { delivery_id: first?.delivery_id, duplicate: true })
  for (const each of [first, second, third]) t.strictSame(Object.keys(each ?? {}), ['delivery_id'])
  t.notMatch(JSON.stringify(body), /Ada/)
  await relay.settle()
  const held = await relay.held('acme')
  t.same(
    new Set(held.reservations?.map(each => each.reservation_key)),
    new Set(['lake:r1', 'lake:r2', 'lake:r3'])
  )

  const again = await serviceOf(relay).events(booked('r1', { id: 'e1' }))
  t.strictSame(again.body, { received: true, delivery_id: first?.delivery_id, duplicate: true })
  const onlyBroken = await serviceOf(relay).events([{}])
  t.match(onlyBroken, { status: 200, body: { results: [{ error: {} }] } })
})

t.test('one event that is wrong is refused with a sentence', async t => {
  const relay = await openRelay(t, { env, connections: one })
  const { status, body } = await serviceOf(relay).events({ type: 'guest.created', timestamp: 5, data: {} })
  t.equal(status, 400)
  t.match(body, { code: 'RELAY_EVENT_INVALID', detail: /^guest\.created: / })
})

t.test('a list has 1 to 1,000 events', async t => {
  const relay = await openRelay(t, { env, connections: one })
  const service = serviceOf(relay)
  for (const count of [0, 1_001]) {
    const { status, body } = await service.events(Array.from({ length: count }, () => ({})))
    t.equal(status, 400)
    t.match(body, {
      code: 'RELAY_BAD_REQUEST',
      detail: `The list must have 1 to 1000 events; it has ${count}.`
    })
  }
  const many = Array.from({ length: 1_000 }, (_none, serial) => ({
    type: 'guest.deleted',
    timestamp: '2027-01-10T12:00:00Z',
    data: { id: serial }
  }))
  const { status, body } = await service.events(many)
  t.equal(status, 200)
  t.equal(new Set((body.results as { delivery_id: string }[]).map(each => each.delivery_id)).size, 1_000)
})

t.test('the connection is the only one within reach, or is named', async t => {
  const relay = await openRelay(t, { env, connections: two })
  const all = serviceOf(relay)
  const event = booked('r1')
  for (const query of ['', '?connection=elsewhere', '?connection=lake&connection=hill']) {
    const { status, body } = await all.events(event, query)
    t.equal(status, 400, query)
    t.match(body, {
      code: 'RELAY_BAD_REQUEST',
      detail: 'Say where the events belong: ?connection=<id>, where this API key may use lake, hill.'
    })
  }
  t.equal((await all.events(event, '?connection=hill')).status, 200)
  const limited = serviceOf(relay, await storedKey(relay, { customers: ['globex'] }))
  t.equal((await limited.events(event)).status, 200)
  t.match(await limited.events(event, '?connection=lake'), {
    status: 400,
    body: { detail: /may use hill\.$/ }
  })
  const stranger = serviceOf(relay, await storedKey(relay, { name: 'x', customers: ['initech'] }))
  t.match(await stranger.events(event, '?connection=lake'), {
    status: 400,
    body: { detail: /^No connection of the platform standard is within the reach/ }
  })
  await relay.settle()
  t.match(await relay.held('globex'), { reservations: [{ reservation_key: 'hill:r1' }] })
  t.same(await relay.held('acme'), {})
})

t.test('what is no JSON, too much, or sent otherwise is refused', async t => {
  const relay = await openRelay(t, { env: { ...env, RELAY_MAX_BODY_BYTES: '1024' }, connections: one })
  const send = (body: string, headers = {}) =>
    callWith(relay.origin, KEY, 'POST', '/v1/events', body, { headers })
  t.match(await send('{'), {
    status: 400,
    body: { code: 'RELAY_BAD_REQUEST', detail: 'The body is not JSON in UTF-8.' }
  })
  t.match(await callWith(relay.origin, KEY, 'POST', '/v1/events'), { status: 415 })
  t.match(await send('{}', { 'content-type': 'text/csv' }), {
    status: 415,
    body: { code: 'RELAY_MEDIA_TYPE' }
  })
  t.match(await send('{}', { 'content-type': 'nonsense' }), {
    status: 415,
    body: { code: 'RELAY_MEDIA_TYPE' }
  })
  t.match(await send('{}', { 'content-encoding': 'gzip' }), { status: 415 })
  t.match(await send(' '.repeat(1025)), { status: 413, body: { code: 'RELAY_BODY_TOO_LARGE' } })
  const reply = await request(`${relay.origin}/v1/events`, { method: 'PUT' })
  t.same([reply.statusCode, reply.headers.allow], [405, 'POST'])
  await reply.body.dump()
})

t.test('while the store cannot take them, events are refused and to be repeated', async t => {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' }
  const call = {
    method: 'POST',
    url: '/v1/events?connection=demo-standard',
    headers,
    payload: JSON.stringify(booked('r1'))
  } as const
  const full = await openServer(t, { api: { maxQueued: 0 } })
  const turnedAway = await full.app.inject(call)
  t.same([turnedAway.statusCode, turnedAway.headers['retry-after']], [503, '1'])
  t.match(turnedAway.json(), { code: 'RELAY_OVERLOADED' })
  const broken = await openServer(t, { store: await refusingStore() })
  const failed = await broken.app.inject(call)
  t.same([failed.statusCode, failed.headers['retry-after']], [503, '5'])
  t.match(failed.json(), { code: 'RELAY_STORE_UNAVAILABLE' })
  const mistaken = await openServer(t, { api: { onStored: mistake } })
  t.match((await mistaken.app.inject(call)).json(), { status: 503, code: 'RELAY_INTERNAL' })
})

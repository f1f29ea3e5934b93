import t from 'tap'
import { request } from 'undici'
import { RelayError } from '../../src/errors.ts'
import { hospitable } from '../../src/platforms/hospitable/hospitable.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openStore } from '../../src/store/store.ts'
import { openRelay } from '../open-relay.ts'
import { openServer } from '../open-server.ts'
import { watchThreads } from '../store/threads.ts'
import { env, serviceOf, storedKey } from './call.ts'

const space = (name: string, space_key = 's1') => ({ customer_key: 'acme', spaces: [{ space_key, name }] })

t.test('what became of a call is told, resource by resource', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await relay.misbehave({ refuse_keys: ['bad'] })
  const { headers } = await service.push({
    customer_key: 'acme',
    spaces: ['good', 'bad'].map(space_key => ({ space_key, name: 'Loft' })),
    guests: [{ guest_key: 'g1', name: 'Ada' }]
  })
  const id = headers['relay-delivery']
  const received = await service.report(id)
  t.equal(received.status, 200)
  t.strictSame(received.body, {
    id,
    received_at: '2027-01-10T12:00:00.000Z',
    state: 'received',
    operation: 'push_data',
    customer_keys: ['acme'],
    events: [],
    resources: []
  })
  await relay.relay.steps.translateOnce()
  t.match((await service.report(id)).body, {
    state: 'translated',
    resources: [{ list: 'spaces', key: 'good', outcome: 'waiting', calls: [] }, {}, {}]
  })
  await relay.settle()
  const { body } = await service.report(id)
  t.match(body, { state: 'translated', events: [{ type: 'push_data', outcome: 'translated' }] })
  const [good, bad, guest] = body.resources as { calls: object[] }[]
  t.match(good, { list: 'spaces', key: 'good', customer_key: 'acme', outcome: 'delivered', revision: 1 })
  t.match(good?.calls.at(-1), {
    operation: 'push_data',
    status: 200,
    seam_request_id: /./,
    error: null
  })
  t.match(bad, { outcome: 'refused', reason: /is refused, as the sandbox was told/ })
  t.match(bad?.calls.at(-1), { status: 400, seam_request_id: /./, error: /invalid_input/ })
  t.match(guest, { list: 'guests', key: 'g1', outcome: 'delivered' })
  t.notMatch(JSON.stringify(body), /Ada|Loft/)
})

t.test('what Seam does not get of a resource is told as a warning, without the value', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const { headers } = await service.push({
    customer_key: 'acme',
    guests: [
      { guest_key: 'g1', name: 'Ada', email_address: 'ada@example.com' },
      { guest_key: 'g2', name: 'Bea', email_address: 'ADA@example.com', phone_number: '12' }
    ],
    reservations: [{ reservation_key: 'r1', preferred_code: '12' }]
  })
  await relay.settle()
  const { body } = await service.report(headers['relay-delivery'])
  const warnings = Object.fromEntries(
    (body.resources as { key: string; warnings: string[] }[]).map(each => [each.key, each.warnings])
  )
  t.strictSame(warnings.g1, [])
  t.match(warnings.g2, [
    /^the phone number is not valid and was left out/,
    'another guest of the workspace has this e-mail address; it was left out'
  ])
  t.match(warnings.r1, [
    'it gives no access yet: no room is assigned yet',
    'the preferred code is not 4 to 9 digits and was left out'
  ])
  t.notMatch(JSON.stringify(body), /example\.com|12"/)
  const corrected = await service.push({
    customer_key: 'acme',
    guests: [
      { guest_key: 'g2', name: 'Bea', email_address: 'bea@example.com', phone_number: '+4915112345678' }
    ]
  })
  await relay.settle()
  t.match((await service.report(corrected.headers['relay-delivery'])).body, {
    resources: [{ key: 'g2', outcome: 'delivered', warnings: [] }]
  })
})

t.test('a report of many resources asks the store a few times', async t => {
  const threads = watchThreads(t)
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const spaces = Array.from({ length: 500 }, (_, index) => ({ space_key: `s${index}`, name: 'Loft' }))
  const { headers } = await service.push({ customer_key: 'acme', spaces })
  await relay.settle()
  const before = threads.asked.length
  const { body } = await service.report(headers['relay-delivery'])
  const asked = threads.asked.length - before
  const told = body.resources as { outcome: string; calls: object[] }[]
  t.equal(told.length, 500)
  t.ok(told.every(each => each.outcome === 'delivered' && each.calls.length === 1))
  t.ok(asked < 10, `${asked} queries`)
})

t.test('what came too late, and what said nothing new', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await service.push(space('Loft'))
  await relay.settle()
  const late = await service.push(space('Old'), { headers: { 'relay-version': '5' } })
  const same = await service.push(space('Loft'))
  await relay.settle()
  const deleted = await service.delete({ space_keys: ['s1'] })
  await relay.settle()
  const outcomes = []
  for (const { headers } of [late, same, deleted]) {
    const { body } = await service.report(headers['relay-delivery'])
    outcomes.push((body.resources as { outcome: string }[]).map(each => each.outcome))
  }
  t.strictSame(outcomes, [['superseded'], ['unchanged'], ['delivered']])
})

t.test('what came late and still told something new is waited for like any other', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await service.push(space('Loft'))
  await relay.settle()
  const geolocation = { latitude: 1, longitude: 2 }
  const late = await service.push(
    { customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Old', geolocation }] },
    { headers: { 'relay-version': '5' } }
  )
  await relay.relay.steps.translateOnce()
  const outcome = async () => {
    const { body } = await service.report(late.headers['relay-delivery'])
    return (body.resources as { outcome: string; calls: object[] }[])[0]
  }
  t.match(await outcome(), { outcome: 'waiting', calls: [] })
  await relay.settle()
  t.match(await outcome(), { outcome: 'delivered', calls: [{ operation: 'push_data', status: 200 }] })
  t.match(await relay.held('acme'), { spaces: [{ name: 'Loft', geolocation }] })
})

t.test('a repeat of what Seam refused is refused, with the reason and the calls', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await relay.misbehave({ refuse_keys: ['s1'] })
  await service.push(space('Loft'))
  await relay.settle()
  const again = await service.push(space('Loft'))
  await relay.settle()
  const { body } = await service.report(again.headers['relay-delivery'])
  const [told] = body.resources as { calls: object[] }[]
  t.match(told, { outcome: 'refused', revision: null, reason: /is refused, as the sandbox was told/ })
  t.match(told?.calls.at(-1), { operation: 'push_data', status: 400, error: /invalid_input/ })
})

t.test('of each customer that is taken off it is told whether Seam has been told', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'offboard', 'read'] }))
  for (const customer_key of ['acme', 'globex'])
    await service.push({ ...space('Loft', customer_key), customer_key })
  await relay.settle()
  await relay.misbehave({ fail: [{ operation: 'delete_data', status: 503, times: 1 }] })
  const { headers } = await service.delete({ customer_keys: ['globex', 'acme', 'globex'] })
  const customers = async () => (await service.report(headers['relay-delivery'])).body.customers
  const waiting = [
    { customer_key: 'globex', outcome: 'waiting', calls: [] },
    { customer_key: 'acme', outcome: 'waiting', calls: [] }
  ]
  t.strictSame(await customers(), waiting, 'it is stored')
  await relay.relay.steps.translateOnce()
  t.strictSame(await customers(), waiting, 'it is understood')
  await relay.settle()
  const told = (await customers()) as { customer_key: string; outcome: string; calls: { status: number }[] }[]
  t.match(told, [
    { customer_key: 'globex', outcome: 'offboarded' },
    { customer_key: 'acme', outcome: 'offboarded' }
  ])
  const statuses = told.flatMap(({ calls }) => calls.map(({ status }) => status))
  t.strictSame(statuses.sort(), [200, 200, 503])
  t.match(told[0]?.calls.at(-1), { operation: 'delete_data', status: 200, seam_request_id: /./, error: null })
  const pushed = await service.push(space('Loft', 's9'))
  t.notOk('customers' in (await service.report(pushed.headers['relay-delivery'])).body)
})

t.test('who is limited learns nothing of other customers that it named', async t => {
  const relay = await openRelay(t, { env })
  const limited = await storedKey(relay, { customers: ['acme'], scopes: ['offboard', 'read'] })
  const service = serviceOf(relay, limited)
  const { headers } = await service.delete({ customer_keys: ['acme', 'globex'] })
  await relay.settle()
  const { body } = await service.report(headers['relay-delivery'])
  t.match(body.customers, [{ customer_key: 'acme', outcome: 'offboarded' }])
  t.equal((body.customers as object[]).length, 1)
})

t.test('who is limited is told the same of another customer’s key as of one that never was', async t => {
  const relay = await openRelay(t, { env })
  await serviceOf(relay).push({ ...space('Hut', 'theirs'), customer_key: 'globex' })
  await relay.settle()
  const service = serviceOf(relay, await storedKey(relay, { customers: ['acme', 'initech'] }))
  const told = []
  for (const key of ['theirs', 'unheard']) {
    const { headers } = await service.delete({ space_keys: [key] })
    await relay.settle()
    const { body } = await service.report(headers['relay-delivery'])
    const { id: _id, received_at: _at, ...rest } = body
    told.push(JSON.parse(JSON.stringify(rest).replaceAll(key, 'key')))
  }
  t.strictSame(told[0], told[1])
  t.match(told[0], { customer_keys: ['acme', 'initech'], resources: [{ outcome: 'unchanged' }, {}] })
  t.match((await relay.held('globex')).spaces, [{ space_key: 'theirs' }])
  t.equal((await serviceOf(relay).push({ ...space('Hut 2', 'theirs'), customer_key: 'globex' })).status, 200)
  await relay.settle()
  t.match((await relay.held('globex')).spaces, [{ space_key: 'theirs', name: 'Hut 2' }])
})

t.test('a call that is void takes nobody off', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay, await storedKey(relay, { scopes: ['offboard', 'read'] }))
  const { headers } = await service.delete({ customer_keys: ['acme'] })
  await relay.store.db.updateTable('deliveries').set({ state: 'dead' }).execute()
  t.notOk('customers' in (await service.report(headers['relay-delivery'])).body)
})

t.test('what was told of a customer that was taken off since is over', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay, await storedKey(relay, { scopes: ['push', 'offboard', 'read'] }))
  const { headers } = await service.push(space('Loft'))
  await relay.settle()
  await service.delete({ customer_keys: ['acme'] })
  await relay.settle()
  const { body } = await service.report(headers['relay-delivery'])
  t.match(body, { state: 'translated', resources: [{ list: 'spaces', key: 's1', outcome: 'delivered' }] })
})

t.test('a webhook is reported on like a call', async t => {
  const relay = await openRelay(t, { env })
  const connection = relay.connection('demo-hospitable')
  const [sample] = Object.values(hospitable.samples.events)
  if (sample === undefined) throw new TypeError('hospitable has samples')
  const { body: answer } = await relay.deliver(
    connection.id,
    sample({ connection, now: relay.clock.now, serial: 1 })
  )
  await relay.settle()
  const { status, body } = await serviceOf(relay).report(answer.delivery_id)
  t.equal(status, 200)
  t.match(body, { id: answer.delivery_id, state: 'translated', customer_keys: [connection.customerKey] })
  t.notOk('operation' in body)
  t.ok((body.resources as object[]).length > 0)

  const own = serviceOf(relay, await storedKey(relay, { customers: [connection.customerKey] }))
  t.equal((await own.report(answer.delivery_id)).status, 200)
  const other = serviceOf(relay, await storedKey(relay, { name: 'other', customers: ['acme'] }))
  t.equal((await other.report(answer.delivery_id)).status, 404)
})

const standard = (more = '') => `connections:
  - { id: lake, platform: standard, customer_key: acme, time_zone: UTC, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }
${more}`

t.test('a stay that is held says so, until it is held no more', async t => {
  const relay = await openRelay(t, { env, connections: standard() })
  const service = serviceOf(relay)
  const booked = (guest: object | null, minute: number) => ({
    type: 'reservation.updated',
    timestamp: `2027-01-10T12:0${minute}:00Z`,
    data: {
      id: 'r1',
      guest,
      listing: { id: 'l1', name: 'Loft' },
      starts_at: '2027-03-01T15:00:00Z',
      ends_at: '2027-03-03T10:00:00Z'
    }
  })
  const { body } = await service.events(booked(null, 0))
  await relay.settle()
  const stayOf = async (id: unknown) =>
    ((await service.report(id)).body.resources as { list: string }[]).find(
      each => each.list === 'reservations'
    )
  t.match(await stayOf(body.delivery_id), { outcome: 'held', reason: /./ })
  const { body: named } = await service.events(booked({ id: 'g1', name: 'Ada' }, 1))
  await relay.settle()
  t.match(await stayOf(named.delivery_id), { outcome: 'delivered' })
  t.match(await stayOf(body.delivery_id), { outcome: 'delivered' })
})

t.test('a delivery of a connection that is gone is still reported on', async t => {
  const store = await openStore('file::memory:')
  t.teardown(() => store.close())
  const shared = { ...store, db: store.db, close: async () => undefined }
  const first = await openRelay(t, { env, connections: standard(), store: shared })
  const { body } = await serviceOf(first).events({
    type: 'guest.created',
    timestamp: '2027-01-10T12:00:00Z',
    data: { id: 'g1', name: 'Ada' }
  })
  await first.settle()
  const other = standard().replace('lake', 'hill')
  const second = await openRelay(t, { env, connections: other, store: shared })
  t.match(await serviceOf(second).report(body.delivery_id), {
    status: 200,
    body: { customer_keys: ['acme'] }
  })
})

t.test('a dead delivery says why', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  await service.push(space('Loft'))
  await relay.settle()
  const { headers } = await service.push({ ...space('Loft'), customer_key: 'globex' })
  await relay.settle()
  const { body } = await service.report(headers['relay-delivery'])
  t.match(body, { state: 'dead', customer_keys: ['globex'], resources: [], error: /^RELAY_/ })
})

t.test('a caller sees what it sent, and what tells of its customers alone', async t => {
  const relay = await openRelay(t, { env })
  const all = serviceOf(relay)
  const limited = serviceOf(relay, await storedKey(relay, { customers: ['acme'] }))
  const ofAcme = await all.push(space('Loft'))
  const ofBoth = await all.push({ ...space('Hut', 's2'), customer_key: 'globex' })
  await relay.settle()
  const deletion = await all.delete({ space_keys: ['s1', 's2'] })
  const unheard = await all.delete({ space_keys: ['unheard'] })
  const own = await limited.delete({ space_keys: ['unheard', 's2'] })
  await relay.settle()
  const statuses = []
  for (const { headers } of [ofAcme, ofBoth, deletion, unheard, own]) {
    statuses.push((await limited.report(headers['relay-delivery'])).status)
  }
  t.strictSame(statuses, [200, 404, 404, 404, 200])
  t.match(await limited.report('unheard'), { status: 404, body: { code: 'RELAY_NOT_FOUND' } })
})

t.test('a key sees nothing of another workspace', async t => {
  const connections = `workspaces: [{ id: eu, api_key: seam_test_eu }, { id: us, api_key: seam_test_us }]
connections:
  - { id: own, platform: standard, customer_key: acme, workspace: eu, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }
`
  const relay = await openRelay(t, { connections })
  const eu = serviceOf(relay, await storedKey(relay, { name: 'eu', workspaceId: 'eu' }))
  const us = serviceOf(relay, await storedKey(relay, { name: 'us', workspaceId: 'us' }))
  const { headers } = await eu.push(space('Loft'))
  t.equal((await eu.report(headers['relay-delivery'])).status, 200)
  t.equal((await us.report(headers['relay-delivery'])).status, 404)
})

t.test('other methods are refused with those that are taken, and a broken store is told as such', async t => {
  const relay = await openRelay(t, { env })
  const reply = await request(`${relay.origin}/deliveries/x`, { method: 'DELETE' })
  t.same([reply.statusCode, reply.headers.allow], [405, 'GET, HEAD'])
  await reply.body.dump()

  for (const [error, status, code] of [
    [new RelayError('RELAY_STORE_UNAVAILABLE'), 503, 'RELAY_STORE_UNAVAILABLE'],
    [new Error('a mistake of ours'), 500, 'RELAY_INTERNAL']
  ] as const) {
    const store = await openStore('file::memory:')
    const delivery = async () => Promise.reject(error)
    const server = await openServer(t, {
      store,
      api: { reports: { ...storeRooms(store).reports, delivery } }
    })
    const headers = { authorization: 'Bearer seam_relay_of_the_test' }
    const told = await server.app.inject({ method: 'GET', url: '/deliveries/x', headers })
    t.equal(told.statusCode, status)
    t.match(told.json(), { code })
  }
})

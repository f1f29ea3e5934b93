import t from 'tap'
import { hostify } from '../../../src/platforms/hostify/hostify.ts'
import { hydration, readPlace } from '../../../src/platforms/hostify/hydrate.ts'
import type { StandIn, StandInResponse } from '../../../src/platforms/samples.ts'
import { notAskedOften, type TestApi, testApi } from '../api.ts'
import { question, topic } from '../sns/envelopes.ts'
import { connection, guest, known, listing, reservation, update } from './world.ts'

const settings = connection.api ?? {}
const standIn = hostify.standIn as StandIn
const eventOf = (message: Record<string, unknown>) => ({
  type: String(message.action),
  payload: { message, sentAt: 1 }
})
const { SubscribeURL, Token } = question
const subscription = { type: 'SubscriptionConfirmation', payload: { TopicArn: topic, Token, SubscribeURL } }

const apiOf = (world: Record<string, unknown>, more: Record<string, string> = {}) =>
  testApi(standIn, { ...settings, ...more }, new Map(Object.entries(world)))
const answering = (reply: StandInResponse) => testApi(() => reply, settings)

t.test('what must be read, what may, and what asks for no credentials', async t => {
  const wants = (event: { type: string; payload: unknown }) => hydration.wants(event, connection)
  for (const action of ['new_reservation', 'update_reservation', 'move_reservation'])
    t.equal(wants(eventOf({ ...update, action })), 'must', action)
  t.equal(wants(eventOf({ ...update, status_code: '8' })), 'may')
  for (const action of ['create_listing', 'update_listing', 'create_update_listing']) {
    t.equal(wants(eventOf({ listing_id: 1, action })), 'may', action)
    t.equal(wants(eventOf({ action })), 'no', `${action} without an id`)
  }
  t.equal(wants(subscription), 'open')
  t.equal(wants({ ...subscription, payload: {} }), 'no')
  t.equal(wants(eventOf({ action: 'message_new' })), 'no')
  t.equal(wants(eventOf({ action: 'new_reservation' })), 'no', 'no id, nothing to read')
})

t.test('a reservation is read with its guest and listing, in one request with the API key', async t => {
  const api = apiOf(known())
  const facts = await hydration.read([eventOf(update)], api)
  const { lock_pin: _code, ...shown } = reservation
  const { timezone_offset: _offset, is_listed: _listed, ...place } = listing
  t.strictSame(facts, [{ reservation: shown, guest, listing: place, customFields: null, readAt: 0 }])
  t.strictSame(
    api.requests.map(({ method, path, query, headers }) => ({
      method,
      path,
      query,
      key: headers['x-api-key']
    })),
    [
      {
        method: 'GET',
        path: '/reservations/40118823',
        query: { include_related_objects: ['1'] },
        key: settings.api_key
      }
    ]
  )
})

t.test('a guest who is not shown beside it is read by their id; one who is gone is nobody', async t => {
  const api = apiOf({ ...known({ guest: null }), 'guests/5511002': { ...guest, notes: 'private' } })
  const read = async () => ((await hydration.read([eventOf(update)], api)) as { guest: unknown }[])[0]?.guest
  t.strictSame(await read(), guest)
  t.strictSame(
    api.requests.map(({ path }) => path),
    ['/reservations/40118823', '/guests/5511002']
  )
  const [facts] = (await hydration.read([eventOf(update)], apiOf(known({ guest: null })))) as {
    guest: unknown
  }[]
  t.equal(facts?.guest, null)
  const nameless = known({ guest: null, reservation: { guest_id: null } })
  const [none] = (await hydration.read([eventOf(update)], apiOf(nameless))) as { guest: unknown }[]
  t.equal(none?.guest, null)
})

t.test('objects may stand inside the reservation, and the reservation without its wrapper', async t => {
  const inside = { ...reservation, guest, listing }
  const [facts] = (await hydration.read(
    [eventOf(update)],
    answering({ status: 200, body: inside })
  )) as Record<string, unknown>[]
  t.match(facts, {
    reservation: { status: 'accepted' },
    guest: { name: guest.name },
    listing: { id: 300451 }
  })
})

t.test('custom fields are one more request, for connections that ask for it', async t => {
  const fields = [{ id: 611, name: 'door_code', value: '481920' }]
  const world = known({ more: { custom_fields: fields } })
  const api = apiOf(world, { custom_fields: 'true' })
  const [facts] = (await hydration.read([eventOf(update)], api)) as { customFields: unknown }[]
  t.strictSame(facts?.customFields, fields)
  t.equal(api.requests.at(-1)?.path, '/reservations/custom_fields/40118823')
  const gone = testApi(
    (request, map, s) =>
      request.path.includes('custom_fields') ? { status: 404 } : standIn(request, map, s),
    {
      ...settings,
      custom_fields: 'true'
    },
    new Map(Object.entries(known()))
  )
  const [without] = (await hydration.read([eventOf(update)], gone)) as { customFields: unknown }[]
  t.equal(without?.customFields, null)
})

t.test('a guest or a code that Hostify fails over is asked for again, or done without', async t => {
  const world = new Map(Object.entries(known({ guest: null })))
  const read = (path: string, reply: StandInResponse, patience = (api: TestApi) => api) => {
    const api = testApi(
      (request, map, given) => (request.path === path ? reply : standIn(request, map, given)),
      { ...settings, custom_fields: 'true' },
      world
    )
    return hydration.read([eventOf(update)], patience(api))
  }
  const without = [{ reservation: { status: 'accepted' }, guest: null, customFields: null }]
  for (const path of ['/guests/5511002', '/reservations/custom_fields/40118823']) {
    const failing = { status: 500 }
    await t.rejects(read(path, failing, notAskedOften), { code: 'RELAY_PLATFORM_UNAVAILABLE' }, path)
    t.match(await read(path, failing), without, path)
    t.match(await read(path, { status: 403 }, notAskedOften), without, `${path} 403`)
    const failed = { status: 200, body: { success: false } }
    await t.rejects(read(path, failed, notAskedOften), { code: 'RELAY_PLATFORM_REFUSED' }, path)
    t.match(await read(path, failed), without, path)
  }
})

t.test('a reservation that is on is asked for several times where Hostify does not know it', async t => {
  const unknown = notAskedOften(apiOf({}))
  for (const action of ['new_reservation', 'update_reservation', 'move_reservation'])
    await t.rejects(
      hydration.read([eventOf({ ...update, action })], unknown),
      { code: 'RELAY_PLATFORM_REFUSED', retryable: true },
      action
    )
  t.match(await hydration.read([eventOf({ ...update, status_code: '8' })], unknown), [{ gone: true }])
})

t.test('a cancellation is not taken back by an answer that may be behind', async t => {
  const code8 = (sentAt: string) => ({
    type: 'update_reservation',
    payload: { message: { ...update, status_code: '8' }, sentAt: Date.parse(sentAt) }
  })
  const read = (sentAt: string, changes: object = {}) =>
    hydration.read([code8(sentAt)], notAskedOften(apiOf(known({ reservation: changes }))))
  const behind = { code: 'RELAY_PLATFORM_REFUSED', retryable: true }
  await t.rejects(read('2027-02-11T09:30:05.120Z'), behind)
  await t.rejects(read('2027-02-11T08:30:04Z', { updated_at: null }), behind, 'nobody knows how old it is')
  await t.rejects(read('2027-02-11T08:30:04Z'), behind, 'perhaps taken up since: its clock has no zone')
  const on = [{ reservation: { status: 'accepted' } }]
  t.match(await hydration.read([code8('2027-02-11T09:30:05Z')], apiOf(known())), on, 'asked often enough')
  t.match(await read('2027-02-11T09:30:05Z', { status: 'cancelled' }), [
    { reservation: { status: 'cancelled' } }
  ])
  t.match(
    await read('2027-02-11T09:30:05Z', { status: 'on_fire' }),
    [{ reservation: { status: 'on_fire' } }],
    'which does not say that it is on'
  )
})

t.test('a reservation that is read without a status is no answer', async t => {
  const read = (changes: object) => hydration.read([eventOf(update)], apiOf(known({ reservation: changes })))
  const untold = { status: null, status_code: undefined }
  await t.rejects(read(untold), { code: 'RELAY_PLATFORM_UNAVAILABLE' })
  t.match(await read({ ...untold, status_code: 8 }), [{ reservation: { status_code: 8 } }])
})

t.test('a listing that is not found is asked for several times', async t => {
  const unknown = notAskedOften(apiOf({}))
  for (const action of ['create_listing', 'update_listing', 'create_update_listing'])
    await t.rejects(
      hydration.read([eventOf({ listing_id: 300451, action })], unknown),
      { code: 'RELAY_PLATFORM_REFUSED', retryable: true },
      action
    )
})

t.test('what is gone is a fact', async t => {
  for (const status of [404, 410])
    t.strictSame(
      await hydration.read(
        [eventOf(update), eventOf({ listing_id: 1, action: 'update_listing' })],
        answering({ status })
      ),
      [{ gone: true, readAt: 0 }, { gone: true }]
    )
})

t.test('a refused key can be mended; a refusal is one; a strange answer passes', async t => {
  const read = (reply: StandInResponse) => hydration.read([eventOf(update)], answering(reply))
  await t.rejects(read({ status: 401 }), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
  await t.rejects(read({ status: 422, body: {} }), { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  const failed = { status: 200, body: { success: false, error: 'no' } }
  await t.rejects(
    read(failed),
    { code: 'RELAY_PLATFORM_REFUSED', retryable: true },
    'which does not say why, and may pass'
  )
  const strange = { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true }
  await t.rejects(read({ status: 200 }), strange)
  await t.rejects(
    read({ status: 200, body: { success: true, reservation: { ...reservation, id: 7 } } }),
    strange
  )
  await t.rejects(readPlace('300451', answering({ status: 200, body: { listing: { id: 7 } } })), strange)
  await t.rejects(read({ status: 502 }), strange)
})

t.test('an event that names nothing has no facts', async t => {
  t.strictSame(await hydration.read([eventOf({ action: 'update_listing' })], apiOf({})), [null])
})

t.test('a place is read by its id, and undefined where it is gone', async t => {
  const api = apiOf({ 'listings/300451': listing })
  t.match(await readPlace('300451', api), {
    name: 'Quay Loft',
    timeZone: 'Europe/Stockholm',
    checkInTime: '15:00'
  })
  t.equal(await readPlace('300452', api), undefined)
})

t.test('a subscription is confirmed at its own address, without the API key', async t => {
  const origins: string[] = []
  const api = testApi(standIn, {})
  const asked = {
    ...api,
    request(request: Parameters<typeof api.request>[0]) {
      origins.push(request.origin)
      return api.request(request)
    }
  }
  t.strictSame(await hydration.read([subscription], asked), [{ confirmed: true }])
  t.strictSame(origins, ['https://sns.eu-central-1.amazonaws.com'])
  t.match(api.requests, [
    {
      method: 'GET',
      path: '/',
      query: { Action: ['ConfirmSubscription'], TopicArn: [topic], Token: ['2336412f37'] }
    }
  ])
  t.notOk(api.requests[0]?.headers['x-api-key'])
})

t.test('no other address is confirmed, and nothing is asked there', async t => {
  const api = apiOf({})
  for (const url of [
    'https://evil.example/?Action=ConfirmSubscription',
    SubscribeURL?.replace('https:', 'http:'),
    SubscribeURL?.replace('sns.eu', 'sns.us'),
    SubscribeURL?.replace('.com/', '.com:444/'),
    SubscribeURL?.replace('.com/', '.com/path'),
    SubscribeURL?.replace('Confirm', 'Delete'),
    SubscribeURL?.replace('111122223333', '999999999999'),
    SubscribeURL?.replace('Token=2336412f37', 'Token=other'),
    'no address'
  ]) {
    const event = { ...subscription, payload: { ...subscription.payload, SubscribeURL: url } }
    await t.rejects(
      hydration.read([event], api),
      { code: 'RELAY_PLATFORM_REFUSED', retryable: false },
      `${url}`
    )
  }
  t.strictSame(api.requests, [])
})

t.test('a confirmation that Amazon refuses or sends elsewhere is refused; its trouble passes', async t => {
  for (const status of [302, 400, 403, 404])
    await t.rejects(hydration.read([subscription], answering({ status })), { code: 'RELAY_PLATFORM_REFUSED' })
  await t.rejects(hydration.read([subscription], answering({ status: 500 })), {
    code: 'RELAY_PLATFORM_UNAVAILABLE',
    retryable: true
  })
})

t.test('the stand-in wants the key, GET, and an address it knows', async t => {
  const ask = (path: string, more: object = {}) =>
    standIn(
      {
        method: 'GET',
        path,
        query: {},
        headers: { 'x-api-key': `${settings.api_key}` },
        body: undefined,
        ...more
      },
      new Map<string, unknown>(
        Object.entries({ ...known(), 'listings/300451': listing, 'guests/5511002': guest, 'guests/1': null })
      ),
      settings
    )
  t.equal(ask('/listings/300451', { headers: {} }).status, 401)
  t.equal(ask('/listings/300451', { method: 'POST' }).status, 405)
  t.equal(ask('/elsewhere/1').status, 404)
  t.equal(ask('/guests/1').status, 404)
  t.match(ask('/listings/300451').body, { success: true, listing: { id: 300451 } })
  t.match(ask('/guests/5511002').body, { guest: { id: 5511002 } })
  t.notOk(
    Object.keys(ask('/reservations/40118823').body as object).includes('guest'),
    'related objects are asked for'
  )
  const confirm = (query: object) =>
    ask('/', { headers: {}, query: { Action: ['ConfirmSubscription'], ...query } }).status
  t.equal(confirm({ TopicArn: [topic], Token: ['t'] }), 200)
  t.equal(confirm({ TopicArn: [topic] }), 400)
  t.equal(ask('/').status, 404)
})

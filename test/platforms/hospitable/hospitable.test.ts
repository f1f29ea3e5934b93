import { createHmac } from 'node:crypto'
import { Value } from '@sinclair/typebox/value'
import t, { type Test } from 'tap'
import type { Stay, StaysChange } from '../../../src/model/change.ts'
import type { Connection } from '../../../src/model/connection.ts'
import { hospitable } from '../../../src/platforms/hospitable/hospitable.ts'
import type { PlatformEvent, Translation } from '../../../src/platforms/platform.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { openRelay } from '../../open-relay.ts'
import { emptyStore } from '../../store/empty-store.ts'
import { fakeApi } from '../../translate/fake-api.ts'
import { notAskedOften } from '../api.ts'
import { deliveryOf, demoConnection, incomingOf, outcomesOf, testApi } from '../contract.ts'

const connection = demoConnection(hospitable, { api: undefined })
const receivedAt = Date.parse('2026-02-20T09:15:01Z')

const data = {
  id: 'r-1',
  platform_id: 'HMDEMO0001',
  arrival_date: '2026-03-12T00:00:00-04:00',
  departure_date: '2026-03-15T00:00:00-04:00',
  check_in: '2026-03-12T16:00:00-04:00',
  check_out: '2026-03-15T11:00:00-04:00',
  reservation_status: { current: { category: 'accepted' } },
  guest: { id: '7', first_name: 'Noor', last_name: 'Haddad' },
  properties: [{ id: 'p-1' }]
}
const event = { id: 'e-1', action: 'reservation.changed', created: '2026-02-20T09:15:00Z', data }
const version = Date.parse(event.created)

async function translated(body: unknown, using: Connection = connection): Promise<Translation> {
  const [outcome] = await outcomesOf(hospitable, using, { body: JSON.stringify(body) }, { receivedAt })
  return outcome?.translation ?? []
}

async function stayOf(changes: Record<string, unknown>, using?: Connection): Promise<Stay | undefined> {
  const translation = await translated({ ...event, data: { ...data, ...changes } }, using)
  const told = Array.isArray(translation) ? translation.find(change => change.change === 'stays') : undefined
  return told?.stays[0]
}

async function bookingOf(body: unknown, using?: Connection): Promise<unknown> {
  const translation = await translated(body, using)
  return Array.isArray(translation) ? translation.find(change => change.change === 'stays') : translation
}

function withStatus(category: unknown, sub_category: unknown = null): Record<string, unknown> {
  return { ...event, data: { ...data, reservation_status: { current: { category, sub_category } } } }
}

t.test('the platform’s published signature covers the compact body', async t => {
  const signature = 'cc99bf5947391ddb0d0d9866f5b9d3a68e8b273c5ac8f699b4ae2399a7433118'
  const secrets = { signing_secret: ['123456'] }
  const verify = (body: string, sent: string) =>
    hospitable.verification.verify(incomingOf(connection, { body, headers: { Signature: sent } }), secrets)
  t.strictSame(await verify('{"foo":"bar"}', signature), { ok: true })
  t.strictSame(await verify('{"foo":"bar"}', `sha256=${signature}`), { ok: true }, 'with a prefix too')
  t.strictSame(await verify('{"foo": "bar"}', signature), { ok: false, cause: 'signature_wrong' })
})

t.test('vendor and host secrets sign alike', async t => {
  const body =
    '{"id":"01JDEMO0000000000000000001","action":"reservation.changed","data":{"id":"5b0d1c1e-0000-4000-8000-000000000001"},"created":"2025-11-25T12:00:00Z","version":"v2"}'
  const hostKey = Buffer.from('owner@example.com').toString('base64')
  const vectors = {
    'demo-vendor-secret': 'dd3d7436f840f9e2333b254e6b09ffe38dfd94da57099d79a306ae7bb64180c5',
    [hostKey]: '104c3ad5624ba679abe033ca4038096b4202f0f1c278f75c481db22e6078890f'
  }
  for (const [secret, signature] of Object.entries(vectors)) {
    const secrets = { signing_secret: ['another', secret] }
    const incoming = incomingOf(connection, { body, headers: { signature } })
    t.strictSame(await hospitable.verification.verify(incoming, secrets), { ok: true })
  }
})

t.test('webhooks that come without a signature are told by the token in the address alone', async t => {
  const secrets = { token: ['a-long-random-token'] }
  const incoming = incomingOf(connection, { body: '{}' }, { token: 'a-long-random-token' })
  t.strictSame(await hospitable.verification.verify(incoming, secrets), { ok: true })
  t.strictSame(await hospitable.verification.verify({ ...incoming, token: undefined }, secrets), {
    ok: false,
    cause: 'credentials_missing'
  })
})

t.test('with both secrets set, neither the token nor the signature is enough', async t => {
  const secrets = { token: ['a-long-random-token'], signing_secret: ['secret'] }
  const signature = createHmac('sha256', 'secret').update('{}').digest('hex')
  const verify = (headers: Record<string, string>, token?: string) =>
    hospitable.verification.verify(
      incomingOf(connection, { body: '{}', headers }, token === undefined ? {} : { token }),
      secrets
    )
  t.strictSame(await verify({ signature }, 'a-long-random-token'), { ok: true })
  t.strictSame(await verify({ signature }), { ok: false, cause: 'credentials_missing' })
  t.strictSame(await verify({}, 'a-long-random-token'), { ok: false, cause: 'signature_missing' })
})

t.test('a connection needs one of the two secrets', async t => {
  const fits = (secrets: unknown) => Value.Check(hospitable.secrets, secrets)
  t.equal(fits({ signing_secret: 's' }), true)
  t.equal(fits({ token: 't' }), true)
  t.equal(fits({}), false)
  t.equal(fits({ signing_secret: '' }), false)
  t.equal(fits({ secret: 'misspelt' }), false)
})

t.test('the event’s own id is the delivery’s', async t => {
  const idOf = (body: string) => hospitable.deliveryId?.(incomingOf(connection, { body }))
  t.equal(idOf(JSON.stringify(event)), 'e-1')
  t.equal(idOf('{"action":"reservation.changed"}'), undefined)
  t.equal(idOf('{"id":""}'), undefined)
  t.equal(idOf('no JSON'), undefined)
})

t.test('a forwarder’s wrapping is taken off', async t => {
  t.strictSame(await translated({ body: event }), await translated(event))
  t.equal(hospitable.deliveryId?.(incomingOf(connection, { body: JSON.stringify({ body: event }) })), 'e-1')
  for (const body of ['text', null, ['list']]) {
    t.throws(() => hospitable.readEvents(deliveryOf(connection, { body: JSON.stringify({ body }) })), {
      code: 'RELAY_EVENT_UNREADABLE'
    })
  }
})

t.test('triggers are one text or a list', async t => {
  for (const triggers of ['test', ['test'], ['status_changed', 'test']]) {
    t.strictSame(await translated({ ...event, triggers }), { ignored: 'test delivery' })
  }
  for (const triggers of ['dates_changed', ['dates_changed'], [], null]) {
    t.strictSame(await translated({ ...event, triggers }), await translated(event))
  }
})

t.test('a test delivery is ignored whatever it holds', async t => {
  t.strictSame(await translated({ action: 'property.changed', triggers: 'test' }), {
    ignored: 'test delivery'
  })
})

t.test('an event of another name is kept as unknown', async t => {
  t.match(await translated({ ...event, action: 'reservation.updated' }), { drift: 'unknown_event' })
})

t.test('a confirmed booking is one stay in all its properties', async t => {
  const stay = await stayOf({ properties: [{ id: 'p-1' }, { id: 2 }, { id: 'p-1' }] })
  t.strictSame(stay?.places, ['p-1', '2'])
})

t.test('the status decides by its current category', async t => {
  const off = (because: string) => ({
    change: 'stays',
    bookingId: 'r-1',
    // Behind all else of its second.
    version: version + 999,
    stays: [],
    emptyBecause: because,
    cancelled: true
  })
  t.strictSame(await bookingOf(withStatus('cancelled')), off('cancelled'))
  t.strictSame(await bookingOf(withStatus('Cancelled')), off('cancelled'), 'letter case does not matter')
  t.strictSame(await bookingOf(withStatus('not accepted')), off('not accepted'))
  t.strictSame(await bookingOf(withStatus('not_accepted', 'declined')), off('declined'))
  t.strictSame(await bookingOf(withStatus('not accepted', 'withdrawn')), off('withdrawn'))
  t.strictSame(await bookingOf(withStatus('not accepted', 'expired')), off('expired'))
})

t.test('the deprecated status is not looked at', async t => {
  const body = { ...withStatus('cancelled'), status: 'accepted' }
  t.match(await bookingOf(body), { cancelled: true })
})

t.test('a request is held back, unless the connection wants tentative bookings', async t => {
  for (const sub of ['pending verification', 'request to book', 'request for payment', 'awaiting approval']) {
    const body = withStatus('request', sub)
    t.match(await bookingOf(body), { stays: [], emptyBecause: 'request', cancelled: undefined })
    t.match(await bookingOf(body, { ...connection, tentative: 'push' }), { stays: [{ id: 'r-1' }] })
  }
})

t.test('an unknown status destroys nothing', async t => {
  const drift = 'unknown_status'
  t.strictSame(await translated(withStatus('unknown')), { ignored: 'Hospitable does not know the status' })
  t.strictSame(await translated(withStatus('checkpoint')), {
    ignored: 'status "checkpoint" is not known',
    drift
  })
  t.match(await translated({ ...event, data: { ...data, reservation_status: undefined } }), { drift })
})

t.test('an owner stay gives no access, and a cancelled one is cancelled', async t => {
  const owner = { ...event, data: { ...data, stay_type: 'owner_stay' } }
  t.match(await bookingOf(owner), { stays: [], emptyBecause: 'owner stay' })
  const cancelled = withStatus('cancelled')
  t.match(
    await bookingOf({ ...cancelled, data: { ...(cancelled.data as object), stay_type: 'owner_stay' } }),
    {
      emptyBecause: 'cancelled',
      cancelled: true
    }
  )
})

t.test('a historic reservation does not bring a past stay back', async t => {
  const historic = (created: string | undefined, changes: Record<string, unknown> = {}) => ({
    ...event,
    triggers: ['historic_reservation'],
    created,
    data: { ...data, ...changes }
  })
  const over = { stays: [], emptyBecause: 'ended before it was connected' }
  const kept = { stays: [{ id: 'r-1' }] }
  t.match(await bookingOf(historic('2026-03-15T15:00:01Z')), over)
  t.match(await bookingOf(historic('2026-03-15T15:00:00Z')), kept, 'up to the last second it is a stay')
  t.match(await bookingOf(historic(undefined)), kept, 'without a clock the time of receipt counts')
  const past = { check_in: '2026-01-12T16:00:00-04:00', check_out: '2026-01-15T11:00:00-04:00' }
  t.match(await bookingOf(historic('2025-12-01T09:00:00Z', past)), over, 'also where it was created before')
  const dateOnly = { check_out: null }
  t.match(
    await bookingOf(historic('2026-03-16T11:59:00Z', dateOnly)),
    kept,
    'it may still be that day somewhere'
  )
  t.match(await bookingOf(historic('2026-03-16T12:00:01Z', dateOnly)), over)
  t.match(await bookingOf(historic('2026-09-01T00:00:00Z', { check_out: null, departure_date: null })), kept)
  t.match(await bookingOf({ ...historic('2026-09-01T00:00:00Z'), triggers: 'status_changed' }), kept)
})

t.test('the version is the event’s time, else the newest change of status, else the receipt', async t => {
  const history = [
    { changed_at: '2026-02-01T00:00:00Z' },
    { changed_at: '2026-02-03T00:00:00Z' },
    { changed_at: 'soon' },
    {}
  ]
  const reservation_status = { ...data.reservation_status, history }
  const body = { ...event, data: { ...data, reservation_status } }
  t.match(await bookingOf({ ...body, action: 'reservation.created' }), { version })
  t.match(await bookingOf({ ...body, created: null }), { version: Date.parse('2026-02-03T00:00:00Z') })
  t.match(await bookingOf({ ...event, created: 'yesterday' }), { version: receivedAt })
})

t.test('two changes of one second go by the last change of status that each tells', async t => {
  const versionOf = async (category: string, history: unknown, created = event.created) => {
    const reservation_status = { current: { category }, history }
    const booking = await bookingOf({ ...event, created, data: { ...data, reservation_status } })
    return (booking as StaysChange).version
  }
  const changedAt = (...times: string[]) => times.map(time => ({ changed_at: `2026-02-20T${time}Z` }))
  const request = await versionOf('request', changedAt('09:14:58'))
  const accepted = await versionOf('accepted', changedAt('09:14:58', '09:15:00'))
  const again = await versionOf('accepted', changedAt('09:15:00', '09:14:58', '09:15:02'))
  t.ok(request < accepted)
  t.equal(accepted, again, 'what is later than the event is as late as the event')
  t.equal(await versionOf('accepted', changedAt('08:00:00')), version + 1, 'old changes are all the same')
  for (const none of [undefined, null, [], 'none', [null], [{ changed_at: 5 }]]) {
    t.equal(await versionOf('accepted', none), version + 1)
    t.ok((await versionOf('cancelled', none)) >= accepted, 'a cancellation wins a tie')
  }
  t.ok((await versionOf('cancelled', changedAt('09:14:58', '09:14:59'))) < accepted, 'unless it tells when')
  t.ok(accepted < (await versionOf('request', undefined, '2026-02-20T09:15:01Z')), 'and of one second only')
  const exact = '2026-02-20T09:15:00.250Z'
  for (const category of ['accepted', 'cancelled']) {
    t.equal(await versionOf(category, changedAt('09:15:00'), exact), Date.parse(exact))
  }
})

t.test('within one second a change counts as later than the creation, and a cancellation wins', async t => {
  const versionOf = async (action: string, category: string, history: unknown) => {
    const reservation_status = { current: { category }, history }
    return ((await bookingOf({ ...event, action, data: { ...data, reservation_status } })) as StaysChange)
      .version
  }
  const late = [{ changed_at: event.created }]
  const old = [{ changed_at: '2026-02-01T00:00:00Z' }]
  for (const history of [late, old, [], undefined]) {
    const created = await versionOf('reservation.created', 'accepted', history)
    t.equal(created, version)
    for (const other of [late, old, [], undefined])
      t.ok(created < (await versionOf('reservation.changed', 'accepted', other)))
  }
  for (const action of ['reservation.created', 'reservation.changed']) {
    const latest = await versionOf('reservation.changed', 'accepted', late)
    t.ok((await versionOf(action, 'cancelled', [])) >= latest)
  }
})

t.test('a property that was deleted is not back by an event of the same second', async t => {
  const told = async (action: string, created: string) =>
    ((await translated({ action, created, data: { id: 'p-1' } })) as { version: number }[])[0]?.version ?? 0
  const reservation_status = { ...data.reservation_status, history: [{ changed_at: event.created }] }
  const booking = (await bookingOf({ ...event, data: { ...data, reservation_status } })) as StaysChange
  t.ok((await told('property.deleted', event.created)) >= booking.version)
  t.ok(
    (await told('property.deleted', event.created)) < (await told('property.changed', '2026-02-20T09:15:01Z'))
  )
  const exact = '2026-02-20T09:15:00.250Z'
  t.equal(await told('property.deleted', exact), Date.parse(exact))
})

t.test('a booking that is not pushed says nothing of its property', async t => {
  for (const body of [
    withStatus('cancelled'),
    withStatus('request'),
    { ...event, data: { ...data, stay_type: 'owner_stay' } }
  ]) {
    t.match(await translated(body), [{ change: 'stays', stays: [] }])
  }
})

t.test('a cancellation brings back neither a deleted property nor the other stays in it', async t => {
  const relay = await openRelay(t, {
    store: await emptyStore(),
    connections:
      'connections:\n  - { id: h, platform: hospitable, customer_key: h, secrets: { token: a-token-of-ours-0001 } }'
  })
  const coming = { ...data, check_in: '2027-03-12T16:00:00-04:00', check_out: '2027-03-15T11:00:00-04:00' }
  const tell = (id: string, body: object) =>
    relay.deliver('h', { event: '', body: JSON.stringify({ ...event, id, ...body }) })
  await tell('e-1', { data: coming })
  await tell('e-2', { data: { ...coming, id: 'r-2' } })
  await tell('e-3', { action: 'property.deleted', created: '2026-02-20T09:16:00Z', data: { id: 'p-1' } })
  const cancelled = { ...coming, reservation_status: { current: { category: 'cancelled' } } }
  await tell('e-4', { created: '2026-02-20T09:17:00Z', data: cancelled })
  await relay.settle()
  const { reservations = [], spaces = [] } = await relay.held('h')
  t.strictSame([reservations, spaces], [[], []])
})

const unusable = [
  { platform_id: '' },
  { platform_id: {} },
  { guest: { id: '' } },
  { guest: [] },
  { guest: { id: 'g1', phone_numbers: {} } },
  { properties: [null] },
  { properties: [{ id: null }] },
  { properties: {} },
  { properties: [{ id: 'p-1', address: 'x' }] },
  { properties: [{ id: 'p-1', address: { coordinates: [1, 2] } }] },
  { stay_type: 1 },
  { check_in: 5, check_out: {}, arrival_date: 5, departure_date: [] },
  { created: 5 }
]

t.test('a cancellation counts whatever else is told in a way that nobody documented', async t => {
  const off = { current: { category: 'cancelled', sub_category: 1 }, history: [null] }
  for (const { created = event.created, ...odd } of unusable as { created?: unknown }[]) {
    const body = { ...event, created, data: { ...data, reservation_status: off, ...odd } }
    t.match(await bookingOf(body), { emptyBecause: 'cancelled', cancelled: true }, JSON.stringify(odd))
  }
})

t.test('what is told in a way that nobody documented is left out of a stay', async t => {
  t.strictSame((await stayOf({ properties: [null, { id: 'p-1' }, { name: 'no id' }] }))?.places, ['p-1'])
  for (const properties of [{}, [null], [{ id: null }]]) {
    t.equal((await stayOf({ properties }))?.places, undefined, 'which is not to say that there is none')
  }
  t.equal((await stayOf({ guest: [] }))?.guest, undefined)
  t.match(await stayOf({ guest: { id: '', phone_numbers: '+12125550101' } }), {
    guest: { id: undefined, phone: '+12125550101' }
  })
  t.match(await stayOf({ platform_id: {} }), { name: 'Noor Haddad' })
  t.match(await stayOf({ check_in: 5 }), { start: { date: '2026-03-12' } })
})

t.test('check_in and check_out count as they are, offset and all', async t => {
  const stay = await stayOf({})
  t.strictSame(stay?.start, { instant: '2026-03-12T16:00:00-04:00' })
  t.strictSame(stay?.end, { instant: '2026-03-15T11:00:00-04:00' })
})

t.test('arrival_date and departure_date look like instants and are dates', async t => {
  const stay = await stayOf({
    check_in: null,
    check_out: '2026-03-15 without a zone',
    arrival_date: '2026-03-12T00:00:00+13:00'
  })
  t.strictSame(stay?.start, { date: '2026-03-12' }, 'no conversion moves it to the day before')
  t.strictSame(stay?.end, { date: '2026-03-15' })
})

t.test('without any date the stay waits', async t => {
  const none = { check_in: null, check_out: null, arrival_date: 'soon', departure_date: '2026-13-45' }
  const stay = await stayOf(none)
  t.equal(stay?.start, null)
  t.equal(stay?.end, null)
})

t.test('every field of the guest may be null', async t => {
  const nobody = { id: undefined, name: undefined, email: undefined, phone: undefined }
  const nulls = { id: null, first_name: null, last_name: null, email: null, phone_numbers: null }
  t.strictSame((await stayOf({ guest: nulls }))?.guest, nobody)
  t.strictSame((await stayOf({ guest: null }))?.guest, nobody)
  t.strictSame(
    (await stayOf({ guest: { id: 12, last_name: 'Haddad', phone_numbers: [null, ' ', '+12125550101'] } }))
      ?.guest,
    { id: '12', name: 'Haddad', email: undefined, phone: '+12125550101' }
  )
})

t.test('a reservation without properties or guest does not say that it has none', async t => {
  const untold = await stayOf({ properties: undefined, guest: undefined })
  t.match(untold, { id: 'r-1', name: 'HMDEMO0001' })
  t.strictSame([untold?.places, untold?.guest], [undefined, undefined])
  for (const none of [[], null]) t.strictSame((await stayOf({ properties: none }))?.places, [])
})

t.test('a known stay keeps its place and its guest when an event leaves them out', async t => {
  const relay = await openRelay(t, {
    store: await emptyStore(),
    connections:
      'connections:\n  - { id: h, platform: hospitable, customer_key: h, secrets: { token: a-token-of-ours-0001 } }'
  })
  const tell = async (id: string, created: string, changes: object) => {
    const body = { ...event, id, created, data: { ...data, ...changes } }
    await relay.deliver('h', { event: '', body: JSON.stringify(body) })
    await relay.settle()
    const { reservations = [], guests = [] } = await relay.held('h')
    return { reservations, guests }
  }
  const coming = { check_in: '2027-03-12T16:00:00-04:00', check_out: '2027-03-15T11:00:00-04:00' }
  const known = { space_keys: ['h:p-1'], guest_key: 'h:7' }
  t.match(await tell('e-1', '2027-01-01T09:00:00Z', coming), { reservations: [known] })
  const moved = { ...coming, check_out: '2027-03-16T11:00:00-04:00', properties: undefined, guest: undefined }
  t.match(await tell('e-2', '2027-01-01T09:05:00Z', moved), {
    reservations: [{ ...known, ends_at: '2027-03-16T15:00:00Z' }],
    guests: [{ name: 'Noor Haddad' }]
  })
})

t.test('a note in the place of a phone number hides none that can be one', async t => {
  const phoneOf = async (...phone_numbers: unknown[]) =>
    (await stayOf({ guest: { id: '7', phone_numbers } }, { ...connection, country: 'US' }))?.guest?.phone
  t.equal(await phoneOf('n/a', '+12125550101'), '+12125550101')
  t.equal(await phoneOf('n/a', '(212) 555-0101'), '(212) 555-0101')
  t.equal(await phoneOf(null, 12125550101), '12125550101')
  t.equal(await phoneOf('n/a'), 'n/a', 'Seam is spared it elsewhere')
  t.equal(await phoneOf(null, ' '), undefined)
})

t.test('a stay is called by the channel’s code, else by its guest', async t => {
  t.equal((await stayOf({}))?.name, 'HMDEMO0001')
  t.equal((await stayOf({ platform_id: null }))?.name, 'Noor Haddad')
  t.notOk('name' in ((await stayOf({ platform_id: ' ', guest: null })) ?? {}))
})

async function placeFields(property: Record<string, unknown>): Promise<unknown> {
  const body = { action: 'property.changed', created: event.created, data: { id: 'p-1', ...property } }
  const translation = await translated(body)
  const [place] = Array.isArray(translation) ? translation : []
  return place?.change === 'upsert' ? JSON.parse(JSON.stringify(place.fields)) : place
}

t.test('a property’s hours are read however they are spelled', async t => {
  const hours = { checkInTime: '16:00', checkOutTime: '11:00' }
  t.strictSame(await placeFields({ 'check-in': '16:00', 'check-out': '11:00' }), hours)
  t.strictSame(await placeFields({ check_in: '16:00', check_out: '11:00' }), hours)
  t.strictSame(await placeFields({ checkin: '16:00', checkout: '11:00' }), hours)
  t.strictSame(await placeFields({ 'check-in': null, checkin: '9:30:00' }), { checkInTime: '09:30' })
  t.strictSame(await placeFields({ 'check-in': 'flexible', 'check-out': 1100 }), {})
})

t.test('a property’s timezone is an offset and no zone', async t => {
  t.strictSame(await placeFields({ timezone: '+0200' }), {})
})

t.test('coordinates outside the globe are left out', async t => {
  const at = (latitude: unknown, longitude: unknown) =>
    placeFields({ address: { coordinates: { latitude, longitude } } })
  t.strictSame(await at(40.7, -73.9), { latitude: 40.7, longitude: -73.9 })
  t.strictSame(await at('40.7', '-73.9'), { latitude: 40.7, longitude: -73.9 })
  for (const [latitude, longitude] of [
    [90.1, 0],
    [0, -180.1],
    [null, 10],
    ['', 10],
    ['north', 10]
  ]) {
    t.strictSame(await at(latitude, longitude), {})
  }
  t.strictSame(await placeFields({ address: null }), {})
  t.strictSame(await placeFields({ address: { coordinates: null } }), {})
})

t.test('a property is called by its own name, else by the public one', async t => {
  t.strictSame(await placeFields({ name: 'Bleecker 4F', public_name: 'Sunny' }), { name: 'Bleecker 4F' })
  t.strictSame(await placeFields({ name: null, public_name: 'Sunny' }), { name: 'Sunny' })
})

t.test('without the scope for properties', async t => {
  const { properties: _, ...bare } = data
  const body = { ...event, data: bare }
  const withApi = { ...connection, api: { token: 'pat' } }
  const wants = (payload: unknown, type = 'reservation.changed') =>
    hospitable.hydration?.wants({ type, payload }, withApi)

  t.test('the reservation has to be read again, for nothing else tells its place', async t => {
    t.equal(wants(body), 'must')
    t.equal(wants({ ...event, data: { ...data, properties: [{ name: 'no id' }] } }), 'must')
    t.equal(wants(event), 'no')
    t.equal(wants({ ...event, action: 'property.changed' }, 'property.changed'), 'no')
    t.equal(wants({ data: null }), 'no')
  })

  t.test('that it stays nowhere, and who the guest is, is asked for and done without', async t => {
    for (const properties of [[], null]) t.equal(wants({ ...event, data: { ...data, properties } }), 'may')
    t.equal(wants({ ...event, data: { ...data, guest: undefined } }), 'may')
  })

  t.test('nobody is asked without an API', async t => {
    const type = 'reservation.changed'
    t.equal(hospitable.hydration?.wants({ type, payload: body }, connection), 'no')
  })

  t.test('what is not to be a stay does not wait for the API', async t => {
    const inStatus = (category: string) => ({ ...bare, reservation_status: { current: { category } } })
    for (const category of ['cancelled', 'not accepted', 'request', 'unheard of']) {
      t.equal(wants({ ...body, data: inStatus(category) }), 'no', category)
    }
    t.equal(wants({ ...body, data: { ...bare, stay_type: 'owner_stay' } }), 'no')
    const pushing = { ...withApi, tentative: 'push' as const }
    const request = { type: 'reservation.changed', payload: { ...body, data: inStatus('request') } }
    t.equal(hospitable.hydration?.wants(request, pushing), 'must')
  })

  t.test('and without an API, or gone from it, the stay is kept as it was told', async t => {
    for (const using of [connection, withApi]) {
      const [stay, ...others] = ((await bookingOf(body, using)) as StaysChange).stays
      t.match(stay, { id: 'r-1', guest: { id: '7' } })
      t.equal(stay?.places, undefined)
      t.strictSame(others, [])
    }
  })

  /** A relay that asks the API, and is told of a booking without its place. */
  async function openReading(t: Test) {
    const api = await fakeApi(t)
    const settings = `secrets: { token: a-token-of-ours-0001 }, api: { endpoint: "${api.endpoint}", token: x }`
    const relay = await openRelay(t, {
      store: await emptyStore(),
      connections: `connections:\n  - { id: h, platform: hospitable, customer_key: h, ${settings} }`
    })
    const dates = { check_in: '2027-03-12T16:00:00-04:00', check_out: '2027-03-15T11:00:00-04:00' }
    const tell = (id = data.id) => {
      const whole = { ...body, id: `e-${id}`, data: { ...bare, ...dates, id } }
      return relay.deliver('h', { event: '', body: JSON.stringify(whole) })
    }
    return { api, relay, tell }
  }

  t.test('a stay waits for as long as the API is away, and is then told with its place', async t => {
    const { api, relay, tell } = await openReading(t)
    api.respond = () => ({ status: 500 })
    await tell()
    for (let minute = 0; minute < 10; minute += 1) {
      while ((await relay.relay.steps.translateOnce()) === 'busy');
      relay.clock.now += 60_000
    }
    api.respond = () => ({ status: 200, body: { data } })
    await relay.settle()
    t.match((await relay.held('h')).reservations, [{ space_keys: ['h:p-1'] }])
  })

  t.test('a reservation that the API knows only a little later is at Seam, with its place', async t => {
    const { api, relay, tell } = await openReading(t)
    api.respond = () => (api.calls.length === 1 ? { status: 404 } : { status: 200, body: { data } })
    await tell()
    await relay.settle()
    t.match((await relay.held('h')).reservations, [{ space_keys: ['h:p-1'] }])
  })

  t.test('a reservation that may not be read holds up no other one', async t => {
    const { api, relay, tell } = await openReading(t)
    api.respond = ({ path }) =>
      path.startsWith('/v2/reservations/closed') ? { status: 403 } : { status: 200, body: { data } }
    for (const id of ['closed', data.id]) {
      await tell(id)
      while ((await relay.relay.steps.translateOnce()) === 'busy');
    }
    t.match(
      api.calls.map(({ path }) => path),
      [/closed/, /r-1/]
    )
  })

  t.test('what the event tells beats what the API tells later', async t => {
    const facts = { guest: { id: 'other' }, properties: [{ id: 'p-9', name: 'Told by the API' }] }
    const read = async (told: object) => {
      const [outcome] = await outcomesOf(
        hospitable,
        withApi,
        { body: JSON.stringify({ ...event, data: told }) },
        { receivedAt, facts: [facts] }
      )
      return outcome?.translation
    }
    t.match(await read(bare), [
      { change: 'upsert', id: 'p-9', fields: { name: 'Told by the API' }, version },
      { stays: [{ places: ['p-9'], guest: { id: '7' } }] }
    ])
    t.match(await read({ ...bare, guest: null }), [{}, { stays: [{ guest: { id: 'other' } }] }])
    const { guest: _, ...nobody } = bare
    t.match(await read(nobody), [{}, { stays: [{ guest: { id: 'other' } }] }])
    t.match(await read(data), [{ id: 'p-1' }, { stays: [{ places: ['p-1'] }] }])
  })
})

t.test('reading a reservation again', async t => {
  const event: PlatformEvent = { type: 'reservation.changed', payload: { data: { id: 'r/1' } } }
  const answering = async (status: number, body?: unknown, asking: typeof notAskedOften = api => api) => {
    const api = testApi(() => ({ status, body }), { token: 'pat' })
    const facts = await hospitable.hydration?.read([event], asking(api))
    return { facts, requests: api.requests }
  }
  const known = { ...data, id: 'r/1' }
  const { facts, requests } = await answering(200, { data: known })
  t.strictSame(facts, [known])
  t.match(requests, [
    {
      method: 'GET',
      path: '/v2/reservations/r%2F1',
      query: { include: ['guest,properties,listings,user'] },
      headers: { authorization: 'Bearer pat' }
    }
  ])
  t.strictSame((await answering(404)).facts, [null])
  t.strictSame((await answering(410, undefined, notAskedOften)).facts, [null])
  await t.rejects(answering(404, undefined, notAskedOften), {
    code: 'RELAY_PLATFORM_REFUSED',
    retryable: true
  })
  await t.rejects(answering(401), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
  await t.rejects(
    answering(403),
    { code: 'RELAY_PLATFORM_REFUSED', message: /reservation:read and property:read/ },
    'it may be about the one reservation'
  )
  await t.rejects(answering(503), { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
  await t.rejects(answering(422, {}), { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  for (const body of [undefined, null, { message: 'odd' }, { data: null }, { data: {} }, { data }]) {
    await t.rejects(answering(200, body), { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
  }
  const unread = await hospitable.hydration?.read(
    [{ type: 'test', payload: {} }],
    testApi(() => ({ status: 500 }))
  )
  t.strictSame(unread, [null], 'nothing is read for an event without a reservation')
})

t.test('the stand-in wants the token, and only reads', async t => {
  const world = new Map<string, unknown>([['/v2/reservations/1', data]])
  const ask = (method: string, authorization: string) =>
    hospitable.standIn?.(
      { method, path: '/v2/reservations/1', query: {}, headers: { authorization }, body: undefined },
      world,
      { token: 'pat' }
    ).status
  t.equal(ask('GET', 'Bearer pat'), 200)
  t.equal(ask('GET', 'Bearer other'), 401)
  t.equal(ask('DELETE', 'Bearer pat'), 404)
})

t.test('samples', async t => {
  const booking: SampleBooking = {
    id: 'b1',
    status: 'confirmed',
    rooms: [{ id: 'r1', place: 'p1' }],
    guest: { id: 'g1', name: 'Noor', email: null, phone: null },
    arrival: '2026-06-01',
    departure: '2026-06-05',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/Berlin',
    code: null,
    updatedAt: receivedAt
  }
  const told = (before: SampleBooking | undefined, after: SampleBooking) => {
    const [sample] = hospitable.samples.tell(before, after, { connection, now: receivedAt, serial: 1 })
    return JSON.parse(sample?.body ?? '{}')
  }
  t.match(told(undefined, booking), {
    action: 'reservation.created',
    created: '2026-02-20T09:15:01.000Z',
    data: { check_in: '2026-06-01T15:00:00+02:00', guest: { email: null, phone_numbers: [] } }
  })
  t.strictSame(told(booking, booking).triggers, ['guests_changed'])
  const elsewhere = { ...booking, rooms: [{ id: 'r1', place: 'p2' }], checkIn: '16:00', checkOut: '10:00' }
  t.strictSame(told(booking, elsewhere).triggers, ['checkin_changed', 'checkout_changed', 'listing_changed'])
  t.strictSame(told(booking, { ...booking, departure: '2026-06-06' }).triggers, ['dates_changed'])
  const roomless = { ...booking, rooms: [{ id: 'r1', place: null }] }
  t.strictSame(told(booking, roomless).data.properties, [])
  t.strictSame(hospitable.samples.ids(roomless), { stays: [] })
  const tentative = await translated(told(undefined, { ...booking, status: 'tentative' }))
  t.match(tentative, [{ stays: [], emptyBecause: 'request' }])
})

import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { hostfully } from '../../../src/platforms/hostfully/hostfully.ts'
import { samples } from '../../../src/platforms/hostfully/samples.ts'
import type { SampleBooking } from '../../../src/platforms/samples.ts'
import { openRelay } from '../../open-relay.ts'
import { deliveryOf, incomingOf } from '../contract.ts'
import { connection, ids, leadKnown, translated, webhook } from './world.ts'

const form = (body: Record<string, string>) => new URLSearchParams(body).toString()
const ours = { agency_uid: ids.agency, event_type: 'NEW_BOOKING', lead_uid: ids.lead }

t.test('webhooks of another agency are not the connection’s own, in JSON and as a form', async t => {
  const isOwn = (body: string, agency: string[] | undefined = [ids.agency]) => {
    const { agency_uid: _none, ...secrets } = connection.secrets
    const using = {
      ...connection,
      secrets: agency.length === 0 ? secrets : { ...secrets, agency_uid: agency }
    }
    return hostfully.isOwn?.(incomingOf(using, { body }), using)
  }
  const other = { ...ours, agency_uid: 'somebody-else' }
  for (const write of [JSON.stringify, form]) {
    t.equal(isOwn(write(ours)), true)
    t.equal(isOwn(write({ ...ours, agency_uid: ids.agency.toUpperCase() })), true)
    t.equal(isOwn(write(other)), false)
    t.equal(isOwn(write(other), ['somebody-else', ids.agency]), true, 'one of two')
    t.equal(isOwn(write(other), []), true, 'without a setting nobody knows')
    t.equal(isOwn(write({ event_type: 'NEW_BOOKING' })), true, 'a body that names none may be')
  }
  t.equal(isOwn('x'), true)
})

t.test('a form says what JSON says', async t => {
  t.strictSame(await translated(form(ours)), await translated(webhook('NEW_BOOKING')))
  t.strictSame(hostfully.mediaTypes, ['application/x-www-form-urlencoded'])
})

t.test('a body that names no event is unreadable', async t => {
  for (const body of ['', 'x', '[]', '{}', '{"event_type":7}', 'agency_uid=1', 'event_type=', 'event_type'])
    t.throws(
      () => hostfully.readEvents(deliveryOf(connection, { body })),
      { code: 'RELAY_EVENT_UNREADABLE' },
      body
    )
})

t.test('there is no id of a delivery: the same body is legitimate again', async t => {
  t.equal(hostfully.deliveryId, undefined)
})

t.test('a token is needed, an agency may be told', async t => {
  t.ok(Value.Check(hostfully.secrets, { token: 'x', agency_uid: ids.agency }))
  t.ok(Value.Check(hostfully.secrets, { token: 'x' }))
  t.notOk(Value.Check(hostfully.secrets, { agency_uid: ids.agency }))
})

t.test(
  'at the front door: the token is the last part of the address, and the agency must be ours',
  async t => {
    const token = '/a-long-and-random-token'
    const connections = `connections:
  - id: pine
    platform: hostfully
    customer_key: pine
    secrets: { token: ${token.slice(1)}, agency_uid: ${ids.agency} }
    api: { endpoint: sandbox, api_key: a-key }
`
    const relay = await openRelay(t, { connections })
    const post = (last: string, body: object) =>
      relay.post(`/webhooks/hostfully/pine${last}`, { body: JSON.stringify(body) })
    t.equal((await post(token, webhook('NEW_BLOCKED_DATES'))).status, 200)
    t.equal((await post('', webhook('NEW_BLOCKED_DATES'))).status, 401)
    t.equal((await post('/other', webhook('NEW_BLOCKED_DATES'))).status, 401)
    t.equal((await post(token, webhook('NEW_BLOCKED_DATES', { agency_uid: ids.other }))).status, 401)
    const plain = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form(ours) }
    t.equal((await relay.post(`/webhooks/hostfully/pine${token}`, plain)).status, 200)
  }
)

t.test(
  'a lead that is too new to be found is pushed with the next webhook, and one that was deleted is not',
  async t => {
    const connections = `connections:
  - id: pine
    platform: hostfully
    customer_key: pine
    secrets: { token: a-long-and-random-token }
    api: { endpoint: sandbox, api_key: a-key }
    time_zone: America/Denver
`
    const relay = await openRelay(t, { connections, now: Date.parse('2026-01-05T12:00:00Z') })
    const staysAfter = async (event: string, known: Record<string, unknown>, passedMs = 60_000) => {
      relay.clock.now += passedMs
      await relay.deliver('pine', { event, body: JSON.stringify(webhook(event)), world: known })
      await relay.settle()
      return (await relay.held('pine')).reservations?.length ?? 0
    }
    const unknown = { [`leads/${ids.lead}`]: null }
    const booked = leadKnown({ metadata: { updatedUtcDateTime: '2026-01-05T12:11:00' } })
    t.equal(await staysAfter('NEW_BOOKING', unknown), 0)
    t.equal(await staysAfter('BOOKING_UPDATED', unknown), 0)
    t.equal(await staysAfter('BOOKING_UPDATED', booked), 1)
    t.equal(await staysAfter('PROPERTY_AVAILABILITY_UPDATED', unknown), 0)
    t.equal(await staysAfter('UNIT_CHANGED', booked), 0, 'an answer that is behind')
    t.equal(await staysAfter('UNIT_CHANGED', booked, 3_600_000), 1, 'found again, it is back')
    const off = leadKnown({ status: 'CANCELLED', metadata: { updatedUtcDateTime: '2026-01-05T14:00:00' } })
    t.equal(await staysAfter('BOOKING_CANCELLED', off), 0)
    t.equal(await staysAfter('BOOKING_UPDATED', booked), 0, 'an answer that is behind')
  }
)

const booking: SampleBooking = {
  id: 'b1',
  status: 'confirmed',
  rooms: [{ id: 'r1', place: 'p1' }],
  guest: { id: 'g1', name: 'Noor Haddad', email: null, phone: null },
  arrival: '2027-03-01',
  departure: '2027-03-30',
  checkIn: '16:00',
  checkOut: '11:00',
  timeZone: 'Europe/Oslo',
  code: null,
  updatedAt: Date.UTC(2027, 0, 10)
}
const context = { connection, now: booking.updatedAt, serial: 1 }
const eventsOf = (before: SampleBooking | undefined, after: SampleBooking) =>
  samples.tell(before, after, context).map(({ event }) => event)

t.test('samples tell of a booking as Hostfully does', async t => {
  t.strictSame(eventsOf(undefined, booking), ['NEW_BLOCKED_DATES', 'NEW_BOOKING'])
  t.strictSame(eventsOf(undefined, { ...booking, status: 'tentative' }), [
    'NEW_BLOCKED_DATES',
    'NEW_BOOKING_REQUEST'
  ])
  t.strictSame(eventsOf(booking, { ...booking, checkIn: '17:00' }), ['BOOKING_UPDATED', 'BOOKING_UPDATED'])
  t.strictSame(eventsOf(booking, { ...booking, status: 'cancelled' }), ['BOOKING_CANCELLED'])
  const moved = { ...booking, rooms: [{ id: 'r1', place: 'p2' }] }
  const properties = samples.tell(booking, moved, context).map(({ body }) => JSON.parse(body).property_uid)
  t.not(properties[0], properties[1], 'the first of them names the property before the move')
})

t.test('samples have the offset of the day, and no place without a room', async t => {
  const [, sample] = samples.tell(undefined, booking, context)
  const [lead] = Object.values(sample?.world ?? {})
  t.match(lead, {
    checkInZonedDateTime: '2027-03-01T16:00:00+01:00',
    checkOutZonedDateTime: '2027-03-30T11:00:00+02:00'
  })
  const roomless = { ...booking, rooms: [{ id: 'r1', place: null }] }
  t.strictSame(samples.ids(roomless), { stays: [] })
  for (const { body } of samples.tell(undefined, roomless, context)) t.notOk(JSON.parse(body).property_uid)
  t.match(Object.values(samples.tell(undefined, { ...roomless, rooms: [] }, context)[1]?.world ?? {}), [
    { propertyUid: null }
  ])
})

t.test('a connection without an agency has samples of one', async t => {
  const { agency_uid: _none, ...secrets } = connection.secrets
  const bare = { ...context, connection: { ...connection, secrets } }
  for (const { body } of samples.tell(undefined, booking, bare))
    t.equal(JSON.parse(body).agency_uid, ids.agency)
  t.ok(leadKnown())
})

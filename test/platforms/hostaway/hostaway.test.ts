import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { hostaway } from '../../../src/platforms/hostaway/hostaway.ts'
import { deliveryOf, incomingOf } from '../contract.ts'
import { bookingOf, reading, reservation, stayOf, translated, unread, webhook } from './reservation-body.ts'

const { verification } = hostaway

t.test('a password with a colon verifies, as in the worked vector', async t => {
  const secrets = { username: ['seamhook'], password: ['s3cr3t:Pass'] }
  const verdict = (authorization: string) =>
    verification.verify(incomingOf(unread, { body: '{}', headers: { authorization } }), secrets)
  t.strictSame(await verdict('Basic c2VhbWhvb2s6czNjcjN0OlBhc3M='), { ok: true })
  t.strictSame(await verdict('bAsIc c2VhbWhvb2s6czNjcjN0OlBhc3M='), { ok: true }, 'in any letter case')
  const other = Buffer.from('seamhook:s3cr3t').toString('base64')
  t.strictSame(await verdict(`Basic ${other}`), { ok: false, cause: 'credentials_wrong' })
})

t.test('a webhook saved without a login is refused, and no connection can be made for one', async t => {
  const verdict = await verification.verify(incomingOf(unread, { body: '{}' }), unread.secrets)
  t.strictSame(verdict, { ok: false, cause: 'credentials_missing' })
  for (const secrets of [
    {},
    { username: 'relay' },
    { password: 'x' },
    { username: '', password: 'x' },
    { username: 'relay', password: '' },
    { username: null, password: null }
  ]) {
    t.notOk(Value.Check(hostaway.secrets, secrets), JSON.stringify(secrets))
  }
  t.ok(Value.Check(hostaway.secrets, { username: 'relay', password: 'x' }))
})

t.test('a content type that is not JSON’s costs no delivery, since a 4xx is never repeated', async t => {
  t.strictSame(hostaway.mediaTypes, ['text/plain', 'application/octet-stream'])
})

t.test('another account’s body is not the connection’s own', async t => {
  const isOwn = (body: unknown, connection = reading) =>
    hostaway.isOwn?.(incomingOf(connection, { body: JSON.stringify(body) }), connection)
  t.equal(isOwn(webhook(reservation)), true, 'a number equals the text in the settings')
  t.equal(isOwn(webhook(reservation, { accountId: '70011' })), true)
  t.equal(isOwn(webhook(reservation, { accountId: 70012 })), false)
  t.equal(isOwn({ event: 'reservation.updated', payload: webhook(reservation, { accountId: 1 }) }), false)
  t.equal(isOwn({ data: 'test' }), true, 'a body that names no account may be')
  t.equal(isOwn('no object'), true)
  t.equal(isOwn(webhook(reservation, { accountId: 70012 }), unread), true, 'without a setting nobody knows')
})

t.test('the handshake is a test delivery, whatever event it names', async t => {
  for (const body of [
    { data: 'test' },
    { object: 'reservation', event: 'reservation.created', accountId: 70011, data: 'test' },
    { payload: { data: 'test' } }
  ]) {
    t.strictSame(await translated(body), { ignored: 'test delivery' })
  }
})

t.test('events in prose are the events with dots', async t => {
  const typeOf = (event: string) =>
    hostaway.readEvents(deliveryOf(unread, { body: JSON.stringify({ event, data: reservation }) }))[0]?.type
  t.equal(typeOf('reservation created'), 'reservation.created')
  t.equal(typeOf(' Reservation  Updated '), 'reservation.updated')
  t.equal(typeOf('New reservation'), 'reservation.created')
  t.equal(typeOf('new message received'), 'message.received')
})

t.test('an event that is not known is kept and not refused', async t => {
  for (const event of ['listing.archived', '__proto__', 'constructor']) {
    t.match(await translated({ event, data: {} }), { drift: 'unknown_event' })
  }
})

t.test('a reservation under payload.data is read like one under data', async t => {
  const flat = await translated(webhook(reservation))
  t.strictSame(
    await translated({ event: 'reservation.updated', accountId: 70011, payload: { data: reservation } }),
    flat
  )
  t.strictSame(await translated({ payload: webhook(reservation) }), flat, 'the event may be in there too')
})

t.test('a body without an event is unreadable', async t => {
  for (const body of [{}, { event: ' ' }, { event: 7, data: reservation }, { payload: 'x' }]) {
    await t.rejects(translated(body), { code: 'RELAY_EVENT_UNREADABLE', retryable: false })
  }
})

t.test(
  'a reservation that cannot be used is refused by the name of the field, never by its value',
  async t => {
    const refusal = { code: 'RELAY_EVENT_INVALID' }
    await t.rejects(translated(webhook({ ...reservation, id: '../listings/1' })), refusal, 'an id is digits')
    await t.rejects(translated(webhook({ ...reservation, id: undefined })), refusal)
    await t.rejects(translated(webhook(null)), refusal)
    await t.rejects(translated(webhook({ ...reservation, status: null })), refusal)
    const status = { not: 'ines@example.com' }
    await t.rejects(translated(webhook({ ...reservation, status })), {
      ...refusal,
      message: /^reservation: \/status: (?!.*ines)/
    })
  }
)

const unusable = {
  listingMapId: {},
  confirmationCode: 7,
  guestName: 7,
  guestEmail: 5,
  phone: [],
  arrivalDate: 5,
  checkInTime: {},
  doorCode: {},
  isDatesUnspecified: [],
  latestActivityOn: 5,
  updatedOn: {},
  reservationUnit: {}
}

t.test('a cancellation counts whatever else is told in a way that nobody documented', async t => {
  for (const [name, value] of Object.entries(unusable)) {
    const cancelled = await bookingOf({ status: 'cancelled', [name]: value })
    t.match(cancelled, { bookingId: '51200001', stays: [], cancelled: true }, name)
  }
})

t.test('what is told in a way that nobody documented is left out of a stay, not told to be none', async t => {
  const { confirmationCode: name, guestName, doorCode, reservationUnit, updatedOn } = unusable
  const changed = { guestEmail: {}, phone: [], confirmationCode: name, guestName, doorCode, updatedOn }
  t.strictSame(await stayOf({ ...changed, reservationUnit }), {
    id: '51200001',
    places: ['310042'],
    guest: { name: 'Ines Duarte', email: undefined, phone: undefined, unidentified: true },
    name: 'Ines Duarte',
    start: { date: '2026-01-10', time: '16:00' },
    end: { date: '2026-01-13' },
    preferredCode: undefined
  })
  t.match(await stayOf({ reservationUnit: [null, 'row', { id: {}, listingUnitId: 4401 }] }), {
    id: '51200001_4401',
    places: ['4401']
  })
})

import t from 'tap'
import { hostaway } from '../../../src/platforms/hostaway/hostaway.ts'
import type { SampleBooking, StandIn } from '../../../src/platforms/samples.ts'
import { outcomesOf } from '../contract.ts'
import { sampleBooking } from '../sample-bookings.ts'
import { reading, unread } from './reservation-body.ts'

const { samples } = hostaway
const standIn = hostaway.standIn as StandIn
const settings = { account_id: '70011', api_key: 'k' }
const now = Date.parse('2026-01-01T00:00:00Z')

const booking = sampleBooking({
  guest: { id: 'g1', name: 'Noor', email: 'noor@example.com', phone: null },
  checkIn: '15:30',
  updatedAt: now
})

function dataOf(before: SampleBooking | undefined, after: SampleBooking) {
  const [sample] = samples.tell(before, after, { connection: reading, now, serial: 1 })
  return { event: sample?.event, data: JSON.parse(sample?.body ?? '').data }
}

t.test('there is a sample of every event, the handshake included', async t => {
  const meanings: Record<string, unknown> = {
    'reservation.created': [{ change: 'upsert' }, { stays: [{ id: '51200001', places: ['310042'] }] }],
    'reservation.updated': [{ bookingId: '51200001', cancelled: true }],
    'message.received': { ignored: 'a message changes no stay' },
    test: { ignored: 'test delivery' }
  }
  t.strictSame(Object.keys(samples.events), Object.keys(meanings))
  for (const [type, make] of Object.entries(samples.events)) {
    const sample = make({ connection: reading, now, serial: 1 })
    const [outcome] = await outcomesOf(hostaway, reading, sample)
    t.equal(outcome?.event.type, type)
    t.match(outcome?.translation, meanings[type])
  }
})

t.test('a booking is told in Hostaway’s words', async t => {
  t.match(dataOf(undefined, booking), {
    event: 'reservation.created',
    data: { status: 'new', checkInTime: 15, guestName: 'Noor', guestLastName: null, cancelledBy: null }
  })
  t.match(dataOf(booking, booking), { event: 'reservation.updated', data: { status: 'modified' } })
  t.match(dataOf(undefined, { ...booking, status: 'tentative' }), { data: { status: 'pending' } })
  t.match(dataOf(booking, { ...booking, status: 'cancelled' }), {
    data: { status: 'cancelled', cancellationDate: '2026-01-01', cancelledBy: 'guest' }
  })
})

t.test(
  'a booking’s ids are those its stays get, for one room, for two, and for a room without a place',
  async t => {
    for (const rooms of [
      [{ id: 'r1', place: 'p1' }],
      [{ id: 'r1', place: '310042' }],
      [{ id: 'r1', place: null }],
      [],
      [
        { id: 'r1', place: 'p1' },
        { id: 'r2', place: null }
      ]
    ]) {
      const told = { ...booking, rooms }
      const [sample] = samples.tell(undefined, told, { connection: reading, now, serial: 1 })
      const [outcome] = sample === undefined ? [] : await outcomesOf(hostaway, reading, sample)
      const changes = Array.isArray(outcome?.translation) ? outcome.translation : []
      const stays = changes.flatMap(change => (change.change === 'stays' ? change.stays : []))
      t.strictSame(
        stays.flatMap(({ id, places = [] }) => places.map(place => ({ id, place }))),
        samples.ids(told).stays
      )
    }
    t.strictSame(samples.ids({ ...booking, id: '7', rooms: [{ id: 'r', place: '310042' }] }).stays, [
      { id: '7', place: '310042' }
    ])
  }
)

t.test('the account in a sample is the connection’s, number or not', async t => {
  const accountOf = (connection: typeof reading) => {
    const sample = samples.events['reservation.created']?.({ connection, now, serial: 1 })
    return JSON.parse(sample?.body ?? '').accountId
  }
  t.equal(accountOf(reading), 70011)
  t.equal(accountOf(unread), 70011)
  t.equal(accountOf({ ...reading, api: { account_id: 'demo' } }), 'demo')
})

t.test('the stand-in demands what Hostaway demands', async t => {
  const world = new Map<string, unknown>([['reservations/1', { id: 1, reservationUnit: [{ id: 2 }] }]])
  const form = { grant_type: 'client_credentials', client_id: '70011', client_secret: 'k', scope: 'general' }
  const ask = (
    method: string,
    path: string,
    more: { body?: unknown; token?: string; whole?: boolean } = {}
  ) =>
    standIn(
      {
        method,
        path,
        query: more.whole === true ? { includeResources: ['1'] } : {},
        headers: more.token === undefined ? {} : { authorization: `Bearer ${more.token}` },
        body: more.body
      },
      world,
      settings
    )
  const issued = ask('POST', '/v1/accessTokens', { body: form })
  t.match(issued, { status: 200, body: { token_type: 'Bearer', access_token: String } })
  const token = (issued.body as { access_token: string }).access_token
  for (const body of [undefined, { ...form, scope: 'all' }, { ...form, client_secret: 'x' }]) {
    t.equal(ask('POST', '/v1/accessTokens', { body }).status, 401)
  }
  t.equal(ask('GET', '/v1/accessTokens').status, 405)
  t.equal(ask('GET', '/v1/reservations/1').status, 403, 'a bearer token')
  t.equal(ask('GET', '/v1/reservations/1', { token: 'x' }).status, 403, 'that it issued')
  t.equal(ask('POST', '/v1/reservations/1', { token }).status, 405)
  t.equal(ask('GET', '/v1/reservations/2', { token }).status, 404)
  t.equal(ask('GET', '/v1/tasks/1', { token }).status, 404)
  t.match(ask('GET', '/v1/reservations/1', { token }), { body: { result: { reservationUnit: [] } } })
  t.match(ask('GET', '/v1/reservations/1', { token, whole: true }), {
    body: { status: 'success', result: { reservationUnit: [{ id: 2 }] } }
  })
})

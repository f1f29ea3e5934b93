import t from 'tap'
import { smoobu } from '../../../src/platforms/smoobu/smoobu.ts'
import { openRelay } from '../../open-relay.ts'
import { incomingOf } from '../contract.ts'
import { reading, unread, webhook } from './bodies.ts'

const secrets = { token: ['a-long-random-token-0001'] }
const incoming = incomingOf(unread, { body: '{}' })

t.test('the token is proved in the path, or as ?token=', async t => {
  const verdict = (request: object) => smoobu.verification.verify({ ...incoming, ...request }, secrets)
  t.strictSame(await verdict({ token: 'a-long-random-token-0001' }), { ok: true })
  t.strictSame(await verdict({ query: { token: ['a-long-random-token-0001'] } }), { ok: true })
  t.strictSame(await verdict({ token: 'another' }), { ok: false, cause: 'credentials_wrong' })
  t.strictSame(await verdict({}), { ok: false, cause: 'credentials_missing' })
  t.strictSame(smoobu.verification.secretQuery, ['token'], 'and is kept out of logs')
})

t.test('requests are sent to the path', async t => {
  t.strictSame(smoobu.verification.sign(Buffer.from('{}'), secrets, { now: 0, id: 'x' }), {
    token: 'a-long-random-token-0001'
  })
})

t.test('signature headers that public code made up prove nothing', async t => {
  const headers = {
    'x-smoobu-signature': 'a-long-random-token-0001',
    'x-webhook-secret': 'a-long-random-token-0001'
  }
  t.equal((await smoobu.verification.verify({ ...incoming, headers }, secrets)).ok, false)
})

t.test('webhooks of another account are foreign', async t => {
  const own = (body: unknown, using = reading) =>
    smoobu.isOwn?.(incomingOf(using, { body: JSON.stringify(body) }), using)
  t.equal(own({ user: 130001 }), true)
  t.equal(own({ user: '130001' }), true)
  t.equal(own({ user: 130002 }), false)
  t.equal(own({}), true, 'what is not told is not held against it')
  t.equal(own({ user: 130002 }, unread), true, 'where the account is not known')
})

t.test('no delivery has an id: the very same body is legitimate later', async t => {
  t.equal(smoobu.deliveryId, undefined)
})

t.test('samples need neither an apartment nor the account’s number', async t => {
  const { samples } = smoobu
  const sample = samples.events.newReservation?.({ connection: unread, now: 0, serial: 1 })
  t.equal(JSON.parse(sample?.body ?? '').user, 130001)
  const homeless = {
    id: 'b1',
    status: 'confirmed' as const,
    rooms: [{ id: 'r1', place: null }],
    guest: { id: 'g1', name: 'Jonas Weber', email: null, phone: null },
    arrival: '2026-01-10',
    departure: '2026-01-13',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/Vienna',
    code: null,
    updatedAt: 0
  }
  const [told] = samples.tell(undefined, homeless, { connection: unread, now: 0, serial: 1 })
  t.match(JSON.parse(told?.body ?? ''), { action: 'newReservation', data: { apartment: null } })
  t.strictSame(samples.ids(homeless), { stays: [] })
  const request = { ...homeless, status: 'tentative' as const }
  const [block] = samples.tell(homeless, request, { connection: unread, now: 0, serial: 2 })
  t.match(
    JSON.parse(block?.body ?? ''),
    { action: 'updateReservation', data: { 'is-blocked-booking': true, 'guest-name': '', email: null } },
    'nothing is tentative: what is not booked yet is a block'
  )
})

const connections = `
connections:
  - id: altstadt
    platform: smoobu
    customer_key: altstadt
    secrets: { token: a-long-random-token-0001 }
    time_zone: Europe/Vienna
    country: AT
`

t.test('changing the apartment of a booking takes the stay from the old one', async t => {
  const relay = await openRelay(t, { connections, platforms: { smoobu } })
  const post = (body: object) =>
    relay.post('/webhooks/smoobu/altstadt/a-long-random-token-0001', {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body)
    })
  const reservationOf = async () => (await relay.held('altstadt')).reservations
  t.equal((await post(webhook({}, 'newReservation'))).status, 200)
  await relay.settle()
  const [stay] = (await reservationOf()) ?? []
  t.match(stay, {
    reservation_key: 'altstadt:102400001',
    name: 'HMDEMO9001',
    starts_at: '2026-01-10T14:00:00Z',
    ends_at: '2026-01-13T10:00:00Z',
    space_keys: ['altstadt:3320001']
  })
  await post(webhook({ apartment: { id: 3320002, name: 'Altstadt 3' }, modifiedAt: '2025-12-04 09:00' }))
  await relay.settle()
  t.same(await reservationOf(), [{ ...stay, space_keys: ['altstadt:3320002'] }])
  await post({ action: 'deleteReservation', user: 130001, data: { id: 102400001 } })
  await post(webhook({}, 'newReservation'))
  await relay.settle()
  t.same((await reservationOf()) ?? [], [], 'and a repeat brings a deleted one back nowhere')
})

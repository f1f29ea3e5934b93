import t from 'tap'
import { uplisting } from '../../../src/platforms/uplisting/uplisting.ts'
import { openRelay, type TestRelay } from '../../open-relay.ts'
import { incomingOf } from '../contract.ts'
import { booking, connection, removal } from './bodies.ts'

const token = 'a-long-random-token-0001'

t.test('each hook may have a token of its own in its address', async t => {
  const secrets = { token: ['token-of-another-hook', token] }
  const verdict = (request: object) =>
    uplisting.verification.verify({ ...incomingOf(connection, { body: '{}' }), ...request }, secrets)
  t.strictSame(await verdict({ token }), { ok: true })
  t.strictSame(await verdict({ token: 'another' }), { ok: false, cause: 'credentials_wrong' })
  t.strictSame(await verdict({}), { ok: false, cause: 'credentials_missing' })
  const headers = { 'x-uplisting-signature': token }
  t.strictSame(
    await verdict({ headers }),
    { ok: false, cause: 'credentials_missing' },
    'such headers are guesses'
  )
})

t.test('every event has an address of its own', async t => {
  for (const [event, make] of Object.entries(uplisting.samples.events)) {
    t.strictSame(make({ connection, now: 0, serial: 1 }).query, { event })
  }
  const nowhere = {
    id: 'b1',
    status: 'confirmed' as const,
    rooms: [{ id: 'r1', place: null }],
    guest: { id: 'g1', name: 'Amelia Okafor', email: null, phone: null },
    arrival: '2026-06-04',
    departure: '2026-06-08',
    checkIn: '15:00',
    checkOut: '11:00',
    timeZone: 'Europe/London',
    code: null,
    updatedAt: 0
  }
  const [told] = uplisting.samples.tell(undefined, nowhere, { connection, now: 0, serial: 1 })
  t.match(JSON.parse(told?.body ?? ''), { property_id: null, property_name: null })
  t.strictSame(uplisting.samples.ids(nowhere), { stays: [] })
})

const connections = `
connections:
  - id: canal
    platform: uplisting
    customer_key: canal
    secrets: { token: ${token} }
    time_zone: Europe/London
    country: GB
`

async function post(relay: TestRelay, event: string, body: string) {
  const headers = { 'content-type': 'application/json' }
  const reply = await relay.post(`/webhooks/uplisting/canal/${token}?event=${event}`, { headers, body })
  return reply.status
}

t.test('a booking gets in, and its removal, which names no guest, gets it out for good', async t => {
  const relay = await openRelay(t, { connections, platforms: { uplisting } })
  t.equal(await post(relay, 'booking_created', JSON.stringify(booking)), 200)
  await relay.settle()
  const { reservations, guests, spaces } = await relay.held('canal')
  t.match(reservations, [
    {
      reservation_key: 'canal:2800001',
      name: 'HMDEMO2800',
      starts_at: '2026-06-04T14:00:00Z',
      ends_at: '2026-06-08T10:00:00Z',
      space_keys: ['canal:52001']
    }
  ])
  t.match(guests, [{ name: 'Amelia Okafor', email_address: 'amelia@example.com' }])
  t.match(spaces, [{ space_key: 'canal:52001', name: 'Canal House' }])
  await post(relay, 'booking_removed', JSON.stringify(removal))
  await post(relay, 'booking_updated', JSON.stringify({ ...booking, timestamp: '2026-05-01T06:59:59Z' }))
  await relay.settle()
  t.same((await relay.held('canal')).reservations ?? [], [])
})

t.test('nothing is refused because of its content, since five failures take the hook away', async t => {
  const relay = await openRelay(t, { connections, platforms: { uplisting } })
  for (const body of ['', '[]', '{}', '{"id":', '{"id":1,"status":7}']) {
    t.equal(await post(relay, 'booking_updated', body), 200)
    t.equal(await post(relay, 'booking_teleported', body), 200)
  }
})

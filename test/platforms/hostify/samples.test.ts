import t from 'tap'
import { samples } from '../../../src/platforms/hostify/samples.ts'
import { sampleBooking } from '../sample-bookings.ts'
import { connection } from './world.ts'

const context = { connection, now: Date.UTC(2027, 0, 10), serial: 1 }
const booking = sampleBooking({ id: '77', checkIn: '16:00', code: '4711', updatedAt: context.now })
const messageOf = (sample: { body: string } | undefined) => JSON.parse(JSON.parse(`${sample?.body}`).Message)

t.test('a new booking comes nested, a change flat, a move next to empty', async t => {
  const [created] = samples.tell(undefined, booking, context)
  t.match(messageOf(created), {
    action: 'new_reservation',
    reservation_id: 77,
    data: {
      reservation: {
        status: 'accepted',
        planned_arrival: '16:00:00',
        custom_fields: [{ name: 'door_code', value: '4711' }]
      }
    }
  })
  const [changed] = samples.tell(booking, { ...booking, checkIn: '17:00' }, context)
  t.match(messageOf(changed), {
    action: 'update_reservation',
    reservation_id: '77',
    planned_arrival: '17:00'
  })
  t.notOk(Object.hasOwn(messageOf(changed), 'status_code'))
  const [moved] = samples.tell(booking, { ...booking, rooms: [{ id: 'r1', place: 'p2' }] }, context)
  t.match(messageOf(moved), { action: 'move_reservation', data: { listing: { nickname: 'p2' } } })
  const [off] = samples.tell(booking, { ...booking, status: 'cancelled', rooms: [] }, context)
  t.match(messageOf(off), { action: 'update_reservation', status_code: '8' })
})

t.test('without a room there is no stay, and no listing', async t => {
  const roomless = { ...booking, rooms: [{ id: 'r1', place: null }] }
  t.strictSame(samples.ids(roomless), { stays: [] })
  const [sample] = samples.tell(undefined, roomless, context)
  t.match(sample?.world, { 'reservations/77': { listing: null, reservation: { listing_id: null } } })
})

t.test('ids stay the same, and a message’s own is never given twice', async t => {
  t.match(samples.ids(booking).stays, [{ id: '77', place: /^\d+$/ }])
  const idOf = (serial: number) =>
    JSON.parse(samples.tell(undefined, booking, { ...context, serial })[0]?.body ?? '').MessageId
  t.equal(idOf(1), idOf(1))
  t.not(idOf(1), idOf(2))
})

t.test('the custom field has the name that the connection looks for', async t => {
  const own = { ...context, connection: { ...connection, preferredCodeField: 'pin' } }
  const [sample] = samples.tell(undefined, booking, own)
  t.match(messageOf(sample).data.reservation.custom_fields, [{ name: 'pin', value: '4711' }])
})

t.test('a connection without a pair, topic or auth makes samples that nobody takes', async t => {
  const bare = { ...context, connection: { ...connection, secrets: {} } }
  const [sample] = samples.tell(undefined, booking, bare)
  t.match(JSON.parse(sample?.body ?? ''), { Signature: '', TopicArn: '' })
  t.notOk(Object.hasOwn(messageOf(sample), 'auth'))
})

t.test('a message is sent when the thing happens, as far as the relay would still take it', async t => {
  const sentAt = (updatedAt: number) =>
    JSON.parse(samples.tell(undefined, { ...booking, updatedAt }, context)[0]?.body ?? '').Timestamp
  t.equal(sentAt(context.now - 60_000), new Date(context.now - 60_000).toISOString())
  t.equal(sentAt(context.now - 86_400_000), new Date(context.now - 3_600_000).toISOString())
  t.equal(sentAt(context.now + 1_000), new Date(context.now).toISOString())
})

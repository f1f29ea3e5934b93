import t from 'tap'
import { nexudus } from '../../../src/platforms/nexudus/nexudus.ts'
import { deliveryOf, demoConnection } from '../contract.ts'
import { booking, eventsOf } from './records.ts'

t.test('the address names the action, in the platform’s spelling, with dashes, or by its number', async t => {
  for (const action of ['BookingDelete', 'booking-delete', 'bookingdelete', 'BOOKING_DELETE', ' 8 ']) {
    t.equal(eventsOf([booking()], action)[0]?.type, 'BookingDelete', action)
  }
  const types = (...actions: string[]) => actions.map(action => eventsOf([booking()], action)[0]?.type)
  t.strictSame(types('6', '7', '3', '2', '50'), [
    'BookingCreate',
    'BookingUpdate',
    'CoworkerCreate',
    'CoworkerUpdate',
    'CoworkerDelete'
  ])
  t.strictSame(types('71', '73', '72'), ['FloorPlanDeskCreate', 'FloorPlanDeskUpdate', 'FloorPlanDeskDelete'])
})

t.test('an address without an action says nothing, rather than turn deletions into bookings', async t => {
  for (const action of [undefined, '', ' ']) {
    t.throws(() => eventsOf([booking()], action), { code: 'RELAY_EVENT_UNREADABLE', message: /\?event=/ })
  }
})

t.test('a body is an array, one object, or a list of records', async t => {
  const record = booking()
  for (const content of [[record], record, { Records: [record] }]) {
    t.strictSame(eventsOf(content, 'BookingCreate'), [{ type: 'BookingCreate', payload: record }])
  }
  t.equal(eventsOf([record, 7, record], 'BookingCreate').length, 3, 'one that cannot be read spoils no other')
})

t.test('a body without a record becomes a dead letter', async t => {
  for (const content of [[], { Records: [] }]) {
    t.throws(() => eventsOf(content, 'BookingCreate'), { code: 'RELAY_EVENT_UNREADABLE' })
  }
  const delivery = deliveryOf(demoConnection(nexudus), { body: '[', query: { event: 'BookingCreate' } })
  t.throws(() => nexudus.readEvents(delivery), { code: 'RELAY_EVENT_UNREADABLE' })
})

t.test('check-ins of every sort, and visitors and memberships, are ignored', async t => {
  for (const action of ['35', '63', 'CheckinCreate', 'checkin-out', 'VisitorCheckedin', '64', '77', '84']) {
    const type = eventsOf([booking()], action)[0]?.type ?? ''
    t.ok(Object.hasOwn(nexudus.ignored, type), `${action}: ${type}`)
  }
  t.equal(
    eventsOf([booking()], 'ProductCreate')[0]?.type,
    'ProductCreate',
    'what we do not know stays as it is'
  )
})

t.test(
  'a notification to a marketplace application is ignored, since it does not tell deletions apart',
  async t => {
    const content = { booking: { id: 'b', from_time: '2027-02-15T13:00:00Z' }, type: 'bookingupdate' }
    for (const action of [undefined, 'BookingCreate']) {
      t.strictSame(eventsOf(content, action), [{ type: 'marketplace', payload: content }])
    }
    t.ok(nexudus.ignored.marketplace)
  }
)

t.test('deliveries have no id', async t => {
  t.equal(nexudus.deliveryId, undefined)
})

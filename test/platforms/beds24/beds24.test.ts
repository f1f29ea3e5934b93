import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { beds24 } from '../../../src/platforms/beds24/beds24.ts'
import { openRelay } from '../../open-relay.ts'
import { deliveryOf, incomingOf, outcomesOf } from '../contract.ts'
import { halfAssigned, sampleBooking, teller } from '../sample-bookings.ts'
import { booking, infoItems, messageOf, reading, staysOf, translated, unread, version } from './bodies.ts'

const now = Date.parse('2027-01-10T12:00:00Z')

t.test('the custom header of the property is compared, else the token in the address', async t => {
  const secrets = { header: ['X-Door-Token'], value: ['beds24_test_token_01'] }
  const verify = (headers: Record<string, string>) =>
    beds24.verification.verify(incomingOf(unread, { body: '[]', headers }), secrets)
  t.strictSame(await verify({ 'X-Door-Token': 'beds24_test_token_01' }), { ok: true })
  t.strictSame(await verify({ 'X-Door-Token': 'beds24_test_token_02' }), {
    ok: false,
    cause: 'credentials_wrong'
  })
  t.strictSame(await verify({}), { ok: false, cause: 'credentials_missing' })
  const byToken = incomingOf(unread, { body: '[]' }, { token: 't' })
  t.strictSame(await beds24.verification.verify(byToken, { token: ['t'] }), { ok: true })
  t.equal(Value.Check(beds24.secrets, {}), false)
})

t.test('a list and a single object are the same', async t => {
  t.strictSame(await translated([messageOf()]), await translated(messageOf()))
})

t.test('each entry of a list is an event, and one that cannot be read spoils no other', async t => {
  const body = JSON.stringify([messageOf(), null, { booking: 'x' }, { timeStamp: 1 }, messageOf({ id: 2 })])
  const types = beds24.readEvents(deliveryOf(unread, { body })).map(({ type }) => type)
  t.strictSame(types, ['booking', 'unreadable', 'unreadable', 'unreadable', 'booking'])
  await t.rejects(outcomesOf(beds24, unread, { body }), { code: 'RELAY_EVENT_UNREADABLE' })
  t.match(await translated([]), { ignored: 'the message holds no bookings' })
})

t.test('a body that is neither is not readable', async t => {
  for (const body of ['', 'text', '7', 'null', '"x"']) {
    t.throws(() => beds24.readEvents(deliveryOf(unread, { body })), { code: 'RELAY_EVENT_UNREADABLE' })
  }
})

t.test('card data, invoices and messages stay behind', async t => {
  const body = JSON.stringify({ ...messageOf(), stripeToken: 'tok_1', invoiceItems: [{ amount: 420 }] })
  const [event] = beds24.readEvents(deliveryOf(unread, { body }))
  t.notMatch(JSON.stringify(event), /tok_1|invoiceItems|messages/)
})

t.test('an inventory message is known and of no use', async t => {
  const message = { roomId: '488021', propId: '224410', ownerId: '30991', action: 'SYNC_ROOM' }
  t.match(await translated(message), { ignored: /prices/ })
  t.match(await translated({ ...message, action: 'SYNC_ALL' }), { drift: 'unknown_event' })
})

t.test('a repeat is told by nothing that two changes could not share, so none is dropped', async t => {
  t.equal(beds24.deliveryId, undefined)
  t.strictSame(await translated(messageOf({}, { retries: 3 })), await translated(messageOf()))
})

t.test('only properties of the connection are its own', async t => {
  const isOwn = (body: unknown, property_id?: string) =>
    beds24.isOwn?.(incomingOf(unread, { body: JSON.stringify(body) }), {
      ...reading,
      api: { refresh_token: 'r', ...(property_id !== undefined && { property_id }) }
    })
  t.equal(isOwn(messageOf(), '1, 224410'), true)
  t.equal(isOwn([messageOf(), messageOf({ propertyId: 9 })], '224410'), false)
  t.equal(isOwn({ propId: '9', action: 'SYNC_ROOM' }, '224410'), false)
  t.equal(isOwn(messageOf({ propertyId: undefined }), '1'), true)
  t.equal(isOwn(messageOf()), true)
  t.equal(isOwn('text', '1'), true)
})

t.test('the status tells what a booking has become', async t => {
  const of = (changes: object, using = unread) => translated(messageOf({ ...changes }), { connection: using })
  t.match(await of({ status: 'confirmed' }), [{ stays: [{ id: '71200451' }] }])
  t.match(await of({ status: 'new' }), [{ stays: [{ id: '71200451' }] }])
  t.match(await of({ status: 'request' }), [{ stays: [], emptyBecause: 'request', cancelled: undefined }])
  t.match(await of({ status: 'request' }, { ...unread, tentative: 'push' }), [{ stays: [{}] }])
  t.match(await of({ status: 'inquiry' }), [{ stays: [], emptyBecause: 'inquiry' }])
  t.match(await of({ status: 'black' }), [{ stays: [], emptyBecause: 'block' }], 'an owner block')
  t.match(await of({ status: 'confirmed', subStatus: 'noShow' }), [{ stays: [], cancelled: true }])
  t.match(await of({ status: 'confirmed', subStatus: 'walkin' }), [{ stays: [{}] }])
})

t.test('cancelled has two l, and is taken with one', async t => {
  t.match(await translated(messageOf({ status: 'cancelled', subStatus: 'cancelledByHost' })), [
    { stays: [], cancelled: true, emptyBecause: 'cancelledByHost' }
  ])
  t.match(await translated(messageOf({ status: 'Canceled' })), [
    { cancelled: true, emptyBecause: 'canceled' }
  ])
  t.match(await translated(messageOf({ status: 'cancelled', subStatus: null })), [
    { emptyBecause: 'cancelled' }
  ])
})

t.test('an unknown status destroys nothing', async t => {
  t.match(await translated(messageOf({ status: 'waiting' })), { drift: 'unknown_status' })
  t.match(await translated(messageOf({ status: undefined })), { ignored: 'status null is not known' })
})

t.test('the order is that of modifiedTime, else of timeStamp, else of receipt', async t => {
  t.match(await translated(messageOf()), [{ version }])
  const later = '2027-02-11T09:00:00Z'
  t.match(await translated(messageOf({}, { timeStamp: later })), [{ version }])
  t.match(await translated(messageOf({ modifiedTime: null }, { timeStamp: later })), [
    { version: Date.parse(later) }
  ])
  t.match(await translated(messageOf({ modifiedTime: '' }, { timeStamp: undefined }), { receivedAt: 7 }), [
    { version: 7 }
  ])
})

t.test('roomId is a type of rooms, and the room is its unit; 0 is none yet', async t => {
  t.match(await staysOf({}), [{ places: ['488021-2'] }])
  t.match(await staysOf({ roomId: '488021', unitId: '3' }), [{ places: ['488021-3'] }])
  for (const unitId of [0, '0', null, undefined]) t.match(await staysOf({ unitId }), [{ places: [] }])
  t.match(await staysOf({ roomId: null }), [{ places: [] }])
})

t.test('several rooms are several bookings of a group, each with its own stay', async t => {
  const ids = [71200451, 71200452]
  const group = ids.map(id => messageOf({ id, bookingGroup: { master: ids[0], ids }, masterId: ids[0] }))
  const outcomes = await outcomesOf(beds24, unread, { body: JSON.stringify(group) })
  t.match(
    outcomes.map(({ translation }) => translation),
    [[{ bookingId: '71200451' }], [{ bookingId: '71200452' }]]
  )
  t.match(await staysOf({ roomQty: 2 }), [{ id: '71200451', places: ['488021-2'] }], 'one unit is named')
})

t.test('without personal data nothing is told of the guest, which takes nothing away', async t => {
  const impersonal = {
    firstName: undefined,
    lastName: undefined,
    email: undefined,
    phone: undefined,
    mobile: undefined
  }
  const [stay] = await staysOf(impersonal)
  t.strictSame(stay?.guest, {})
  t.equal(stay?.name, '4410098877')
  t.match(await staysOf({ ...impersonal, apiReference: '' }), [{ name: 'Guest 71200451' }])
})

t.test('a webhook without personal data leaves the booking the guest that it has', async t => {
  const connections = `
connections:
  - id: harbour
    platform: beds24
    customer_key: harbour
    secrets: { header: X-Door-Token, value: a-long-random-value-0001 }
    time_zone: Europe/Stockholm
    check_in_time: "15:00"
    check_out_time: "11:00"
`
  const relay = await openRelay(t, { connections, platforms: { beds24 } })
  const tell = async (changes: object) => {
    const { status } = await relay.post('/webhooks/beds24/harbour', {
      headers: { 'content-type': 'application/json', 'x-door-token': 'a-long-random-value-0001' },
      body: JSON.stringify(messageOf({ ...changes }))
    })
    t.equal(status, 200)
    await relay.settle()
    return relay.held('harbour')
  }
  const { guests } = await tell({})
  t.match(guests, [{ name: 'Zoë Lindqvist', email_address: 'zoe.lindqvist@example.com' }])
  const held = await tell({
    firstName: undefined,
    lastName: undefined,
    email: undefined,
    phone: undefined,
    mobile: undefined,
    departure: '2027-03-30',
    modifiedTime: '2027-02-12T08:00:00Z'
  })
  t.same(held.guests, guests)
  t.match(held.reservations, [{ ends_at: '2027-03-30T09:00:00Z', guest_key: guests?.[0]?.guest_key }])
})

t.test('empty texts are none, and the mobile phone comes first', async t => {
  t.match(await staysOf({ mobile: '+46700000000' }), [{ guest: { phone: '+46700000000' } }])
  for (const mobile of ['n/a', '0', '-'])
    t.match(
      await staysOf({ mobile }),
      [{ guest: { phone: '+46855501470' } }],
      'one that is no number hides none'
    )
  t.match(await staysOf({ mobile: 'n/a', phone: '' }), [{ guest: { phone: 'n/a' } }])
  t.match(await staysOf({ phone: 46855501470 }), [{ guest: { phone: '46855501470' } }])
  t.match(await staysOf({ email: '', phone: '' }), [
    { guest: { email: null, phone: null, name: 'Zoë Lindqvist' } }
  ])
})

t.test('arrivalTime is free text and tells no hour', async t => {
  t.strictSame((await staysOf({ arrivalTime: '18:00' }))[0]?.start, { date: '2027-03-26' })
  t.match(await staysOf({ arrival: '2027-02-30', departure: null }), [{ start: null, end: null }])
})

t.test('a custom field or an info item is the code only where the connection names it', async t => {
  const wanting = (preferredCodeField: string) => ({
    connection: { ...unread, preferredCode: 'platform' as const, preferredCodeField }
  })
  const codeOf = async (field: string, changes: object = {}, rest: object = {}) =>
    (await staysOf({ ...changes }, wanting(field), rest))[0]?.preferredCode
  t.equal((await staysOf({}))[0]?.preferredCode, undefined)
  t.equal(await codeOf('custom1'), '481920')
  t.equal(await codeOf('custom10', { custom10: 4711 }), '4711')
  t.equal(await codeOf('custom2'), null)
  t.equal(await codeOf('custom3'), undefined)
  t.equal(await codeOf('doorcode'), '481920')
  t.equal(
    await codeOf('DOORCODE', {}, { infoItems: [...infoItems, { code: 'DOORCODE', text: '1234' }] }),
    '1234',
    'the last one'
  )
  t.equal(await codeOf('DOORCODE', {}, { infoItems: [] }), null)
  t.equal(await codeOf('DOORCODE', {}, { infoItems: null }), undefined)
  const off = { connection: { ...unread, preferredCodeField: 'custom1' } }
  t.equal((await staysOf({}, off))[0]?.preferredCode, undefined)
})

t.test('a booking is told in Beds24’s words', async t => {
  const sample = sampleBooking({
    rooms: halfAssigned,
    guest: { id: 'g1', name: 'Noor', email: null, phone: null }
  })
  const { toldOf } = teller(beds24, unread)
  const bodiesOf = (...told: Parameters<typeof toldOf>) => toldOf(...told).map(({ body }) => JSON.parse(body))
  t.match(bodiesOf(undefined, sample), [
    [
      {
        booking: {
          status: 'confirmed',
          propertyId: 224410,
          bookingGroup: { ids: [Number, Number] },
          email: ''
        }
      }
    ],
    [{ booking: { unitId: 0 } }]
  ])
  t.match(bodiesOf(sample, { ...sample, status: 'tentative' }, 2), [{ booking: { status: 'request' } }, {}])
  t.match(bodiesOf(sample, { ...sample, rooms: sample.rooms.slice(1) }), [
    [{ booking: { status: 'confirmed', bookingGroup: null } }],
    [{ booking: { status: 'cancelled', subStatus: 'cancelledByGuest', cancelTime: String } }]
  ])
  t.strictSame(beds24.samples.ids({ ...sample, status: 'tentative' }).stays, [])
  t.strictSame(
    beds24.samples.ids({ ...sample, id: '71200451', rooms: [{ id: 'r1', place: '488021-2' }] }).stays,
    [{ id: '71200451', place: '488021-2' }]
  )
  for (const [type, make] of Object.entries(beds24.samples.events)) {
    t.ok(JSON.parse(make({ connection: unread, now, serial: 1 }).body), type)
  }
})

t.test(
  'from the webhook to Seam: read again, in the zone of the account and with the hours of the property',
  async t => {
    const relay = await openRelay(t)
    const world = {
      'bookings/71200451': { ...booking, infoItems },
      'properties/224410': { id: 224410, name: 'Harbour House', checkInStart: '15:00', checkOutEnd: '11:00' },
      'rooms/488021': {
        id: 488021,
        propertyId: 224410,
        name: 'Double',
        qty: 3,
        units: [{ id: 2, name: '204' }]
      },
      'accounts/30991': { id: 30991, timezone: 'Europe/Stockholm' }
    }
    const tell = async (body: unknown, more: Record<string, unknown> = {}) => {
      const sample = { event: 'booking', body: JSON.stringify(body), world: { ...world, ...more } }
      t.equal((await relay.deliver('demo-beds24', sample)).status, 200)
      await relay.settle()
      return relay.held('demo-beds24')
    }
    const forged = messageOf({ departure: '2099-01-01', unitId: 1 })
    t.match(await tell([forged]), {
      spaces: [{ space_key: 'demo-beds24:488021-2', name: 'Double 204' }],
      guests: [
        { name: 'Zoë Lindqvist', email_address: 'zoe.lindqvist@example.com', phone_number: '+46855501470' }
      ],
      reservations: [
        {
          reservation_key: 'demo-beds24:71200451',
          name: 'Zoë Lindqvist',
          starts_at: '2027-03-26T14:00:00Z',
          ends_at: '2027-03-29T09:00:00Z',
          space_keys: ['demo-beds24:488021-2']
        }
      ]
    })
    const off = { status: 'cancelled', modifiedTime: '2027-02-12T10:02:11Z' }
    const held = await tell(messageOf(off), { 'bookings/71200451': { ...booking, ...off } })
    t.strictSame([held.reservations ?? [], held.guests ?? []], [[], []])
    t.strictSame(
      (await tell(messageOf(), { 'bookings/71200451': null })).reservations ?? [],
      [],
      'a late one revives nothing'
    )
  }
)

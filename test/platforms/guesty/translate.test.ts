import t from 'tap'
import { guesty } from '../../../src/platforms/guesty/guesty.ts'
import { openRelay } from '../../open-relay.ts'
import { outcomesOf } from '../outcome.ts'
import {
  changesOf,
  connection,
  hydrated,
  lean,
  listingId,
  publishedAt,
  reservation,
  reservationId,
  stayOf,
  translated
} from './readings.ts'

const published = Date.parse(publishedAt)
const legacy = (changed: Record<string, unknown> = {}) => ({
  event: 'reservation.updated',
  reservation: reservation(changed)
})

t.test('a planned hour wins over the UTC instant, which may keep the old default hour', async t => {
  const stay = await stayOf(legacy({ plannedArrival: '17:30', plannedDeparture: '9:05:00' }))
  t.strictSame(stay.start, { date: '2026-01-10', time: '17:30', orInstant: '2026-01-10T14:00:00.000Z' })
  t.strictSame(stay.end, { date: '2026-01-14', time: '09:05', orInstant: '2026-01-14T10:00:00.000Z' })
  const untold = await stayOf(legacy({ plannedArrival: '17:30', checkIn: null }))
  t.strictSame(untold.start, { date: '2026-01-10', time: '17:30' })
})

t.test('a planned hour in a listing without a zone keeps no stay back whose instant is told', async t => {
  const relay = await openRelay(t, {
    connections: `connections: [{ id: g, platform: guesty, customer_key: g, secrets: { signing_secret: whsec_Z3Vlc3R5LWRlbW8tc2lnbmluZy1rZXktMDAwMQ== } }]`
  })
  const startsAt = async (listing: Record<string, unknown>, lastUpdatedAt: string) => {
    const body = JSON.stringify(legacy({ plannedArrival: '17:30', listing, lastUpdatedAt }))
    await relay.deliver('g', { event: '', body })
    await relay.settle()
    return (await relay.held('g')).reservations?.map(each => each.starts_at)
  }
  const zoneless = { _id: listingId, nickname: 'Loft 3' }
  t.strictSame(await startsAt(zoneless, '2026-01-05T09:00:00Z'), ['2026-01-10T14:00:00Z'])
  const zoned = { ...zoneless, timezone: 'Europe/Berlin' }
  t.strictSame(await startsAt(zoned, '2026-01-05T10:00:00Z'), ['2026-01-10T16:30:00Z'])
})

t.test('a planned hour that is no hour leaves it to the UTC instant', async t => {
  for (const plannedArrival of [null, '', 'late', '24:00', '17:60', 1730]) {
    const stay = await stayOf(legacy({ plannedArrival }))
    t.strictSame(stay.start, { instant: '2026-01-10T14:00:00.000Z' })
  }
})

t.test('without hours the local date waits for those of the listing', async t => {
  const stay = await stayOf(legacy({ checkIn: null, checkOut: 'soon' }))
  t.strictSame(stay.start, { date: '2026-01-10' })
  t.strictSame(stay.end, { date: '2026-01-14' })
})

t.test('the UTC instant is never cut to a date: in Auckland that is the day before', async t => {
  const stay = await stayOf(
    legacy({
      checkIn: '2026-01-09T22:00:00.000Z',
      plannedArrival: '11:00',
      listing: { timezone: 'Pacific/Auckland' }
    })
  )
  t.strictSame(stay.start, { date: '2026-01-10', time: '11:00', orInstant: '2026-01-09T22:00:00.000Z' })
  const undated = await stayOf(legacy({ checkIn: '2026-01-09T22:00:00.000Z', checkInDateLocalized: null }))
  t.strictSame(undated.start, { instant: '2026-01-09T22:00:00.000Z' })
})

t.test('a date that does not exist is no date', async t => {
  const [body, told] = hydrated({ checkInDateLocalized: '2026-02-30', checkIn: null })
  t.equal((await stayOf(body, told)).start, null)
})

t.test('the listing that was read beats the unit that the event names', async t => {
  const [body, told] = hydrated({ listingId: 'parent' }, { unitId: 'unit-7' })
  t.strictSame((await stayOf(body, told)).places, ['parent'])
  const [only, world] = hydrated({ listingId: undefined, listing: undefined }, { unitId: 'unit-7' })
  t.strictSame((await stayOf(only, world)).places, ['unit-7'])
})

t.test('a stay without a room waits for one', async t => {
  const [body, told] = hydrated({ listingId: null, listing: undefined }, { unitId: null })
  t.strictSame((await stayOf(body, told)).places, [])
})

t.test('checked in and checked out are booked, in either spelling', async t => {
  for (const status of ['checked_in', 'checked-in', 'in-house', 'checked_out', 'Checked-Out', 'confirmed']) {
    t.equal((await stayOf(legacy({ status }))).id, reservationId, status)
  }
})

t.test('canceled, closed, declined and expired are cancellations', async t => {
  for (const status of ['canceled', 'cancelled', 'closed', 'declined', 'expired']) {
    t.strictSame(
      await changesOf(lean({ status })),
      [
        {
          change: 'stays',
          bookingId: reservationId,
          version: published,
          stays: [],
          emptyBecause: status,
          cancelled: true
        }
      ],
      status
    )
  }
})

t.test('reserved and awaiting payment are tentative', async t => {
  for (const status of ['reserved', 'awaiting_payment', 'awaiting-payment']) {
    const [held] = await changesOf(legacy({ status }))
    t.match(held, { change: 'stays', stays: [], emptyBecause: status })
    t.notMatch(held, { cancelled: true })
    t.ok(await stayOf(legacy({ status }), { connection: { tentative: 'push' } }))
  }
})

t.test('an inquiry gives no access, whatever the connection says of tentative bookings', async t => {
  const changes = await changesOf(legacy({ status: 'inquiry' }), { connection: { tentative: 'push' } })
  t.match(changes.at(-1), { stays: [], emptyBecause: 'inquiry' })
})

t.test('a status nobody knows changes nothing', async t => {
  for (const status of ['haunted', '__proto__', 'constructor']) {
    t.match(await translated(legacy({ status })), { drift: 'unknown_status' })
  }
})

t.test('an owner’s stay is kept and not pushed', async t => {
  for (const source of ['owner', 'Owner', 'owner-guest', 'owner stay']) {
    t.match((await changesOf(legacy({ source }))).at(-1), { stays: [], emptyBecause: 'owner stay' }, source)
  }
  for (const source of ['manual', 'Owner referral', null, undefined]) t.ok(await stayOf(legacy({ source })))
})

t.test('a cancelled owner’s stay is a cancellation', async t => {
  const changes = await changesOf(legacy({ source: 'owner', status: 'canceled' }))
  t.match(changes.at(-1), { cancelled: true })
})

t.test('the name of a stay is its confirmation code and its guest', async t => {
  t.equal((await stayOf(legacy())).name, 'GY-1 Mara Lindqvist')
  t.equal((await stayOf(legacy({ confirmationCode: null }))).name, 'Mara Lindqvist')
})

t.test('a guest’s contact details are passed on as written', async t => {
  const guest = {
    firstName: 'Mara',
    lastName: 'Lindqvist',
    email: '',
    emails: [null, 'mara@example.com'],
    phone: 4915550001111
  }
  const stay = await stayOf(legacy({ guestId: 17, guest }))
  t.strictSame(stay.guest, {
    id: '17',
    name: 'Mara Lindqvist',
    email: 'mara@example.com',
    phone: '4915550001111'
  })
})

t.test('a guest without e-mail has none; one whose e-mail is not shown may have one', async t => {
  const shown = await stayOf(legacy({ guest: { fullName: 'Mara', email: null, phones: [''] } }))
  t.strictSame(shown.guest, { id: 'g1', name: 'Mara', email: null, phone: null })
  const [body, told] = hydrated({ guest: undefined })
  t.strictSame((await stayOf(body, told)).guest, {
    id: 'g1',
    name: undefined,
    email: undefined,
    phone: undefined
  })
})

t.test('a reservation that names nobody has no guest', async t => {
  const [body, told] = hydrated({ guestId: null, guest: { email: null } })
  const stay = await stayOf(body, told)
  t.equal(stay.guest, null)
  t.equal(stay.name, 'GY-1')
  const facts = [{ reservation: reservation({ guestId: undefined, guest: null }) }]
  const [outcome] = await outcomesOf(guesty, connection, { body: JSON.stringify(lean()) }, { facts })
  t.match(outcome?.translation, [{}, { stays: [{ guest: null }] }])
})

t.test('an answer that shows no guest does not end the stay', async t => {
  const relay = await openRelay(t)
  const id = 'demo-guesty'
  const guestAt = async (minute: string, shown: Record<string, unknown>) => {
    const body = JSON.stringify(lean({}, { publishedAt: `2026-01-05T${minute}:00Z` }))
    const world = { [`reservations/${reservationId}`]: reservation(shown) }
    await relay.deliver(id, { event: '', body, world })
    await relay.settle()
    const { reservations = [] } = await relay.held(id)
    return reservations.map(stay => stay.guest_key)
  }
  t.strictSame(await guestAt('09:15', {}), ['demo-guesty:g1'])
  t.strictSame(await guestAt('09:16', { guestId: undefined, guest: undefined }), ['demo-guesty:g1'])
  t.strictSame(await guestAt('09:17', { guestId: undefined, guest: {} }), ['demo-guesty:g1'])
  t.strictSame(
    await guestAt('09:18', { guestId: null, guest: null }),
    [],
    'unless it says that there is none'
  )
})

t.test('a note in the place of the phone hides none of the others', async t => {
  const phoneOf = async (guest: Record<string, unknown>) =>
    (await stayOf(legacy({ guest: { fullName: 'Mara', ...guest } }))).guest?.phone
  t.equal(await phoneOf({ phone: 'n/a', phones: ['-', '+4915550001111'] }), '+4915550001111')
  t.equal(await phoneOf({ phone: 'n/a', phones: null }), 'n/a')
  const [change] = await changesOf({
    event: 'guest.updated',
    guest: { _id: 'g1', phone: 'n/a', phones: ['+4915550001111'] }
  })
  t.match(change, { fields: { phone: '+4915550001111' } })
})

t.test('the key code stands in one of two places', async t => {
  t.equal((await stayOf(legacy({ keyCode: '4711' }))).preferredCode, '4711')
  t.equal((await stayOf(legacy({ keyCode: undefined, notes: { keyCode: 80213 } }))).preferredCode, '80213')
})

t.test('notes that are not shown do not say that the code was taken back', async t => {
  const unseen = { keyCode: undefined, notes: undefined }
  t.equal((await stayOf(legacy(unseen))).preferredCode, undefined)
  const [body, told] = hydrated(unseen)
  t.equal((await stayOf(body, told)).preferredCode, undefined)
})

t.test('a code is taken back where Reservations v3 says that there is none, and only there', async t => {
  const codeWith = async (facts: object) => {
    const [outcome] = await outcomesOf(
      guesty,
      connection,
      { body: JSON.stringify(lean()) },
      { facts: [{ reservation: reservation({ keyCode: null }), ...facts }] }
    )
    const change = [outcome?.translation ?? []].flat().find(each => 'stays' in each)
    return change && 'stays' in change ? change.stays[0]?.preferredCode : 'no stay'
  }
  t.equal(await codeWith({}), undefined, 'refused, or told without notes')
  t.equal(await codeWith({ keyCode: null }), null)
  t.equal(await codeWith({ keyCode: '80213' }), '80213')
  t.equal((await stayOf(legacy({ keyCode: null }))).preferredCode, null, 'nobody else is asked')
})

t.test('notes that show an empty code say that there is none', async t => {
  const [body, told] = hydrated({ keyCode: undefined, notes: { keyCode: '' } })
  t.equal((await stayOf(body, told)).preferredCode, null)
})

t.test('a reservation that is gone at Guesty is cancelled', async t => {
  t.match(await changesOf(lean()), [{ stays: [], cancelled: true, emptyBecause: 'gone', version: published }])
})

t.test('a reservation that Guesty’s API knows only a little later arrives', async t => {
  const relay = await openRelay(t)
  const id = 'demo-guesty'
  await relay.deliver(id, { event: '', body: JSON.stringify(lean({})) })
  const { translateOnce } = relay.relay.steps
  for (const waitMs of [0, 1_000, 2_000]) {
    relay.clock.now += waitMs
    while ((await translateOnce()) === 'busy');
  }
  const world = { [`reservations/${reservationId}`]: reservation() }
  await relay.deliver(id, { event: '', body: JSON.stringify({ event: 'calendar.updated.v2' }), world })
  await relay.settle()
  t.match((await relay.held(id)).reservations, [{ starts_at: '2026-01-10T14:00:00Z' }])
})

t.test('a reservation that Guesty’s API goes on not to know is taken away in the end', async t => {
  const relay = await openRelay(t)
  const id = 'demo-guesty'
  const tell = async (minute: string, world: Record<string, unknown>) => {
    const meta = { publishedAt: `2026-01-05T09:${minute}:00Z` }
    await relay.deliver(id, { event: '', body: JSON.stringify(lean({}, meta)), world })
    await relay.settle()
    return (await relay.held(id)).reservations ?? []
  }
  const name = `reservations/${reservationId}`
  const known = reservation({ lastUpdatedAt: '2026-01-05T09:14:59Z' })
  t.equal((await tell('15', { [name]: known })).length, 1)
  t.strictSame(await tell('16', { [name]: null }), [])
  const states = await relay.store.db.selectFrom('deliveries').select(['state', 'attempts']).execute()
  t.strictSame(
    states.toSorted((a, b) => a.attempts - b.attempts),
    [
      { state: 'translated', attempts: 1 },
      { state: 'translated', attempts: 6 }
    ]
  )
})

t.test('an answer without status does not make a cancelled stay look live', async t => {
  const relay = await openRelay(t)
  const id = 'demo-guesty'
  const name = `reservations/${reservationId}`
  const deliver = (minute: string, status: string, shown: Record<string, unknown>) => {
    const body = JSON.stringify(lean({ status }, { publishedAt: `2026-01-05T${minute}:00Z` }))
    return relay.deliver(id, { event: '', body, world: { [name]: reservation(shown) } })
  }
  const stays = async () => {
    await relay.settle()
    return (await relay.held(id)).reservations ?? []
  }
  await deliver('09:15', 'confirmed', {})
  t.equal((await stays()).length, 1)
  await deliver('12:00', 'canceled', {})
  t.strictSame(await stays(), [])
  await deliver('09:16', 'confirmed', { status: undefined, lastUpdatedAt: '2026-01-05T12:05:00Z' })
  t.strictSame(await stays(), [])
})

t.test('facts that were kept without a status say nothing of the booking', async t => {
  const facts = [{ reservation: { _id: reservationId, lastUpdatedAt: '2026-01-06T00:00:00Z' } }]
  const [outcome] = await outcomesOf(guesty, connection, { body: JSON.stringify(lean()) }, { facts })
  t.match(outcome?.translation, { drift: 'unknown_status' })
})

t.test('what was read counts before what the event says', async t => {
  const [body, told] = hydrated({ status: 'canceled', lastUpdatedAt: '2026-01-06T00:00:00Z' })
  t.match((await changesOf(body, told)).at(-1), { cancelled: true, version: Date.parse('2026-01-06') })
})

t.test('what a reservation tells of its listing is told on, where it stays there', async t => {
  const [first] = await changesOf(legacy({ status: 'confirmed' }))
  t.match(first, { kind: 'place', id: listingId, fields: { timeZone: 'Europe/Berlin' }, whole: false })
  for (const status of ['canceled', 'inquiry', 'reserved']) {
    t.match(await changesOf(legacy({ status })), [{ change: 'stays', stays: [] }])
  }
})

t.test('every envelope is understood', async t => {
  const entity = reservation()
  const { event } = legacy()
  const expected = await changesOf(legacy())
  t.strictSame(await changesOf({ event, data: entity }), expected)
  t.strictSame(await changesOf({ event, data: { reservation: entity } }), expected)
  t.strictSame(
    await changesOf({ event, data: { reservation: { ...entity, _id: undefined, id: entity._id } } }),
    expected
  )
})

t.test('a guest event is the whole guest', async t => {
  const guest = { _id: 'g1', firstName: 'Mara', email: 'mara@example.com', phones: [] }
  t.strictSame(await changesOf({ event: 'guest.created', by: 'x', guest, meta: { publishedAt } }), [
    {
      change: 'upsert',
      kind: 'guest',
      id: 'g1',
      fields: { name: 'Mara', email: 'mara@example.com', phone: undefined },
      whole: true,
      version: published
    }
  ])
})

t.test('a deleted guest is removed', async t => {
  t.strictSame(await changesOf({ event: 'guest.deleted', data: { guestId: 'g1', publishedAt } }), [
    { change: 'remove', kind: 'guest', id: 'g1', version: published }
  ])
})

t.test('a removed listing is a place that is gone, however little the event carries', async t => {
  const expected = [{ change: 'remove', kind: 'place', id: listingId, version: published }]
  for (const rest of [{ listing: { _id: listingId } }, { data: { _id: listingId } }, { listingId }]) {
    t.strictSame(await changesOf({ event: 'listing.removed', publishedAt, ...rest }), expected)
  }
})

t.test('a listing that is not active keeps its facts', async t => {
  const listing = { _id: listingId, title: 'Loft', active: false, lastUpdatedAt: publishedAt }
  t.match(await changesOf({ event: 'listing.updated', listing }), [
    { change: 'upsert', kind: 'place', fields: { name: 'Loft' }, version: published }
  ])
})

t.test('what is no zone, no hour and no place on earth is left out', async t => {
  const listing = {
    _id: listingId,
    nickname: ' ',
    timezone: '+02:00',
    defaultCheckInTime: '3 pm',
    defaultCheckOutTime: '9:30',
    address: { full: null, lat: 91, lng: 13.4 }
  }
  const fieldsOf = async (changed: Record<string, unknown>) => {
    const [change] = await changesOf({ event: 'listing.updated', listing: { ...listing, ...changed } })
    return JSON.parse(JSON.stringify(change)).fields
  }
  t.strictSame(await fieldsOf({}), { checkOutTime: '09:30' })
  for (const timezone of ['GMT+1', 'Berlin', 'Europe/Atlantis', ' ', 5])
    t.strictSame(await fieldsOf({ timezone }), { checkOutTime: '09:30' }, `${timezone}`)
  t.match(await fieldsOf({ timezone: 'Europe/Berlin' }), { timeZone: 'Europe/Berlin' })
})

t.test('a position may be told as texts, and half of one is none', async t => {
  const positionOf = async (lat: unknown, lng: unknown) => {
    const [change] = await changesOf({
      event: 'listing.updated',
      listing: { _id: listingId, address: { lat, lng } }
    })
    return JSON.parse(JSON.stringify(change)).fields
  }
  t.strictSame(await positionOf('52.49', '13.41'), { latitude: 52.49, longitude: 13.41 })
  t.strictSame(await positionOf(52.49, 13.41), { latitude: 52.49, longitude: 13.41 })
  t.strictSame(await positionOf(52.49, null), {})
})

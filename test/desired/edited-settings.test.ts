import t from 'tap'
import {
  cancelled,
  merge,
  remove,
  type Stay,
  stays,
  upsertGuest,
  upsertPlace
} from '../../src/model/change.ts'
import type { Connection } from '../../src/model/connection.ts'
import { connectionOf, openDesired, saidOf, stayOf } from './open-desired.ts'

const relay = await openDesired(t)
const dates = { start: { date: '2027-07-01', time: '15:00' }, end: { date: '2027-07-03', time: '11:00' } }
const ada = { id: 'g1', name: 'Ada Lovelace', email: 'ada@example.com' }
const byId = { id: 'g1' }

/** The relay starts again with other settings, and Seam is sent what follows from them. */
async function startWith(differing: Partial<Connection>, connectionId?: string): Promise<void> {
  const index = relay.connections.findIndex(each => connectionId === undefined || each.id === connectionId)
  const connection = { ...(relay.connections[index] as Connection), ...differing }
  relay.connections[index] = connection
  await relay.store.commit([relay.rooms.queries.resources.redrawConnection(connection.id)])
  await relay.redraw()
  await relay.sent()
}

const lists = (differing: Partial<Connection['lists']>): Partial<Connection> => ({
  lists: { place: 'spaces', guest: 'guests', stay: 'reservations', ...differing }
})

/** What Seam shall hold, as `<kind> <key>`. */
async function atSeam(): Promise<string[]> {
  const rows = await relay.store.db
    .selectFrom('resources')
    .select(['kind', 'key'])
    .where('customer_key', 'in', [...new Set(relay.connections.map(each => each.customerKey))])
    .where('fields', 'is not', null)
    .orderBy('kind')
    .orderBy('key')
    .execute()
  return rows.map(row => `${row.kind} ${row.key}`)
}

async function fieldsOf(kind: string, key: string): Promise<Record<string, unknown> | null> {
  const row = await relay.store.db
    .selectFrom('resources')
    .select('fields')
    .where('customer_key', '=', String(relay.connections[0]?.customerKey))
    .where('kind', '=', kind as 'guest')
    .where('key', '=', key)
    .executeTakeFirst()
  return JSON.parse(row?.fields ?? 'null')
}

const tell = (version: number, differing: Partial<Stay> = {}, id = 'b1') =>
  relay.say([stays(id, version, [stayOf(id, differing)])])

t.test('another list for guests ends no stay: it stays as it is until it is told again', async t => {
  relay.anew()
  await tell(1, { guest: ada })
  await relay.sent()
  const before = await relay.all()
  await startWith(lists({ guest: 'user_identities' }))
  t.same(await relay.all(), before)
})

t.test('a guest told of again is in the other list, with all that was known and all stays', async t => {
  relay.anew()
  await tell(1, { guest: ada })
  await tell(1, { guest: byId }, 'b2')
  await relay.sent()
  await startWith(lists({ guest: 'user_identities' }))
  await tell(2, { guest: byId })
  t.same(await atSeam(), [
    'reservation lake:b1',
    'reservation lake:b2',
    'space lake:p1',
    'user_identity lake:g1'
  ])
  t.equal((await fieldsOf('user_identity', 'lake:g1'))?.email_address, undefined, 'Seam has the guest still')
  await relay.sent()
  t.same(await fieldsOf('user_identity', 'lake:g1'), {
    user_identity_key: 'lake:g1',
    name: 'Ada Lovelace',
    email_address: 'ada@example.com'
  })
  for (const id of ['b1', 'b2'])
    t.equal((await fieldsOf('reservation', `lake:${id}`))?.user_identity_key, 'lake:g1')
  await relay.say([cancelled('b1', 3), cancelled('b2', 3)])
  t.same(await atSeam(), ['space lake:p1'])
})

t.test('a stay that was held goes with its guest of the former list', async t => {
  relay.anew()
  await tell(1, { ...dates, guest: ada })
  await startWith(lists({ guest: 'users' }))
  await relay.say([upsertPlace('p1', 2, { timeZone: 'Europe/Berlin' })])
  t.equal((await fieldsOf('reservation', 'lake:b1'))?.guest_key, 'lake:g1')
  t.same(await atSeam(), ['guest lake:g1', 'reservation lake:b1', 'space lake:p1'])
})

t.test('of several former lists the guest is taken from the one where it was told of last', async t => {
  relay.anew()
  await tell(1, { guest: { id: 'g1', name: 'Ada' } })
  await startWith(lists({ guest: 'users' }))
  await tell(2, { guest: ada })
  await relay.sent()
  await startWith(lists({ guest: 'tenants' }))
  t.equal((await fieldsOf('reservation', 'lake:b1'))?.user_key, 'lake:g1')
  await startWith(lists({}))
  t.equal((await fieldsOf('reservation', 'lake:b1'))?.guest_key, 'lake:g1', 'it was there before')
  await relay.sent()
  t.equal((await fieldsOf('guest', 'lake:g1'))?.name, 'Ada Lovelace')
  t.same(await atSeam(), ['guest lake:g1', 'reservation lake:b1', 'space lake:p1'])
})

t.test('the former list where a guest was told of last counts, and not the one that comes last', async t => {
  relay.anew([connectionOf(lists({ guest: 'users' }))])
  await tell(1, { guest: { id: 'g1', name: 'Ada' } })
  await startWith(lists({}))
  await tell(2, { guest: ada })
  await startWith(lists({ guest: 'tenants' }))
  t.equal((await fieldsOf('reservation', 'lake:b1'))?.guest_key, 'lake:g1')
})

t.test('a guest merged away under a former list leads on to the other one', async t => {
  relay.anew()
  await tell(1, { guest: ada })
  await relay.say([upsertGuest('g2', 1, { name: 'Ada King' }), merge('guest', 'g1', 'g2', 2)])
  await startWith(lists({ guest: 'users' }))
  t.equal((await fieldsOf('reservation', 'lake:b1'))?.guest_key, 'lake:g2')
})

t.test('another list for stays takes along what is not told again', async t => {
  relay.anew()
  await tell(1, { guest: ada, preferredCode: '4711', name: 'Lovelace' })
  await relay.sent()
  await startWith(lists({ stay: 'bookings' }))
  await tell(2, { guest: byId })
  t.match(await fieldsOf('booking', 'lake:b1'), { preferred_code: '4711', name: 'Lovelace' })
  t.equal(await fieldsOf('reservation', 'lake:b1'), null)
  await startWith(lists({}))
  await tell(3, { guest: byId, name: 'King' })
  t.match(await fieldsOf('reservation', 'lake:b1'), { preferred_code: '4711', name: 'King' })
  t.equal(await fieldsOf('booking', 'lake:b1'), null)
})

t.test('old news of a stay moves it to no other list', async t => {
  relay.anew()
  await tell(2, { guest: ada })
  await startWith(lists({ stay: 'bookings' }))
  await tell(1, { guest: byId, preferredCode: '4711' })
  t.same(await atSeam(), ['guest lake:g1', 'reservation lake:b1', 'space lake:p1'])
  await tell(3, { guest: byId })
  t.same(await atSeam(), ['booking lake:b1', 'guest lake:g1', 'space lake:p1'])
  t.match(await fieldsOf('booking', 'lake:b1'), { preferred_code: '4711' })
})

t.test('what is told of a place under one key is known under the others, there and back', async t => {
  relay.anew()
  const startsAt = async () => (await relay.see('lake:b1'))?.fields?.starts_at
  await relay.say([upsertPlace('p1', 1, { timeZone: 'Europe/Berlin', checkOutTime: '10:00' })])
  await tell(1, dates)
  await startWith({ places: { p1: { key: 'house' } } })
  t.equal(await startsAt(), '2027-07-01T13:00:00Z')
  await relay.say([upsertPlace('p1', 2, { timeZone: 'Asia/Tokyo' })])
  await startWith({ places: {} })
  t.equal(await startsAt(), '2027-07-01T06:00:00Z')
  t.match(await fieldsOf('space', 'lake:p1'), {
    customer_data: { time_zone: 'Asia/Tokyo', default_checkout_time: '10:00' }
  })
  await startWith({ places: { p1: { key: 'barn' } } })
  t.equal(await startsAt(), '2027-07-01T06:00:00Z')
  await relay.say([remove('place', 'p1', 3)])
  await startWith({ places: { p1: { key: 'house' } } })
  t.match(await relay.see('lake:b1'), { fields: null, held: /removed/ })
})

t.test('what is told of a place before it is drawn again finds what was known of it', async t => {
  relay.anew()
  await relay.say([upsertPlace('p1', 1, { timeZone: 'Europe/Berlin' })])
  await tell(1, dates)
  relay.connections[0] = { ...(relay.connections[0] as Connection), places: { p1: { key: 'house' } } }
  await relay.say([upsertPlace('p1', 2, { name: 'Loft' })])
  t.match(await fieldsOf('space', 'house'), { name: 'Loft', customer_data: { time_zone: 'Europe/Berlin' } })
})

const berlin = { timeZone: 'Europe/Berlin', checkInTime: '14:00', checkOutTime: '10:00' }
const tokyo = { timeZone: 'Asia/Tokyo', checkInTime: '18:00', checkOutTime: '12:00' }
const inBerlin = { starts_at: '2027-07-01T12:00:00Z', ends_at: '2027-07-03T08:00:00Z' }
const inTokyo = { starts_at: '2027-07-01T09:00:00Z', ends_at: '2027-07-03T03:00:00Z' }
const byDate = { start: { date: '2027-07-01' }, end: { date: '2027-07-03' } }
const stayIn = (place: string, id: string, version = 1) =>
  stays(id, version, [stayOf(id, { ...byDate, places: [place] })])

t.test('a key that goes to another place brings it neither the name nor the hours of the former', async t => {
  relay.anew([connectionOf({ places: { p1: { key: 'house', name: 'House' } } })])
  await relay.say([upsertPlace('p2', 1, { name: 'Attic', ...tokyo }), stayIn('p2', 'b2')])
  await relay.say([upsertPlace('p1', 2, { name: 'Loft', ...berlin }), stayIn('p1', 'b1')])
  await relay.sent()
  await startWith({ places: { p2: { key: 'house', name: 'House' } } })
  t.match(await relay.see('lake:b2'), { fields: { ...inTokyo, space_keys: ['house'] } })
  t.match(await relay.see('lake:b1'), { fields: { ...inBerlin, space_keys: ['lake:p1'] } })
  t.match(await fieldsOf('space', 'house'), { name: 'House', customer_data: { time_zone: 'Asia/Tokyo' } })
  t.match(await fieldsOf('space', 'lake:p1'), { name: 'Loft', customer_data: { time_zone: 'Europe/Berlin' } })
  t.equal(await fieldsOf('space', 'lake:p2'), null)
  await relay.say([upsertPlace('p1', 3, tokyo)])
  t.match(await relay.see('lake:b2'), { fields: inTokyo })
  await relay.say([upsertPlace('p2', 3, berlin)])
  t.match(await relay.see('lake:b2'), { fields: inBerlin })
})

t.test('a key that goes to another place does not bring it the removal of the former', async t => {
  relay.anew([connectionOf({ places: { p1: { key: 'house' } } })])
  await relay.say([upsertPlace('p1', 1, berlin), upsertPlace('p2', 1, berlin), stayIn('p2', 'b2')])
  await relay.say([remove('place', 'p1', 2)])
  await startWith({ places: { p2: { key: 'house' } } })
  t.match(await relay.see('lake:b2'), { fields: { ...inBerlin, space_keys: ['house'] } })
  await startWith({ places: {} })
  await relay.say([stayIn('p1', 'b1', 1)])
  t.match(await relay.see('lake:b1'), { fields: null, held: /removed/ })
})

t.test('a place with another key and more stays than are drawn at once is drawn to an end', async t => {
  relay.anew()
  const many = Array.from({ length: 420 }, (_, index) => `b${index}`)
  await relay.say(many.map(id => stays(id, 1, [stayOf(id)])))
  await startWith({ places: { p1: { key: 'house' } } })
  t.same((await fieldsOf('reservation', 'lake:b419'))?.space_keys, ['house'])
  t.notOk((await atSeam()).includes('space lake:p1'))
})

t.test('places that swap their keys take along what is known of each', async t => {
  relay.anew([connectionOf({ places: { p1: { key: 'one' }, p2: { key: 'two' } } })])
  await relay.say([upsertPlace('p1', 1, berlin), upsertPlace('p2', 2, tokyo)])
  await relay.say([stayIn('p1', 'b1'), stayIn('p2', 'b2')])
  for (const [one, two] of [
    ['two', 'one'],
    ['one', 'two']
  ] as const) {
    await startWith({ places: { p1: { key: one }, p2: { key: two } } })
    t.match(await relay.see('lake:b1'), { fields: { ...inBerlin, space_keys: [one] } })
    t.match(await relay.see('lake:b2'), { fields: { ...inTokyo, space_keys: [two] } })
    t.match(await fieldsOf('space', one), { name: 'p1', customer_data: { time_zone: 'Europe/Berlin' } })
    t.match(await fieldsOf('space', two), { name: 'p2', customer_data: { time_zone: 'Asia/Tokyo' } })
  }
})

t.test(
  'a webhook that comes before the places are drawn again finds a key with the place that has it now',
  async t => {
    relay.anew([connectionOf({ places: { p1: { key: 'house' } } })])
    await relay.say([upsertPlace('p1', 2, berlin), stayIn('p1', 'b1'), upsertPlace('p2', 1, tokyo)])
    relay.connections[0] = { ...(relay.connections[0] as Connection), places: { p2: { key: 'house' } } }
    await relay.say([stayIn('p2', 'b2')])
    t.match(await relay.see('lake:b2'), { fields: { ...inTokyo, space_keys: ['house'] } })
    await relay.say([upsertGuest('g1', 1, { name: 'Ada' }), merge('place', 'p1', 'p2', 3)])
    t.match(await relay.see('lake:b1'), { fields: { ...inTokyo, space_keys: ['house'] } })
  }
)

t.test('a key whose connection left the file goes to the place of another connection', async t => {
  const [cove, reef] = [{ p1: { key: 'flat' } }, { p9: { key: 'flat', name: 'Flat' } }]
  relay.anew([connectionOf({ id: 'cove', places: cove }), connectionOf({ id: 'reef', places: reef })])
  const [former] = relay.connections
  await relay.say([upsertPlace('p1', 1, { name: 'Loft', ...berlin }), stayIn('p1', 'b1')], 'cove')
  await relay.sent()
  relay.connections.shift()
  await relay.say([upsertPlace('p9', 2, { name: 'Attic', ...tokyo }), stayIn('p9', 'b2', 2)], 'reef')
  t.match(await relay.see('reef:b2'), { fields: { ...inTokyo, space_keys: ['flat'] } })
  t.match(await relay.see('cove:b1'), { fields: inBerlin }, 'nobody speaks for it')
  t.match(await fieldsOf('space', 'flat'), { name: 'Flat', customer_data: { time_zone: 'Asia/Tokyo' } })
  await relay.say([upsertPlace('p9', 3, berlin)], 'reef')
  t.match(await relay.see('reef:b2'), { fields: inBerlin })
  await relay.say([remove('place', 'p9', 4)], 'reef')
  t.match(await relay.see('reef:b2'), { fields: null, held: /removed/ })
  t.equal(await fieldsOf('space', 'flat'), null)
  relay.connections.push({ ...(former as Connection), places: {} })
  await startWith({}, 'cove')
  t.match(await relay.see('cove:b1'), { fields: { ...inBerlin, space_keys: ['cove:p1'] } })
})

t.test('a place that gets a key of its own keeps what was told while it had one with another', async t => {
  const shared = { p9: { key: 'flat' } }
  relay.anew([
    connectionOf({ id: 'cove', places: { p1: { key: 'flat' } } }),
    connectionOf({ id: 'reef', places: shared })
  ])
  await relay.say([upsertPlace('p1', 1, { checkInTime: '14:00' })], 'cove')
  await relay.say([upsertPlace('p9', 1, berlin), stayIn('p9', 'b2')], 'reef')
  await relay.sent()
  await startWith({ places: {} }, 'reef')
  t.match(await relay.see('reef:b2'), { fields: { ...inBerlin, space_keys: ['reef:p9'] } })
  await relay.say([remove('place', 'p1', 2)], 'cove')
  t.match(await relay.see('reef:b2'), { fields: inBerlin })
  await relay.say([upsertPlace('p1', 3, {})], 'cove')
  await startWith({ places: shared }, 'reef')
  await relay.say([upsertPlace('p9', 4, tokyo)], 'reef')
  t.match(await relay.see('reef:b2'), { fields: { ...inTokyo, space_keys: ['flat'] } })
  await startWith({ places: {} }, 'reef')
  t.match(await relay.see('reef:b2'), { fields: { ...inTokyo, space_keys: ['reef:p9'] } })
})

t.test('of two places under one key, the one that keeps it keeps what was told of either', async t => {
  relay.anew([connectionOf({ places: { p1: { key: 'flat' }, p2: { key: 'flat' } } })])
  await relay.say([upsertPlace('p1', 1, berlin), stayIn('p1', 'b1'), stayIn('p2', 'b2')])
  await startWith({ places: { p2: { key: 'flat', name: 'Flat' } } })
  t.match(await relay.see('lake:b1'), { fields: { ...inBerlin, space_keys: ['lake:p1'] } })
  t.match(await relay.see('lake:b2'), { fields: { ...inBerlin, space_keys: ['flat'] } })
  t.match(await fieldsOf('space', 'flat'), { name: 'Flat' })
  await relay.say([upsertPlace('p1', 2, tokyo)])
  t.match(await relay.see('lake:b2'), { fields: inBerlin })
})

t.test('two places whose common key goes to a third one keep what was told of either', async t => {
  relay.anew([connectionOf({ places: { p1: { key: 'flat' }, p2: { key: 'flat' } } })])
  await relay.say([upsertPlace('p1', 1, berlin), stayIn('p2', 'b2')])
  await relay.say([upsertPlace('p3', 2, tokyo), stayIn('p3', 'b3')])
  relay.connections[0] = { ...(relay.connections[0] as Connection), places: { p3: { key: 'flat' } } }
  await relay.say([upsertPlace('p3', 3, { name: 'Attic' })])
  await startWith({})
  t.match(await relay.see('lake:b2'), { fields: { ...inBerlin, space_keys: ['lake:p2'] } })
  t.match(await relay.see('lake:b3'), { fields: { ...inTokyo, space_keys: ['flat'] } })
  t.match(await fieldsOf('space', 'lake:p1'), { customer_data: { time_zone: 'Europe/Berlin' } })
})

t.test('a place under its former key goes once no stay names it, if the relay made the key', async t => {
  relay.anew()
  await tell(1, { guest: ada })
  await relay.sent()
  await startWith({ places: { p1: { key: 'house' } } })
  t.same(await atSeam(), ['guest lake:g1', 'reservation lake:b1', 'space house'])
  await startWith({ places: { p1: { key: 'barn' } } })
  t.same(await atSeam(), ['guest lake:g1', 'reservation lake:b1', 'space barn', 'space house'])
  await startWith({ places: {} })
  t.same(await atSeam(), [
    'guest lake:g1',
    'reservation lake:b1',
    'space barn',
    'space house',
    'space lake:p1'
  ])
})

t.test('a place under a former key that the settings now give to another place stays', async t => {
  relay.anew()
  await tell(1)
  await startWith({ places: { p1: { key: 'house' }, p2: { key: 'lake:p1' } } })
  t.ok((await atSeam()).includes('space lake:p1'))
})

t.test('a place in a former list goes when the last stay that names it there has moved', async t => {
  relay.anew()
  await tell(1)
  await tell(1, {}, 'b2')
  await relay.sent()
  await startWith(lists({ place: 'rooms', stay: 'bookings' }))
  t.match(await atSeam(), [
    'guest lake:g1',
    'reservation lake:b1',
    'reservation lake:b2',
    'room lake:p1',
    'space lake:p1'
  ])
  await tell(2)
  t.ok((await atSeam()).includes('space lake:p1'), 'the other stay is there still')
  await relay.say([cancelled('b2', 2)])
  t.same(await atSeam(), ['booking lake:b1', 'guest lake:g1', 'room lake:p1'])
})

t.test('a former place that many stays have left is looked for among all that are still there', async t => {
  relay.anew()
  const many = Array.from({ length: 60 }, (_, index) => `b${index}`)
  await relay.say(many.map(id => stays(id, 1, [stayOf(id)])))
  await startWith(lists({ place: 'rooms', stay: 'bookings' }))
  const [last, ...others] = [...many].reverse()
  await relay.say(others.map(id => cancelled(id, 2)))
  t.ok((await atSeam()).includes('space lake:p1'))
  await relay.say([cancelled(String(last), 2)])
  t.notOk((await atSeam()).includes('space lake:p1'))
})

t.test('a guest whose connection left the file goes with the last stay, and the e-mail is free', async t => {
  relay.anew([connectionOf({ id: 'cove' }), connectionOf({ id: 'reef' })])
  await relay.say([stays('b1', 1, [stayOf('b1', { guest: ada })])], 'cove')
  await relay.say([stays('b2', 1, [stayOf('b2', { guest: { ...ada, id: 'g2' } })])], 'reef')
  await relay.say([cancelled('b1', 2)], 'cove')
  await relay.sent()
  relay.connections.shift()
  await relay.say([stays('b3', 1, [stayOf('b3', { guest: { ...ada, id: 'g2' } })])], 'reef')
  t.match(await fieldsOf('guest', 'cove:g1'), { email_address: 'ada@example.com' }, 'a stay needs it')
  await relay.say([cancelled('b2', 2), cancelled('b3', 2)], 'reef')
  t.equal(await fieldsOf('guest', 'cove:g1'), null)
  await relay.sent()
  await relay.say([stays('b4', 1, [stayOf('b4', { guest: { ...ada, id: 'g4' } })])], 'reef')
  t.match(await fieldsOf('guest', 'reef:g4'), { email_address: 'ada@example.com' })
})

t.test('a removed place that a newer stay names is back, in whatever order that is told', async t => {
  for (const order of [
    [0, 1],
    [1, 0]
  ]) {
    relay.anew()
    await tell(1)
    const [connection] = relay.connections
    const said = [remove('place', 'p1', 2), stays('b2', 3, [stayOf('b2')])]
    for (const index of order) {
      const change = said[index]
      if (change !== undefined) await relay.take(saidOf(connection, `e${index}`, [change]))
    }
    t.same(await atSeam(), ['guest lake:g1', 'reservation lake:b1', 'reservation lake:b2', 'space lake:p1'])
  }
})

t.test('a removed place that only an older stay names stays away', async t => {
  relay.anew()
  await relay.say([remove('place', 'p1', 2)])
  await tell(1)
  t.match(await relay.see('lake:b1'), { fields: null, held: /removed/ })
})

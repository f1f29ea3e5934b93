import t from 'tap'
import { redrawing } from '../../src/desired/redraw.ts'
import { merge, remove, stays, upsertPlace } from '../../src/model/change.ts'
import type { Connection } from '../../src/model/connection.ts'
import { connectionOf, openDesired, stayOf } from './open-desired.ts'

const relay = await openDesired(t)

t.test(
  'after a change of settings everything of the connection is drawn again, of every customer',
  async t => {
    const port = { id: 'port', customerKey: 'port-homes' }
    relay.anew([connectionOf(), connectionOf(port)])
    const dates = { start: { date: '2027-07-01', time: '15:00' }, end: { date: '2027-07-03', time: '11:00' } }
    for (const id of ['lake', 'port']) {
      await relay.say([upsertPlace('p1', 1, { name: 'Loft' }), stays('b1', 1, [stayOf('b1', dates)])], id)
    }
    relay.connections.forEach((connection, index) => {
      relay.connections[index] = { ...connection, timeZone: 'Europe/Berlin' }
    })
    const { resources } = relay.rooms.queries
    await relay.store.commit([resources.redrawConnection('lake')])
    await relay.redraw()
    t.match((await relay.see('lake:b1'))?.fields, { starts_at: '2027-07-01T13:00:00Z' })
    t.match((await relay.see('lake:p1'))?.fields, { customer_data: { time_zone: 'Europe/Berlin' } })
    t.equal((await relay.see('port:b1'))?.fields, null)
    await relay.store.commit([resources.redrawConnection('port')])
    await relay.redraw()
    t.ok((await relay.see('port:b1'))?.fields)
  }
)

t.test('a row that is drawn again and does not change is not sent', async t => {
  relay.anew([connectionOf({ id: 'hill' })])
  await relay.say([stays('b1', 1, [stayOf('b1')])])
  const before = await relay.all()
  await relay.store.commit([relay.rooms.queries.resources.redrawConnection('hill')])
  await relay.redraw()
  t.same(await relay.all(), before)
  t.same(relay.dueAfter, [1_000])
})

async function redrawWith(connectionId: string, differing: Partial<Connection>): Promise<void> {
  const index = relay.connections.findIndex(each => each.id === connectionId)
  relay.connections[index] = { ...(relay.connections[index] as Connection), ...differing }
  await relay.store.commit([relay.rooms.queries.resources.redrawConnection(connectionId)])
  await relay.redraw()
}

const spacesOf = async (key: string) => (await relay.see(key))?.fields?.space_keys

t.test(
  'another key for a place takes along what is known of it: its zone, its removal, its merge',
  async t => {
    relay.anew([connectionOf({ id: 'cove' })])
    const dates = { start: { date: '2027-07-01', time: '15:00' }, end: { date: '2027-07-03', time: '11:00' } }
    await relay.say([
      upsertPlace('p1', 1, { timeZone: 'Europe/Berlin' }),
      upsertPlace('p2', 1, { timeZone: 'Europe/Berlin' }),
      remove('place', 'p2', 2),
      merge('place', 'p3', 'p1', 2),
      stays(
        'b1',
        1,
        [1, 2, 3].map(each => stayOf(`b1_${each}`, { ...dates, places: [`p${each}`] }))
      )
    ])
    await redrawWith('cove', { places: { p1: { key: 'house' }, p2: { key: 'shed' }, p3: { key: 'barn' } } })
    t.match((await relay.see('cove:b1_1'))?.fields, {
      space_keys: ['house'],
      starts_at: '2027-07-01T13:00:00Z'
    })
    t.match(await relay.see('cove:b1_2'), { fields: null, held: /removed/ })
    t.same(await spacesOf('cove:b1_3'), ['house'])
    t.match((await relay.see('house'))?.fields, { customer_data: { time_zone: 'Europe/Berlin' } })
    t.same([(await relay.see('shed'))?.fields, (await relay.see('barn'))?.fields], [null, null])
  }
)

t.test('another list for places takes along what is known of them', async t => {
  relay.anew([connectionOf({ id: 'reef' })])
  const dates = { start: { date: '2027-07-01', time: '15:00' }, end: { date: '2027-07-03', time: '11:00' } }
  await relay.say([
    upsertPlace('p1', 1, { timeZone: 'Europe/Berlin' }),
    stays('b1', 1, [stayOf('b1', dates)])
  ])
  await redrawWith('reef', { lists: { place: 'units', guest: 'guests', stay: 'reservations' } })
  t.match((await relay.see('reef:b1'))?.fields, { unit_keys: ['reef:p1'], starts_at: '2027-07-01T13:00:00Z' })
})

t.test('what is known of a place that no stay names is taken along too', async t => {
  relay.anew([connectionOf({ id: 'cove' })])
  await relay.say([upsertPlace('p1', 1, { timeZone: 'Europe/Berlin' })])
  await redrawWith('cove', { places: { p1: { key: 'house' } } })
  const dates = { start: { date: '2027-07-01', time: '15:00' }, end: { date: '2027-07-03', time: '11:00' } }
  await relay.say([stays('b1', 1, [stayOf('b1', dates)])])
  t.match((await relay.see('cove:b1'))?.fields, { space_keys: ['house'], starts_at: '2027-07-01T13:00:00Z' })
})

t.test(
  'a stay and its guest that were pushed to other lists stay as they are until they are told of again',
  async t => {
    relay.anew([connectionOf({ id: 'reef' })])
    await relay.say([upsertPlace('p1', 1, { name: 'Reef' }), stays('b1', 1, [stayOf('b1')])])
    const keys = ['reef:g1', 'reef:b1']
    const before = await Promise.all(keys.map(relay.see))
    await redrawWith('reef', { lists: { place: 'units', guest: 'users', stay: 'bookings' } })
    t.same(await Promise.all(keys.map(relay.see)), before)
  }
)

t.test('a connection that is gone from the file leaves at Seam what is there', async t => {
  relay.anew([connectionOf({ id: 'reef' }), connectionOf({ id: 'cove' })])
  await relay.say([upsertPlace('p1', 1, { name: 'Reef' }), stays('b1', 1, [stayOf('b1')])])
  const keys = ['reef:p1', 'reef:g1', 'reef:b1']
  const before = await Promise.all(keys.map(relay.see))
  relay.connections.shift()
  await relay.store.commit([relay.rooms.queries.resources.redrawConnection('reef')])
  await relay.redraw()
  t.same(await Promise.all(keys.map(relay.see)), before)
})

t.test('a place that two connections share has for each the zone that its own settings say', async t => {
  const dates = { start: { date: '2027-07-01', time: '15:00' }, end: { date: '2027-07-03', time: '11:00' } }
  for (const order of [
    ['cove', 'reef'],
    ['reef', 'cove']
  ]) {
    relay.anew([
      connectionOf({ id: 'cove', places: { p1: { key: 'house', timeZone: 'Europe/Berlin' } } }),
      connectionOf({ id: 'reef', places: { q9: { key: 'house', timeZone: 'Europe/Lisbon' } } })
    ])
    for (const id of order) {
      const places = [id === 'cove' ? 'p1' : 'q9']
      await relay.say([stays('b1', 1, [stayOf('b1', { ...dates, places })])], id)
    }
    t.match((await relay.see('cove:b1'))?.fields, {
      space_keys: ['house'],
      starts_at: '2027-07-01T13:00:00Z'
    })
    t.match((await relay.see('reef:b1'))?.fields, {
      space_keys: ['house'],
      starts_at: '2027-07-01T14:00:00Z'
    })
  }
})

t.test('a row that is not there is not waited for', async t => {
  relay.anew()
  const [connection] = relay.connections
  if (connection === undefined) return
  const { workspaceId, customerKey } = connection
  const ref = { kind: 'guest' as const, key: 'lake:g9', asked: 1 }
  await relay.desired.apply({ workspaceId, customerKey }, { said: [], redraw: [ref], also: [] })
  t.equal(await relay.see('lake:g9'), undefined)
})

t.test('a store that refuses is asked again later, and the log says so', async t => {
  const logged: { event: string }[] = []
  const once = redrawing({
    desired: relay.desired,
    queries: {
      ...relay.rooms.queries,
      resources: {
        ...relay.rooms.queries.resources,
        toRedraw: () => Promise.reject(new TypeError('the disk is full'))
      }
    },
    log: { error: (line: { event: string }) => logged.push(line) } as never
  })
  t.equal(await once(), 'idle')
  t.same(
    logged.map(line => line.event),
    ['redraw.failed']
  )
})

t.test('a customer who cannot be drawn holds up nobody, and is tried again later', async t => {
  relay.anew([connectionOf({ id: 'cove' }), connectionOf({ id: 'reef', customerKey: 'reef-homes' })])
  const [cove, reef] = relay.connections
  const { resources } = relay.rooms.queries
  for (const id of ['cove', 'reef']) await relay.say([stays('b1', 1, [stayOf('b1')])], id)
  await relay.store.commit([resources.redrawConnection('cove'), resources.redrawConnection('reef')])
  let broken = true
  const logged: object[] = []
  const once = redrawing({
    desired: {
      apply: (lane, work) =>
        broken && lane.customerKey === cove?.customerKey
          ? Promise.reject(new TypeError('odd'))
          : relay.desired.apply(lane, work)
    },
    queries: relay.rooms.queries,
    log: { error: (line: object) => logged.push(line) } as never
  })
  const waiting = async () => [...new Set((await resources.toRedraw(100)).map(each => each.customerKey))]
  t.equal(await once(), 'busy')
  t.equal(await once(), 'idle')
  t.same(await waiting(), [cove?.customerKey])
  t.notOk((await waiting()).includes(String(reef?.customerKey)))
  t.match(logged, [{ event: 'redraw.failed', customerKey: cove?.customerKey }])
  broken = false
  t.equal(await once(), 'busy')
  t.same(await waiting(), [])
})

t.test('of many stays that name a place some are drawn at once and the others soon', async t => {
  const calls: string[] = []
  const small = await openDesired(t, undefined, {
    mostDependents: 2,
    onRedraw: () => void calls.push('redraw')
  })
  const ids = ['b1', 'b2', 'b3', 'b4', 'b5']
  const dates = { start: { date: '2027-07-01', time: '15:00' }, end: { date: '2027-07-03', time: '11:00' } }
  await small.say(ids.map(id => stays(id, 1, [stayOf(id, dates)])))
  const atSeam = async () =>
    (await Promise.all(ids.map(id => small.see(`lake:${id}`)))).filter(each => each?.fields)
  t.same(calls, [])
  await small.say([upsertPlace('p1', 2, { timeZone: 'Europe/Berlin' })])
  t.equal((await atSeam()).length, 2)
  t.same(calls, ['redraw'])
  await small.redraw()
  t.equal((await atSeam()).length, 5)
})

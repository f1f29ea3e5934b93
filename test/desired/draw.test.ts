import t from 'tap'
import { cancelled, notPushed, remove, stays, upsertGuest, upsertPlace } from '../../src/model/change.ts'
import { connectionOf, openDesired, stayOf } from './open-desired.ts'

const relay = await openDesired(t)
const dates = { start: { date: '2027-07-01' }, end: { date: '2027-07-03' } }
const hours = { timeZone: 'Europe/Lisbon', checkInTime: '15:00', checkOutTime: '11:00' }
const ada = { id: 'g1', name: 'Ada Lovelace' }

const fieldsOf = async (key: string) => (await relay.see(key))?.fields
const heldFor = async (key: string) => (await relay.see(key))?.held

t.test('a stay that waits for its place’s zone goes when the place tells it, and moves with it', async t => {
  relay.anew()
  await relay.say([stays('b1', 1, [stayOf('b1', dates)])])
  t.match(await heldFor('lake:b1'), /time zone/)
  t.equal(await fieldsOf('lake:g1'), null, 'and its guest waits too')
  await relay.say([upsertPlace('p1', 1, hours)])
  t.match(await fieldsOf('lake:b1'), { starts_at: '2027-07-01T14:00:00Z', ends_at: '2027-07-03T10:00:00Z' })
  t.ok(await fieldsOf('lake:g1'))
  await relay.say([upsertPlace('p1', 2, { timeZone: 'Europe/Berlin', checkInTime: '16:00' })])
  t.match(await fieldsOf('lake:b1'), { starts_at: '2027-07-01T14:00:00Z', ends_at: '2027-07-03T09:00:00Z' })
  await relay.say([upsertPlace('p1', 3, { timeZone: null })])
  t.equal(await fieldsOf('lake:b1'), null)
})

t.test(
  'a stay without a room is held, goes when one is assigned, and is withdrawn when it is taken away',
  async t => {
    relay.anew()
    const assigned = (version: number, places: string[]) =>
      relay.say([stays('b1', version, [stayOf('b1', { places })])])
    await assigned(1, [])
    t.match(await heldFor('lake:b1'), /no room/)
    await assigned(2, ['p1'])
    t.ok(await fieldsOf('lake:b1'))
    t.equal(await heldFor('lake:b1'), null)
    await assigned(3, [])
    t.equal(await fieldsOf('lake:b1'), null)
    t.equal(await fieldsOf('lake:g1'), null)
  }
)

t.test('a stay whose guest is not named yet goes when they are', async t => {
  relay.anew()
  await relay.say([stays('b1', 1, [stayOf('b1', { guest: null })])])
  t.match(await heldFor('lake:b1'), /no guest is named/)
  await relay.say([stays('b1', 2, [stayOf('b1', { guest: ada })])])
  t.equal((await fieldsOf('lake:b1'))?.guest_key, 'lake:g1')
})

t.test(
  'two ids under one key are one place: without either, stays in both wait until it is told again',
  async t => {
    relay.anew([connectionOf({ places: { p1: { key: 'house' }, p2: { key: 'house' } } })])
    await relay.say([stays('b1', 1, [stayOf('b1')]), stays('b2', 1, [stayOf('b2', { places: ['p2'] })])])
    t.same((await fieldsOf('lake:b2'))?.space_keys, ['house'])
    await relay.say([remove('place', 'p1', 2)])
    t.match(await heldFor('lake:b2'), /removed/)
    await relay.say([upsertPlace('p2', 3, { name: 'Loft' })])
    t.ok(await fieldsOf('lake:b1'))
    t.ok(await fieldsOf('lake:b2'))
  }
)

t.test('a place that is removed takes its stays with it until it is back', async t => {
  relay.anew()
  await relay.say([stays('b1', 1, [stayOf('b1')])])
  await relay.say([remove('place', 'p1', 2)])
  t.match(await heldFor('lake:b1'), /removed/)
  await relay.say([upsertPlace('p1', 3, { name: 'Loft' })])
  t.ok(await fieldsOf('lake:b1'))
})

t.test('a guest is at Seam while a stay there names them', async t => {
  relay.anew()
  await relay.say([upsertGuest('g1', 1, ada)])
  t.equal(await fieldsOf('lake:g1'), null, 'nobody needs them yet')
  await relay.say([stays('b1', 1, [stayOf('b1', { guest: ada })])])
  await relay.say([stays('b2', 1, [stayOf('b2', { guest: ada })])])
  t.ok(await fieldsOf('lake:g1'))
  await relay.say([cancelled('b1', 2)])
  t.ok(await fieldsOf('lake:g1'), 'the other stay does')
  await relay.say([notPushed('b2', 2, 'on hold')])
  t.equal(await fieldsOf('lake:g1'), null)
  await relay.say([stays('b2', 3, [stayOf('b2', { guest: ada })])])
  t.ok(await fieldsOf('lake:g1'))
})

t.test('a booking that goes from one guest to another and back leaves one guest', async t => {
  relay.anew()
  for (const [index, id] of ['g1', 'g2', 'g1'].entries()) {
    await relay.say([stays('b1', index + 1, [stayOf('b1', { guest: { id } })])])
    if (index === 1) await relay.sent()
    t.equal((await fieldsOf('lake:b1'))?.guest_key, `lake:${id}`)
    t.same(
      [...(await relay.all()).values()].filter(row => row.kind === 'guest' && row.fields).map(row => row.key),
      [`lake:${id}`]
    )
  }
})

t.test('guests move between bookings', async t => {
  relay.anew()
  const both = (version: number, first: string, second: string) =>
    relay.say([
      stays('b1', version, [stayOf('b1', { guest: { id: first } })]),
      stays('b2', version, [stayOf('b2', { guest: { id: second } })])
    ])
  await both(1, 'g1', 'g2')
  await relay.sent()
  await both(2, 'g2', 'g1')
  t.same(
    [(await fieldsOf('lake:b1'))?.guest_key, (await fieldsOf('lake:b2'))?.guest_key],
    ['lake:g2', 'lake:g1']
  )
  t.ok((await fieldsOf('lake:g1')) && (await fieldsOf('lake:g2')))
})

t.test('a stay that has no name of its own is renamed with its guest', async t => {
  relay.anew()
  await relay.say([stays('b1', 1, [stayOf('b1', { guest: ada })])])
  await relay.say([upsertGuest('g1', 2, { name: 'Ada King' })])
  t.equal((await fieldsOf('lake:b1'))?.name, 'Ada King')
})

t.test('the last four digits follow the guest’s number', async t => {
  relay.anew([connectionOf({ preferredCode: 'phone_last_four' })])
  await relay.say([stays('b1', 1, [stayOf('b1', { guest: { ...ada, phone: '+12125550101' } })])])
  t.equal((await fieldsOf('lake:b1'))?.preferred_code, '0101')
  await relay.say([upsertGuest('g1', 2, { phone: '+12125550102' })])
  t.equal((await fieldsOf('lake:b1'))?.preferred_code, '0102')
})

t.test(
  'a guest without a name is called after the stay, and by their own name as soon as it is told',
  async t => {
    relay.anew()
    await relay.say([stays('b1', 1, [stayOf('b1', { name: 'Lovelace party', guest: { id: 'g1' } })])])
    t.equal((await fieldsOf('lake:g1'))?.name, 'Lovelace party')
    await relay.say([upsertGuest('g1', 1, { name: 'Ada' })])
    t.equal((await fieldsOf('lake:g1'))?.name, 'Ada')
  }
)

t.test('two connections of a customer share nothing but the customer', async t => {
  relay.anew([connectionOf(), connectionOf({ id: 'hill', checkInTime: '14:00' })])
  await relay.say([stays('b1', 1, [stayOf('b1')])])
  await relay.say([stays('b1', 1, [stayOf('b1')])], 'hill')
  await relay.say([cancelled('b1', 2)])
  t.equal(await fieldsOf('lake:b1'), null)
  t.match(await fieldsOf('hill:b1'), { guest_key: 'hill:g1', space_keys: ['hill:p1'] })
  t.ok(await fieldsOf('hill:g1'))
})

t.test('what a connection left behind that is no longer in the file stays as it is', async t => {
  relay.anew([connectionOf(), connectionOf({ id: 'hill' })])
  await relay.say([upsertPlace('p1', 1, { name: 'Loft' }), stays('b1', 1, [stayOf('b1')])], 'hill')
  const before = await relay.all()
  relay.connections.splice(1, 1)
  await relay.store.commit([relay.rooms.queries.resources.redrawConnection('hill')])
  await relay.redraw()
  t.same(await relay.all(), before)
  t.same(await relay.rooms.queries.resources.toRedraw(10), [])
})

import t, { type Test } from 'tap'
import { standard } from '../src/platforms/standard/standard.ts'
import { away } from '../src/store/unavailable.ts'
import { openRelay, type TestRelay } from './open-relay.ts'
import { sampleBooking } from './platforms/sample-bookings.ts'
import { emptyDatabase } from './postgres/empty-database.ts'

// While a deployment rolls, relays that were started with different connections files work on one database.

const VERSION = Date.UTC(2027, 0, 10, 10)

/** @param placeName as the operator wants it to be called */
const file = (placeName: string, more: string[] = []) =>
  ['lakeside', ...more]
    .map(
      id => `
  - id: ${id}
    platform: standard
    customer_key: homes
    secrets: { signing_secret: whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= }
    places: { p1: { name: ${placeName} } }`
    )
    .reduce((text, each) => text + each, 'connections:')

const tell = async (t: Test, relay: TestRelay, connectionId: string, id: string, version = 1) => {
  const context = { connection: relay.connection(connectionId), now: relay.clock.now, serial: version }
  for (const sample of standard.samples.tell(
    undefined,
    sampleBooking({ id, updatedAt: VERSION + version }),
    context
  )) {
    t.equal((await relay.deliver(connectionId, sample, { id: `${id}-${version}` })).status, 200)
  }
}

async function twoRelays(t: Test) {
  const url = await emptyDatabase(t)
  const engine = { name: 'PostgreSQL', address: async () => url }
  const open = (connections: string) => openRelay(t, { engine, connections })
  const old = await open(file('Old name'))
  return { old, open }
}

const stateOf = async ({ store }: TestRelay) => {
  const deliveries = await store.db.selectFrom('deliveries').select('state').orderBy('state').execute()
  const spaces = await store.db
    .selectFrom('resources')
    .select(['key', 'fields'])
    .where('kind', '=', 'space')
    .orderBy('key')
    .execute()
  return {
    deliveries: deliveries.map(each => each.state),
    names: Object.fromEntries(spaces.map(each => [each.key, JSON.parse(each.fields ?? '{}').name]))
  }
}

t.test('what an outgrown relay takes in is drawn by the one with the newer settings', async t => {
  const { old, open } = await twoRelays(t)
  await tell(t, old, 'lakeside', 'b1')
  await old.settle()
  t.same((await stateOf(old)).names, { 'lakeside:p1': 'Old name' })

  const newer = await open(file('New name', ['hillside']))
  old.clock.now += 2_000
  await tell(t, old, 'lakeside', 'b2')
  await tell(t, newer, 'hillside', 'b3')
  t.equal(await old.relay.steps.translateOnce(), 'idle')
  await old.relay.steps.redrawOnce()
  t.match(await stateOf(old), {
    deliveries: ['received', 'received', 'translated'],
    names: { 'lakeside:p1': 'Old name' }
  })
  await newer.settle()
  t.same(await stateOf(newer), {
    deliveries: ['translated', 'translated', 'translated'],
    names: { 'hillside:p1': 'New name', 'lakeside:p1': 'New name' }
  })
})

t.test('settings that change while a delivery is in hand put it back for whoever has them', async t => {
  const { old, open } = await twoRelays(t)
  await tell(t, old, 'lakeside', 'b0')
  await old.settle()
  await tell(t, old, 'lakeside', 'b1')
  // Just looked, so that it still takes deliveries on.
  const newer = await open(file('New name', ['hillside']))
  await tell(t, newer, 'hillside', 'b2')
  t.equal(await old.relay.steps.translateOnce(), 'busy')
  const put = await old.store.db
    .selectFrom('deliveries')
    .select(['state', 'attempts', 'last_error'])
    .where('state', '=', 'received')
    .execute()
  t.same(
    put.map(each => each.state),
    ['received', 'received'],
    'the one that it knows and the one that it does not'
  )
  newer.clock.now += 60_000
  await newer.settle()
  t.same(await stateOf(newer), {
    deliveries: ['translated', 'translated', 'translated'],
    names: { 'hillside:p1': 'New name', 'lakeside:p1': 'New name' }
  })
})

t.test('a connection that is gone from the newest settings is held, whoever knew it', async t => {
  const { old, open } = await twoRelays(t)
  const first = await open(file('Old name', ['hillside']))
  const newest = await open(file('Old name'))
  await tell(t, first, 'hillside', 'b1')
  first.clock.now += 2_000
  t.equal(await first.relay.steps.translateOnce(), 'idle')
  await newest.settle()
  t.same((await stateOf(newest)).deliveries, ['held'])
  t.equal(await old.relay.steps.translateOnce(), 'idle')
})

/** Lets time pass for relays that work, a look every five seconds. */
async function pass(ms: number, ...relays: TestRelay[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5_000) {
    for (const relay of relays) {
      relay.clock.now += 5_000
      await relay.relay.steps.translateOnce()
    }
  }
}

t.test('what was left to relays that are gone is taken back: a rollout was undone', async t => {
  const { old, open } = await twoRelays(t)
  await tell(t, old, 'lakeside', 'b1')
  await old.settle()
  await open(file('New name'))
  await tell(t, old, 'lakeside', 'b2')
  await pass(55_000, old)
  t.same((await stateOf(old)).deliveries, ['received', 'translated'])
  await pass(15_000, old)
  await old.settle()
  t.same(await stateOf(old), {
    deliveries: ['translated', 'translated'],
    names: { 'lakeside:p1': 'Old name' }
  })
  t.match(old.logged.join(''), /"event":"connections.left".*"event":"connections.taken_back"/s)
})

t.test('and so is a connection that the undone settings did not have', async t => {
  const { old, open } = await twoRelays(t)
  await open(file('Old name').replaceAll('lakeside', 'hillside'))
  await tell(t, old, 'lakeside', 'b1')
  await pass(70_000, old)
  await old.settle()
  t.same((await stateOf(old)).deliveries, ['translated'])
})

t.test('a store that is away while a connection is taken back only delays that', async t => {
  const { old, open } = await twoRelays(t)
  await open(file('New name'))
  await tell(t, old, 'lakeside', 'b1')
  await pass(55_000, old)
  const { commit } = old.store
  old.store.commit = async () => {
    throw away('for a moment')
  }
  await pass(15_000, old)
  t.same((await stateOf(old)).deliveries, ['received'])
  old.store.commit = commit
  await pass(70_000, old)
  await old.settle()
  t.same((await stateOf(old)).deliveries, ['translated'])
})

t.test(
  'what the undone settings moved to another customer, and is at Seam by now, is not taken back',
  async t => {
    const { old, open } = await twoRelays(t)
    const moved = await open(file('New name').replace('homes', 'elsewhere'))
    await tell(t, moved, 'lakeside', 'b1')
    await moved.settle()
    await tell(t, old, 'lakeside', 'b2')
    await pass(70_000, old)
    t.same((await stateOf(old)).deliveries, ['received', 'translated'], 'left until the settings fit')
    t.notMatch(old.logged.join(''), /taken_back/)
  }
)

t.test('one that was started again late with the former settings, and ended, keeps nothing', async t => {
  const { open } = await twoRelays(t)
  const newer = await open(file('New name', ['hillside']))
  await open(file('Old name'))
  await tell(t, newer, 'lakeside', 'b1')
  await tell(t, newer, 'hillside', 'b2')
  await pass(70_000, newer)
  await newer.settle()
  t.same(await stateOf(newer), {
    deliveries: ['translated', 'translated'],
    names: { 'hillside:p1': 'New name', 'lakeside:p1': 'New name' }
  })
})

t.test('nothing is taken from relays that work, nor by one that did not look all the time', async t => {
  const { old, open } = await twoRelays(t)
  const newer = await open(file('New name'))
  await pass(180_000, old, newer)
  await tell(t, old, 'lakeside', 'b1')
  await pass(50_000, old)
  old.clock.now += 30_000
  await pass(50_000, old)
  t.same((await stateOf(old)).deliveries, ['received'])
  await pass(5_000, newer)
  await newer.settle()
  t.same((await stateOf(newer)).names, { 'lakeside:p1': 'New name' })
})

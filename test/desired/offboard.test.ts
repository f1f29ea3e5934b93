import t, { type Test } from 'tap'
import { offboard } from '../../src/desired/offboard.ts'
import { stays } from '../../src/model/change.ts'
import { stampOf } from '../../src/model/stamp.ts'
import type { Lane } from '../../src/store/resources.ts'
import { connectionOf, laneOf, NOON, openDesired, stayOf, type TestDesired } from './open-desired.ts'

const lake = connectionOf()
const hill = connectionOf({ id: 'hill', customerKey: 'hill-homes' })
const off = stampOf(2, 'd9', true)

function takeOff({ store, rooms }: TestDesired, lane: Lane, stamp = off, onDue = (_afterMs: number) => {}) {
  const { queries, offboarding } = rooms
  return offboard({ store, queries, offboarding, now: () => NOON, onDue }, lane, stamp, [])
}

/** Seam has been told that the customer is off. */
async function forgotten({ store, rooms, redraw }: TestDesired, lane: Lane) {
  await store.commit(rooms.offboarding.end(lane, off))
  await redraw()
}

const booked = (id: string, guest: string, email?: string) => [
  stays(id, 3, [stayOf(id, { guest: { id: guest, name: 'Ada', ...(email !== undefined && { email }) } })])
]

/** Ada is a guest of both; Seam knows of her e-mail at the lake, and the hill has to wait for it. */
async function openShared(t: Test) {
  const relay = await openDesired(t, [lake, hill])
  await relay.say([
    stays('b1', 1, [stayOf('b1', { guest: { id: 'g1', name: 'Ada', email: 'ada@example.com' } })])
  ])
  await relay.sent()
  await relay.say(booked('h1', 'g1', 'ada@example.com'), 'hill')
  const atHill = async () => (await relay.see('hill:g1'))?.fields?.email_address
  t.equal(await atHill(), undefined)
  return { relay, atHill, lane: laneOf(lake) }
}

t.test('a customer of whom another worker hears meanwhile is taken off all the same', async t => {
  const relay = await openDesired(t)
  const lane = laneOf(relay.connections[0] ?? connectionOf())
  await relay.say([stays('b1', 1, [stayOf('b1')])])
  relay.store.beforeNextCommit = () => relay.say([stays('b2', 1, [stayOf('b2')])])
  const dueAfter: number[] = []
  await takeOff(relay, lane, off, afterMs => void dueAfter.push(afterMs))
  t.same([...(await relay.all()).keys()], [])
  t.match(await relay.rooms.queries.lanes.state(lane), { offboardStamp: off, offboardDue: true })
  t.same(dueAfter, [0], 'and Seam is told at once')
})

t.test('an e-mail that Seam still has under a customer who leaves is nobody else’s', async t => {
  for (const email of ['bea@example.com', undefined]) {
    const { relay, atHill, lane } = await openShared(t)
    await takeOff(relay, lane)
    await relay.redraw()
    t.equal(await atHill(), undefined, 'Seam does not know yet')
    await relay.say(booked('b1', 'g1', email))
    await relay.redraw()
    t.equal(await atHill(), undefined, 'nor where the person is told again with another, or with none')
    await forgotten(relay, lane)
    t.equal(await atHill(), 'ada@example.com', 'then it comes free')
    t.equal((await relay.see('lake:g1'))?.fields?.email_address, email)
  }
})

t.test(
  'a person who is told again with another e-mail and then with the first one has that in the end',
  async t => {
    const relay = await openDesired(t, [lake])
    const lane = laneOf(lake)
    await relay.say([
      stays('b1', 1, [stayOf('b1', { guest: { id: 'g1', name: 'Ada', email: 'ada@example.com' } })])
    ])
    await relay.sent()
    await takeOff(relay, lane)
    await relay.say(booked('b1', 'g1', 'bea@example.com'))
    await relay.say(booked('b1', 'g1', 'ada@example.com'))
    await forgotten(relay, lane)
    t.equal((await relay.see('lake:g1'))?.fields?.email_address, 'ada@example.com')
    const owned = await relay.store.db.selectFrom('contacts').select(['value', 'key', 'state']).execute()
    t.strictSame(owned, [{ value: 'ada@example.com', key: 'lake:g1', state: 'owner' }])
  }
)

t.test(
  'another person of a customer who leaves may have the e-mail at once, as Seam hears of them later',
  async t => {
    const { relay, atHill, lane } = await openShared(t)
    await takeOff(relay, lane)
    await relay.say([...booked('b1', 'g1', 'bea@example.com'), ...booked('b2', 'g2', 'ada@example.com')])
    t.equal((await relay.see('lake:g1'))?.fields?.email_address, 'bea@example.com')
    t.equal((await relay.see('lake:g2'))?.fields?.email_address, 'ada@example.com')
    await forgotten(relay, lane)
    t.equal(await atHill(), undefined)
  }
)

t.test('where Seam is told while the person is told again, the e-mail comes free all the same', async t => {
  const { relay, atHill, lane } = await openShared(t)
  await takeOff(relay, lane)
  relay.store.beforeNextCommit = () => forgotten(relay, lane)
  await relay.say(booked('b1', 'g1', 'bea@example.com'))
  await relay.redraw()
  t.equal(await atHill(), 'ada@example.com')
  t.same(await relay.store.db.selectFrom('contacts').select('key').where('key', '=', '').execute(), [])
})

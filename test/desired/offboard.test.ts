import { deepStrictEqual } from 'node:assert'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { offboard } from '../../src/desired/offboard.ts'
import type { CallChange } from '../../src/model/call.ts'
import { type Change, remove, type StayGuest, stays, upsertPlace } from '../../src/model/change.ts'
import { stampOf } from '../../src/model/stamp.ts'
import type { Lane } from '../../src/store/resources.ts'
import { runs } from '../engines.ts'
import { anyChange } from './changes.ts'
import { connectionOf, laneOf, NOON, openDesired, saidOf, stayOf, type TestDesired } from './open-desired.ts'

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

t.test('what is said again as of before a customer was taken off no longer counts as of since', async t => {
  const relay = await openDesired(t, [lake])
  await takeOff(relay, laneOf(lake))
  const say = (id: string, change: Change) => relay.take(saidOf(lake, id, [change]))
  await say('d1', upsertPlace('p1', 3, { name: 'Loft' }))
  await say('d2', remove('place', 'p1', 4))
  t.equal((await relay.see('lake:p1'))?.fields, null)
  await say('d2', remove('place', 'p1', 1))
  t.match((await relay.see('lake:p1'))?.fields, { space_key: 'lake:p1' }, 'it was removed before')
  await say('d3', upsertPlace('p2', 3, { name: 'Attic' }))
  t.match((await relay.see('lake:p2'))?.fields, { name: 'Attic' })
  await say('d3', upsertPlace('p2', 1, { name: 'Attic' }))
  t.equal((await relay.see('lake:p2'))?.fields, null, 'it was told of before')
})

t.test('a stay that callers alone have told of since its customer was taken off is theirs', async t => {
  const relay = await openDesired(t, [lake])
  const say = (deliveryId: string, change: CallChange) => {
    const said = [{ change, deliveryId, eventIndex: 0, changeIndex: 0 }]
    return relay.desired.apply(laneOf(lake), { said, redraw: [], also: [] })
  }
  await relay.say([stays('b1', 1, [stayOf('b1')]), stays('b2', 1, [stayOf('b2')])])
  for (const key of ['lake:b1', 'lake:b2'])
    await say('d5', { change: 'push', kind: 'reservation', key, fields: { name: 'Ada' }, version: 3 })
  await relay.say([stays('b2', 4, [stayOf('b2', { name: 'Bo', guest: null })])])
  await takeOff(relay, laneOf(lake))
  await relay.redraw()
  t.match(await relay.see('lake:b1'), { fields: { name: 'Ada' }, held: null }, 'needs not be whole')
  t.match(await relay.see('lake:b2'), { fields: null, held: String }, 'the other one is the platform’s')
})

/** What callers say, under keys that bookings, guests and places of the platform have too. */
const keyOf = (...ids: string[]) => fc.constantFrom(...ids.map(id => `lake:${id}`))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const named = fc.constant({ name: 'Told by a caller' })
const anyEntry = fc.oneof(
  fc.record({
    kind: fc.constant('reservation' as const),
    key: keyOf('b1', 'b1_r1', 'b2', 'shared'),
    fields: fc.record({
      name: fc.constantFrom('Lovelace', 'Hopper'),
      space_keys: maybe(fc.subarray(['lake:p1', 'lake:p2'])),
      guest_key: maybe(keyOf('g1', 'g2'))
    })
  }),
  fc.record({ kind: fc.constant('space' as const), key: keyOf('p1', 'p2'), fields: named }),
  fc.record({ kind: fc.constant('guest' as const), key: keyOf('g1', 'g2'), fields: named })
)
const anyCall: fc.Arbitrary<CallChange> = fc
  .tuple(anyEntry, fc.integer({ min: 1, max: 7 }), fc.nat({ max: 3 }))
  .map(([{ kind, key, fields }, version, mood]) =>
    mood === 0
      ? { change: 'erase', kind, key, version, winsTies: true, evenIfUnknown: true, everywhere: true }
      : { change: 'push', kind, key, fields, version }
  )

/** Guests may be told with a version of their own: what an old stay tells of them as of later counts. */
function allOld(word: Change | CallChange, until: number): Change | CallChange {
  if (word.change !== 'stays') return word
  const asOld = (guest: StayGuest) => ({ ...guest, version: Math.min(guest.version ?? word.version, until) })
  return {
    ...word,
    stays: word.stays.map(stay => ({ ...stay, ...(stay.guest && { guest: asOld(stay.guest) }) }))
  }
}

t.test('what was said before a customer was taken off changes nothing, whenever it comes', async t => {
  const relay = await openDesired(t, [lake])
  const lakeNow = () => relay.connections[0] ?? lake
  const at = 4
  const offAt = stampOf(at, 'd9', true)

  async function take(index: number, word: Change | CallChange): Promise<void> {
    const id = `d${index + 100}`
    if (word.change !== 'push' && word.change !== 'erase') return relay.take(saidOf(lakeNow(), id, [word]))
    const said = { change: word, deliveryId: id, eventIndex: 0, changeIndex: 0 }
    await relay.desired.apply(laneOf(lakeNow()), { said: [said], redraw: [], also: [] })
  }

  async function outcome(words: (Change | CallChange | undefined)[]) {
    relay.anew([lake])
    await takeOff(relay, laneOf(lakeNow()), offAt)
    await relay.store.commit(relay.rooms.offboarding.end(laneOf(lakeNow()), offAt))
    for (const [index, word] of words.entries()) if (word !== undefined) await take(index, word)
    await relay.sent()
    const rows = [...(await relay.all()).values()].filter(row => row.fields !== null || row.held !== null)
    return rows.map(row => ({ ...row, revision: 0 }))
  }

  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(anyChange, anyCall), { minLength: 1, maxLength: 12 }), async words => {
      const since = words.map(word => (word.version > at ? word : undefined))
      const all = words.map(word => (word.version > at ? word : allOld(word, at)))
      deepStrictEqual(await outcome(all), await outcome(since))
    }),
    { numRuns: runs(120) }
  )
})

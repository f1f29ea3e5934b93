import t from 'tap'
import { CALLERS } from '../../src/model/call.ts'
import { DAY_MS } from '../../src/model/durations.ts'
import { tombstonesRoom } from '../../src/prune/tombstones.ts'
import type { DesiredRow } from '../../src/store/resources.ts'
import { strayLane } from '../../src/store/resources.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { emptyStore } from '../store/empty-store.ts'
import { aDelivery, aResource, lane, otherLane } from '../store/given.ts'

const stray = strayLane(lane.workspaceId)
const LATE = 900 * DAY_MS

async function open(rows: DesiredRow[], held: { connectionId: string }[] = []) {
  const store = await emptyStore()
  const { queries, tombstones, deliveries } = storeRooms(store)
  for (const each of [lane, otherLane, stray])
    await store.commit(queries.lanes.advance(each, undefined, undefined))
  await store.commit([queries.resources.upsert(rows)])
  for (const [serial, { connectionId }] of held.entries()) {
    await deliveries.append(aDelivery(`0000000000${serial}`, { connectionId }))
    const [claimed] = await deliveries.claim(9_000, 1, 1)
    if (claimed !== undefined) await store.commit([deliveries.end(claimed, 'held', [], 9_000)])
  }
  const connections = [
    { id: 'lakeside', ...lane },
    { id: 'beside', ...lane },
    { id: 'hillside', ...otherLane }
  ]
  const room = tombstonesRoom({ store, tombstones, queries, connections })
  return {
    forget: async () => (await room.forgetResources(LATE, 100)).removed,
    left: async () =>
      (await store.db.selectFrom('resources').select('key').orderBy('key').execute()).map(row => row.key)
  }
}

const aTombstone = (key: string, told: Partial<DesiredRow> = {}) =>
  aResource(key, { fields: null, removed_stamp: '2', revision: 0, ...told })
const unneeded = { fields: null, revision: 0 }

t.test('people go when nothing needs them, removed or not; not those who are merged with others', async t => {
  const merged = JSON.stringify({ mergedInto: { value: null, stamp: '1' } })
  const { forget, left } = await open([
    aResource('g1', { ...unneeded, kind: 'guest' }),
    aTombstone('g2', { kind: 'guest' }),
    aResource('merged', { ...unneeded, kind: 'guest', facts: merged }),
    aResource('to be deleted', { kind: 'guest', fields: null })
  ])
  t.equal(await forget(), 2)
  t.same(await left(), ['merged', 'to be deleted'])
})

t.test('a place or stay goes when it was taken away, and not because Seam does not have it', async t => {
  const { forget, left } = await open([
    aTombstone('s1'),
    aTombstone('p1', { kind: 'space' }),
    aTombstone('stood for another', {
      kind: 'space',
      facts: JSON.stringify({ mergedInto: { value: 'p1', stamp: '1' } })
    }),
    aTombstone('told again', { upsert_stamp: '3' }),
    aResource('held', { ...unneeded, held: 'no zone' }),
    aResource('merged', { ...unneeded, kind: 'space' }),
    aResource('new', { ...unneeded, upsert_stamp: '' })
  ])
  t.equal(await forget(), 2)
  t.same(await left(), ['held', 'merged', 'new', 'stood for another', 'told again'])
})

t.test('resources of two kinds with one key are not mistaken for each other', async t => {
  const { forget, left } = await open([
    aTombstone('k', { kind: 'space' }),
    aResource('k', { kind: 'property', fields: '{}', revision: 0 })
  ])
  t.equal(await forget(), 1)
  t.same(await left(), ['k'])
})

for (const [who, connectionId, isKept] of [
  ['its own connection', 'lakeside', true],
  ['another connection of the customer', 'beside', true],
  ['a caller', CALLERS, true],
  ['another customer’s connection', 'hillside', false],
  ['a connection that is not in the file', 'former', false]
] as const) {
  t.test(
    `while a delivery of ${who} is held, a webhook’s tombstone ${isKept ? 'stays' : 'goes'}`,
    async t => {
      const { forget } = await open([aTombstone('s1')], [{ connectionId }])
      t.equal(await forget(), isKept ? 0 : 1)
    }
  )
}

for (const [who, connectionId] of [
  ['any connection of the workspace', 'hillside'],
  ['a connection that is not in the file', 'former']
] as const) {
  t.test(`while a delivery of ${who} is held, what nobody was known to have stays`, async t => {
    const row = aTombstone('s1', { customer_key: stray.customerKey, connection_id: CALLERS })
    const { forget } = await open([row], [{ connectionId }])
    t.equal(await forget(), 0)
  })
}

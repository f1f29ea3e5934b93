import type { Test } from 'tap'
import { idSource } from '../../src/model/ids.ts'
import { NEAR_MS } from '../../src/store/backlog.ts'
import type { Lane } from '../../src/store/resources.ts'
import { noWait } from '../../src/store/workspace-waits.ts'
import { write } from '../../src/store/write.ts'
import { aDelivery, aResource, type Engine, emptyRooms, lane, otherLane } from './given.ts'

const NOW = 10_000_000_000

export function backlogContract(t: Test, engine: Engine): void {
  t.test('of nothing there is nothing to do', async t => {
    const { backlog } = await emptyRooms(engine)
    t.same(await backlog.read(NOW), {
      translate: { due: 0, scheduled: 0, dueSince: undefined },
      sync: { due: 0, scheduled: 0, dueSince: undefined },
      places: { due: 0, dueSince: undefined },
      redraw: { due: 0 },
      paused: { translate: 0, sync: 0, places: 0 },
      pauses: { connection: 0, customer: 0, workspace: 0 },
      unsentSince: undefined,
      held: { deliveries: 0, stays: 0 },
      dead: { deliveries: 0, resources: 0 },
      arrivals: { pending: 0, refused: 0, held: 0 },
      workspaces: [],
      lastReceived: []
    })
  })

  t.test('deliveries are due from their turn on until they end, whoever has them in hand', async t => {
    const { backlog, deliveries, store } = await emptyRooms(engine)
    for (const [id, receivedAt] of Object.entries({ a: 3_000, b: 5_000, c: 7_000, d: 9_000, e: 9_500 }))
      await deliveries.append(aDelivery(id, { receivedAt: NOW - 10_000 + receivedAt }))
    t.same((await backlog.read(NOW)).translate, { due: 5, scheduled: 0, dueSince: NOW - 7_000 })
    const [a, b, c, d] = await deliveries.claim(NOW, 1_000, 4)
    if (!(a && b && c && d)) throw new TypeError('four are due')
    t.equal((await backlog.read(NOW)).translate.due, 5)
    await store.commit([
      deliveries.end(a, 'translated', [], NOW),
      deliveries.end(b, 'held', [], NOW),
      deliveries.end(c, 'dead', [], NOW),
      deliveries.retry(d, NOW + 60_000, 'RELAY_PLATFORM_UNAVAILABLE: …')
    ])
    const { translate, held, dead } = await backlog.read(NOW)
    t.same(translate, { due: 1, scheduled: 1, dueSince: NOW - 500 })
    t.equal(held.deliveries, 1)
    t.equal(dead.deliveries, 1)
  })

  t.test('of each connection it is known how many deliveries are to be translated', async t => {
    const { backlog, deliveries, store } = await emptyRooms(engine)
    t.same(await backlog.waiting(), new Map())
    for (const [id, connectionId] of Object.entries({ a: 'lake', b: 'lake', c: 'hill', d: 'hill' }))
      await deliveries.append(aDelivery(id, { connectionId, receivedAt: NOW - 1_000 }))
    const two = [
      ['hill', 2],
      ['lake', 2]
    ]
    t.same([...(await backlog.waiting())].sort(), two)
    const [first, second] = await deliveries.claim(NOW, 1_000, 2)
    if (!(first && second)) throw new TypeError('two are due')
    t.same([...(await backlog.waiting())].sort(), two, 'what is in hand is not read yet')
    await store.commit([
      deliveries.end(first, 'translated', [], NOW),
      deliveries.retry(second, NOW + 60_000, 'RELAY_PLATFORM_UNAVAILABLE: …')
    ])
    t.equal((await backlog.waiting()).get(first.connectionId), 1, 'what has ended waits no more')
  })

  t.test(
    'customers are due when they may be sent: not while they back off, nor while their workspace waits',
    async t => {
      const { backlog, queries, outbox, store } = await emptyRooms(engine)
      const { lanes } = queries
      const makeDue = (which: Lane, dueAt: number, heardAt: number) =>
        store.commit(lanes.advance(which, undefined, { dueAt, arrivalAt: null, heardAt }))
      await makeDue(lane, NOW - 4_000, NOW - 5_000)
      await makeDue(otherLane, NOW + 1_000, NOW - 900)
      await makeDue({ ...lane, workspaceId: 'held' }, NOW - 9_000, NOW - 9_500)
      await outbox.delayWorkspace('held', {
        waitUntil: NOW + 5_000,
        failures: 1,
        stopped: true,
        reason: 'no'
      })
      const first = await backlog.read(NOW)
      t.same(first.sync, { due: 1, scheduled: 2, dueSince: NOW - 4_000 })
      t.equal(first.unsentSince, NOW - 9_500, 'what waits for Seam is not at Seam')
      t.same(first.workspaces, [{ id: 'held', stopped: true, waitUntil: NOW + 5_000 }])

      const claimed = await lanes.claim(NOW, 1_000)
      if (claimed === undefined) throw new TypeError('one is due')
      const inHand = await backlog.read(NOW)
      t.same(inHand.sync, { due: 1, scheduled: 2, dueSince: undefined })
      t.equal((await backlog.read(NOW + 3_000)).sync.dueSince, NOW + 1_000, 'its holder is gone')
      await store.commit([lanes.putBack(claimed, NOW, NOW + 2_000, 'Seam does not answer')])
      t.same((await backlog.read(NOW)).sync, { due: 0, scheduled: 3, dueSince: undefined })
      t.same((await backlog.read(NOW + 2_500)).sync, { due: 2, scheduled: 1, dueSince: NOW + 1_000 })
    }
  )

  t.test('stays that begin within a day are told apart by what they wait for', async t => {
    const { backlog, queries, outbox, store } = await emptyRooms(engine)
    const near = { starts_at: NOW + NEAR_MS, revision: 1 }
    const held = { fields: null, held: 'no room is assigned' }
    await store.commit([
      ...queries.lanes.advance(lane, undefined, { dueAt: NOW, arrivalAt: null }),
      queries.resources.upsert([
        aResource('pending', near),
        aResource('pending since yesterday', { ...near, starts_at: NOW - NEAR_MS }),
        aResource('long ago', { ...near, starts_at: NOW - NEAR_MS - 1 }),
        aResource('later', { ...near, starts_at: NOW + NEAR_MS + 1 }),
        aResource('over', { ...near, starts_at: null }),
        aResource('going', { ...near, fields: null }),
        aResource('refused', near),
        aResource('refused, later', { ...near, starts_at: null }),
        aResource('settled', near),
        aResource('held', { ...near, ...held, revision: 0 }),
        aResource('held, later', { ...held, revision: 0 })
      ])
    ])
    const claimed = await queries.lanes.claim(NOW, 1_000)
    if (claimed === undefined) throw new TypeError('one is due')
    const dirty = await outbox.dirtyStays(claimed, 20)
    const called = (...keys: string[]) => dirty.filter(each => keys.includes(each.key))
    await store.commit([
      outbox.settle(claimed, called('settled')),
      ...called('refused', 'refused, later').map(each => outbox.markRefused(claimed, each, 'no', NOW))
    ])
    const read = await backlog.read(NOW)
    t.same(read.arrivals, { pending: 2, refused: 1, held: 1 })
    t.equal(read.dead.resources, 2)
    t.equal(read.held.stays, 2)
  })

  t.test('places that are due to be read, and what is to be drawn again', async t => {
    const { backlog, placeReadings, queries, store } = await emptyRooms(engine)
    const place = (placeId: string) => [{ connectionId: 'lakeside', placeId }]
    await store.commit([
      placeReadings.want(place('p1'), NOW - 100),
      placeReadings.want(place('p2'), NOW + 100),
      queries.resources.redraw(lane, [{ kind: 'reservation', key: 'r1' }])
    ])
    const read = await backlog.read(NOW)
    t.same(read.places, { due: 1, dueSince: NOW - 100 })
    t.same(read.redraw, { due: 1 })
  })

  t.test('when the newest delivery of each connection came', async t => {
    const { backlog, deliveries, store } = await emptyRooms(engine)
    const nextId = idSource(() => NOW)
    for (const at of [NOW - 50, NOW - 20]) await deliveries.append(aDelivery(nextId(at)))
    await store.commit(
      ['lakeside', 'hillside'].map(id =>
        write(store.db.insertInto('connections').values({ id, settings_hash: 'h' }))
      )
    )
    t.same((await backlog.read(NOW)).lastReceived, [{ connectionId: 'lakeside', at: NOW - 20 }])
  })

  t.test('customers of a workspace are due as soon as they may be claimed', async t => {
    const { backlog, queries, outbox, store } = await emptyRooms(engine)
    await store.commit(queries.lanes.advance(lane, undefined, { dueAt: NOW - 4_000, arrivalAt: null }))
    await outbox.settleWorkspace(lane.workspaceId, noWait, Number.MAX_SAFE_INTEGER)
    t.same((await backlog.read(NOW)).sync, { due: 1, scheduled: 0, dueSince: NOW - 4_000 }, 'it works again')
    // By a process that does not know yet what another one has found out.
    await outbox.probeWorkspace(lane.workspaceId, NOW + 1_000, Number.MAX_SAFE_INTEGER)
    t.same((await backlog.read(NOW)).sync, { due: 0, scheduled: 1, dueSince: undefined })
    t.equal(await queries.lanes.claim(NOW, 1_000), undefined)
    t.equal((await backlog.read(NOW + 1_000)).sync.due, 1)
    t.match(await queries.lanes.claim(NOW + 1_000, 1_000), lane)
  })
}

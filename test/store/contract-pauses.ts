import type { Test } from 'tap'
import { deliveriesOf } from '../../src/store/deliveries.ts'
import { lanesOf } from '../../src/store/lanes.ts'
import type { Pause, Paused } from '../../src/store/pauses.ts'
import { pushingAgainOf } from '../../src/store/push-again.ts'
import type { Store } from '../../src/store/store.ts'
import { write } from '../../src/store/write.ts'
import { aDelivery, aResource, type Engine, emptyRooms, lane, otherLane } from './given.ts'

const LEASE_MS = 60_000
const NOW = 10_000_000
const nothing = { connection_id: '', workspace_id: '', customer_key: '' }

function aPause(id: string, paused: Partial<Paused> & Pick<Paused, 'subject'>): Pause {
  return { ...nothing, ...paused, id, reason: null, since: NOW, actor: 'env-admin', actor_name: 'on call' }
}

const ofConnection = (id: string, connection_id = 'lakeside') =>
  aPause(id, { subject: 'connection', connection_id })
const ofCustomer = (id: string, { workspaceId, customerKey } = lane) =>
  aPause(id, { subject: 'customer', workspace_id: workspaceId, customer_key: customerKey })
const ofWorkspace = (id: string, workspace_id = 'default') =>
  aPause(id, { subject: 'workspace', workspace_id })

const entry = (store: Store, id: string) =>
  write(
    store.db
      .insertInto('audit')
      .values({ id, at: NOW, actor: 'a', actor_name: 'a', action: 'pause', target: 'x', detail: '{}' })
  )
const audited = async ({ db }: Store) =>
  (await db.selectFrom('audit').select('id').orderBy('id').execute()).map(row => row.id)

async function makeDue(store: Store, which = lane, dueAt = NOW): Promise<void> {
  const { committed } = await store.commit(
    lanesOf(store).advance(which, undefined, { dueAt, arrivalAt: null, heardAt: dueAt })
  )
  if (!committed) throw new TypeError('the lane is there already')
}

export function pausesContract(t: Test, engine: Engine): void {
  t.test('pausing twice is one pause, and what is resumed twice is resumed once', async t => {
    const { store, pauses } = await emptyRooms(engine)
    t.match(await pauses.begin(ofConnection('p1'), [entry(store, 'e1')]), { id: 'p1', subject: 'connection' })
    t.match(await pauses.begin({ ...ofConnection('p2'), reason: 'again' }, [entry(store, 'e2')]), {
      id: 'p1',
      reason: null
    })
    await pauses.begin(ofCustomer('p3'), [])
    await pauses.begin(ofWorkspace('p4'), [])
    t.same(
      (await pauses.all()).map(each => each.id),
      ['p1', 'p3', 'p4']
    )
    const first = await pauses.list(undefined, 2)
    t.same([first.rows.map(each => each.id), first.next], [['p1', 'p3'], 'p3'])
    t.same((await pauses.list(first.next, 2)).rows, [ofWorkspace('p4')])
    t.ok(await pauses.end('p1', [entry(store, 'e3')]))
    t.notOk(await pauses.end('p1', [entry(store, 'e4')]))
    t.same(await audited(store), ['e1', 'e2', 'e3'], 'what was not there was not resumed')
  })

  t.test(
    'a paused connection’s deliveries stay, in every process, and go in their order afterwards',
    async t => {
      const { store, deliveries, pauses } = await emptyRooms(engine)
      const elsewhere = deliveriesOf(store)
      for (const id of ['d1', 'd2', 'd3'])
        await deliveries.append(aDelivery(id, { receivedAt: NOW - 60_000 + Number(id[1]) }))
      await deliveries.append(aDelivery('o1', { connectionId: 'hillside', receivedAt: NOW - 50_000 }))
      const [inHand] = await elsewhere.claim(NOW, LEASE_MS, 1)
      await pauses.begin(ofConnection('p1'), [])
      const claimedBy = async (who: typeof deliveries, now = NOW, except?: string[]) =>
        (await who.claim(now, LEASE_MS, 10, except)).map(each => each.id)
      t.equal(inHand?.id, 'd1')
      t.same(await claimedBy(deliveries, NOW, ['hillside']), [])
      t.same(await claimedBy(elsewhere), ['o1'])
      t.same(await claimedBy(deliveries), [])
      t.same(await claimedBy(deliveries, NOW + 500), [], 'it knows by now what is to be passed over')
      await deliveries.append(aDelivery('o2', { connectionId: 'hillside', receivedAt: NOW + 600 }))
      await deliveries.append(aDelivery('o3', { connectionId: 'seaside', receivedAt: NOW + 600 }))
      t.same(await claimedBy(deliveries, NOW + 700, ['hillside']), ['o3'])
      t.same(await claimedBy(deliveries, NOW + 700), ['o2'], 'others are not held up')
      await deliveries.append(aDelivery('d4', { receivedAt: NOW + 800 }))
      t.same(await claimedBy(deliveries, NOW + 900), [])
      await pauses.begin(ofConnection('p2', 'hillside'), [])
      await pauses.end('p1', [])
      t.same(
        (await deliveries.claim(NOW + 900, LEASE_MS, 1)).map(each => each.id),
        ['d2'],
        'at once, and the oldest first'
      )
      t.same(await claimedBy(elsewhere, NOW + 900), ['d3', 'd4'])
      t.same(
        await claimedBy(elsewhere, NOW + LEASE_MS + 900),
        ['d1', 'd2', 'd3', 'd4', 'o3'],
        'leases that are over'
      )
    }
  )

  t.test('what falls due before what was passed over is found a second later', async t => {
    const { deliveries, pauses } = await emptyRooms(engine)
    await deliveries.append(aDelivery('o1', { connectionId: 'hillside', receivedAt: NOW - 60_000 }))
    await deliveries.append(aDelivery('d1', { receivedAt: NOW - 30_000 }))
    await deliveries.claim(NOW, 100, 1)
    await pauses.begin(ofConnection('p1'), [])
    t.same(await deliveries.claim(NOW, LEASE_MS, 10), [])
    t.same(await deliveries.claim(NOW + 900, LEASE_MS, 10), [])
    t.equal((await deliveries.claim(NOW + 1_000, LEASE_MS, 10))[0]?.id, 'o1')
  })

  t.test('a paused customer and those of a paused workspace are claimed by nobody', async t => {
    const { store, queries, pauses } = await emptyRooms(engine)
    const { lanes } = queries
    const european = { workspaceId: 'eu', customerKey: lane.customerKey }
    for (const which of [lane, otherLane, european]) await makeDue(store, which)
    await pauses.begin(ofCustomer('p1'), [])
    await pauses.begin(ofWorkspace('p2', 'eu'), [])
    const claimed = async (now = NOW) => (await lanes.claim(now, LEASE_MS))?.customerKey
    t.equal(await claimed(), otherLane.customerKey)
    t.equal(await claimed(), undefined)
    t.equal(await lanes.claim(NOW, LEASE_MS, 'waiting'), undefined)
    await pauses.end('p2', [])
    t.match(await lanes.claim(NOW, LEASE_MS), european)
    await pauses.begin(ofWorkspace('p3', 'eu'), [])
    t.equal((await lanes.claim(NOW + LEASE_MS, LEASE_MS))?.customerKey, otherLane.customerKey)
    t.equal(await claimed(NOW + LEASE_MS), undefined, 'nobody takes over from one who is gone')
    await pauses.end('p1', [])
    t.equal(await claimed(NOW + LEASE_MS), lane.customerKey)
  })

  t.test('a paused customer does not find out whether its workspace works again', async t => {
    const { store, queries, outbox, pauses } = await emptyRooms(engine)
    for (const which of [lane, otherLane]) await makeDue(store, which)
    await pauses.begin(ofCustomer('p1'), [])
    await outbox.delayWorkspace('default', { waitUntil: NOW - 1, failures: 1, stopped: true, reason: 'no' })
    t.match(await queries.lanes.claim(NOW, LEASE_MS), { ...otherLane, probeUntil: Number })
    await outbox.probeWorkspace('default', NOW, Number.MAX_SAFE_INTEGER)
    t.equal(await queries.lanes.claim(NOW, LEASE_MS), undefined)
  })

  t.test('places of a paused connection are not read', async t => {
    const { store, placeReadings, pauses } = await emptyRooms(engine)
    const place = (connectionId: string) => [{ connectionId, placeId: 'p1' }]
    await store.commit([
      placeReadings.want(place('lakeside'), NOW - 10),
      placeReadings.want(place('hillside'), NOW)
    ])
    await pauses.begin(ofConnection('p1'), [])
    t.equal((await placeReadings.claim(NOW, LEASE_MS))?.connectionId, 'hillside')
    t.equal(await placeReadings.claim(NOW, LEASE_MS), undefined)
  })

  t.test('what is paused is counted by itself, and is neither due nor unsent', async t => {
    const { store, backlog, deliveries, placeReadings, queries, pauses } = await emptyRooms(engine)
    for (const connectionId of ['lakeside', 'hillside'])
      await deliveries.append(aDelivery(connectionId, { connectionId, receivedAt: NOW - 5_000 }))
    for (const [which, dueAt] of [
      [lane, NOW - 3_000],
      [otherLane, NOW - 2_000],
      [{ ...lane, workspaceId: 'eu' }, NOW - 1_000]
    ] as const)
      await makeDue(store, which, dueAt)
    await store.commit([placeReadings.want([{ connectionId: 'lakeside', placeId: 'p1' }], NOW - 10)])
    const [inHand] = [await queries.lanes.claim(NOW, LEASE_MS)]
    t.match(inHand, lane)
    await pauses.begin(ofConnection('p1'), [])
    await pauses.begin(ofCustomer('p2'), [])
    await pauses.begin(ofCustomer('p3', otherLane), [])
    await pauses.begin(ofWorkspace('p4', 'eu'), [])
    const read = await backlog.read(NOW)
    t.same(read.translate, { due: 1, scheduled: 0, dueSince: NOW - 5_000 })
    t.same(read.sync, { due: 1, scheduled: 0, dueSince: undefined }, 'what is in hand goes on')
    t.same(read.places, { due: 0, dueSince: undefined })
    t.same(read.paused, { translate: 1, sync: 2, places: 1 })
    t.same(read.pauses, { connection: 1, customer: 2, workspace: 1 })
    t.equal(read.unsentSince, NOW - 3_000)
    const over = await backlog.read(NOW + LEASE_MS)
    t.same(over.sync, { due: 0, scheduled: 0, dueSince: undefined })
    t.equal(over.paused.sync, 3)
    t.equal(over.unsentSince, undefined)
  })

  t.test('a customer that is pushed again goes whole, also after what is being sent just now', async t => {
    const { store, queries, outbox } = await emptyRooms(engine)
    const { pushAgain } = pushingAgainOf(store)
    t.equal(await pushAgain(lane, NOW, [entry(store, 'e0')]), undefined)
    await makeDue(store)
    const stay = (key: string, told = {}) => aResource(key, { starts_at: NOW + 1_000, ...told })
    await store.commit([
      queries.resources.upsert([
        stay('held', { fields: null, held: 'no room' }),
        stay('sent'),
        stay('refused', { starts_at: NOW + 500 }),
        stay('going', { fields: null }),
        stay('refused and going', { fields: null })
      ])
    ])
    const claimed = await queries.lanes.claim(NOW, LEASE_MS)
    if (claimed === undefined) throw new TypeError('it is due')
    const dirty = await outbox.dirtyStays(claimed, 20)
    const named = (...keys: string[]) => dirty.filter(each => keys.includes(each.key))
    await store.commit([
      ...named('refused', 'refused and going').map(each => outbox.markRefused(claimed, each, 'no', NOW)),
      outbox.settle(claimed, named('held'))
    ])
    t.equal(await pushAgain(lane, NOW + 1, [entry(store, 'e1')]), 2, 'what Seam should hold')
    t.same(await audited(store), ['e1'])
    await store.commit([outbox.settle(claimed, named('sent'))])
    t.same(
      (await outbox.dirtyStays(claimed, 20)).map(each => [each.key, each.revision]),
      [
        ['going', 1],
        ['refused and going', 2],
        ['refused', 2],
        ['sent', 2]
      ],
      'settled as it was sent, and to be sent again'
    )
    t.equal(await queries.lanes.claim(NOW + 1, LEASE_MS), undefined, 'it is in hand')
    await store.commit([queries.lanes.release(claimed)])
    t.match(await queries.lanes.claim(NOW + 1, LEASE_MS), { ...lane, arrivalAt: NOW + 500 })
  })

  t.test('a customer that is pushed again waits for no back-off of its own', async t => {
    const { store, queries } = await emptyRooms(engine)
    await makeDue(store)
    const claimed = await queries.lanes.claim(NOW, LEASE_MS)
    if (claimed === undefined) throw new TypeError('it is due')
    await store.commit([queries.lanes.putBack(claimed, NOW, NOW + 30_000, 'Seam does not answer')])
    t.equal(await queries.lanes.claim(NOW + 1, LEASE_MS), undefined)
    t.equal(await pushingAgainOf(store).pushAgain(lane, NOW + 1, []), 0)
    t.match(await queries.lanes.claim(NOW + 1, LEASE_MS), lane)
  })
}

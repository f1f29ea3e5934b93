import type { Test } from 'tap'
import type { ClaimedLane } from '../../src/store/lane-claims.ts'
import type { Lanes } from '../../src/store/lanes.ts'
import type { Lane } from '../../src/store/resources.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import type { Store } from '../../src/store/store.ts'
import { type Engine, emptyRooms, lane, otherLane } from './given.ts'
import { answersLost } from './lost-answers.ts'

const LEASE_MS = 60_000
const NOW = 1_000

async function makeDue(
  store: Store,
  lanes: Lanes,
  which: Lane,
  dueAt: number,
  arrivalAt: number | null = null
) {
  const revision = await lanes.revision(which)
  const { committed } = await store.commit(lanes.advance(which, revision, { dueAt, arrivalAt }))
  if (!committed) throw new TypeError('the lane moved in between')
}

async function claimOne(lanes: Lanes, now = NOW): Promise<ClaimedLane> {
  const claimed = await lanes.claim(now, LEASE_MS)
  if (claimed === undefined) throw new TypeError('nothing was due')
  return claimed
}

export function lanesContract(t: Test, engine: Engine): void {
  t.test('a lane counts revisions, and whoever has read an old one is told so', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { lanes } = queries
    t.equal(await lanes.revision(lane), undefined)
    const first = lanes.advance(lane, undefined, undefined)
    t.ok((await store.commit(first)).committed)
    t.notOk((await store.commit(first)).committed, 'somebody else made the customer meanwhile')
    t.ok((await store.commit(lanes.advance(lane, 1, undefined))).committed)
    t.notOk((await store.commit(lanes.advance(lane, 1, undefined))).committed)
    t.equal(await lanes.revision(lane), 2)
    t.equal(await lanes.claim(NOW, LEASE_MS), undefined, 'nothing is to be sent')
  })

  t.test('a lane is due when its first change is, and later changes do not put it off', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { lanes } = queries
    await makeDue(store, lanes, lane, 2_000, 50_000)
    await makeDue(store, lanes, lane, 3_000, 90_000)
    t.equal(await lanes.claim(1_999, LEASE_MS), undefined)
    const claimed = await claimOne(lanes, 2_000)
    t.same(claimed, {
      ...lane,
      leaseToken: claimed.leaseToken,
      failures: 0,
      arrivalAt: 50_000,
      heardAt: undefined,
      probeUntil: undefined,
      offboardStamp: undefined,
      offboardDue: false,
      leaseUntil: 2_000 + LEASE_MS
    })
    t.equal(await lanes.claim(3_000, LEASE_MS), undefined, 'it is one lane, and claimed')
  })

  t.test('whoever leaves the first choice to others takes what has been due for so long', async t => {
    const { store, queries } = await emptyRooms(engine)
    await makeDue(store, queries.lanes, lane, 2_000)
    t.equal(await queries.lanes.claim(2_999, LEASE_MS, 'arrival', 1_999), undefined)
    const claimed = await queries.lanes.claim(3_000, LEASE_MS, 'arrival', 2_000)
    t.match(claimed, { ...lane, leaseUntil: 3_000 + LEASE_MS })
  })

  t.test('a sooner change makes a lane due sooner', async t => {
    const { store, queries } = await emptyRooms(engine)
    await makeDue(store, queries.lanes, lane, 5_000, 90_000)
    await makeDue(store, queries.lanes, lane, 2_000, 50_000)
    t.equal((await claimOne(queries.lanes, 2_000)).arrivalAt, 50_000)
  })

  t.test('every other claim may go by who waits longest, so that near arrivals starve nobody', async t => {
    const { store, queries } = await emptyRooms(engine)
    await makeDue(store, queries.lanes, { ...lane, customerKey: 'soon' }, 1_500, 2_000)
    await makeDue(store, queries.lanes, { ...lane, customerKey: 'long' }, 1_000, null)
    const waited = await queries.lanes.claim(2_000, LEASE_MS, 'waiting')
    t.equal(waited?.customerKey, 'long')
    t.equal((await queries.lanes.claim(2_000, LEASE_MS, 'arrival'))?.customerKey, 'soon')
    t.equal(await queries.lanes.claim(2_000, LEASE_MS, 'waiting'), undefined)
  })

  t.test(
    'the nearest arrival goes first, customers without one last, and among equals the longer due',
    async t => {
      const { store, queries } = await emptyRooms(engine)
      const due: [string, number, number | null][] = [
        ['no stay', 1, null],
        ['in spring', 2, 90_000],
        ['tomorrow, late', 4, 20_000],
        ['tomorrow, early', 3, 20_000],
        ['tonight', 5, 10_000]
      ]
      for (const [customerKey, dueAt, arrivalAt] of due) {
        await makeDue(store, queries.lanes, { ...lane, customerKey }, dueAt, arrivalAt)
      }
      const order: string[] = []
      for (let claimed = 0; claimed < due.length; claimed += 1)
        order.push((await claimOne(queries.lanes)).customerKey)
      t.same(order, ['tonight', 'tomorrow, early', 'tomorrow, late', 'in spring', 'no stay'])
    }
  )

  t.test('of many who claim at once each gets another lane, and the rest none', async t => {
    const { store, queries } = await emptyRooms(engine)
    const customers = ['a', 'b', 'c', 'd', 'e']
    for (const customerKey of customers) await makeDue(store, queries.lanes, { ...lane, customerKey }, 1)
    const claims = await Promise.all(Array.from({ length: 8 }, () => queries.lanes.claim(NOW, LEASE_MS)))
    t.same(claims.flatMap(claimed => claimed?.customerKey ?? []).sort(), customers)
  })

  t.test('what changes while a lane is worked on makes it due again', async t => {
    const { store, queries } = await emptyRooms(engine)
    await makeDue(store, queries.lanes, lane, 1)
    const claimed = await claimOne(queries.lanes)
    await makeDue(store, queries.lanes, lane, 1_500, 7_000)
    t.equal(await queries.lanes.claim(2_000, LEASE_MS), undefined, 'not while the first has it')
    await store.commit([queries.lanes.release(claimed)])
    const again = await claimOne(queries.lanes, 2_000)
    t.not(again.leaseToken, claimed.leaseToken)
    t.same(again, {
      ...claimed,
      leaseToken: again.leaseToken,
      arrivalAt: 7_000,
      leaseUntil: 2_000 + LEASE_MS
    })
  })

  t.test('a claim whose answer was lost is given back, and with it whatever it held', async t => {
    const { store, queries, outbox } = await emptyRooms(engine)
    const losing = answersLost(store)
    const { lanes } = storeRooms(losing.store).queries
    await makeDue(store, queries.lanes, lane, 1)
    losing.on = true
    await t.rejects(lanes.claim(NOW, LEASE_MS), { code: 'RELAY_STORE_UNAVAILABLE' })
    t.equal(await queries.lanes.claim(NOW, LEASE_MS), undefined, 'it was committed')
    await t.rejects(lanes.claim(NOW, LEASE_MS), { code: 'RELAY_STORE_UNAVAILABLE' }, 'still away')
    losing.on = false
    const claimed = await claimOne(lanes)
    t.equal(claimed.customerKey, lane.customerKey)
    t.equal(claimed.failures, 0)

    await store.commit([lanes.putBack(claimed, NOW, NOW, undefined)])
    await outbox.delayWorkspace('default', { waitUntil: NOW, failures: 1, stopped: false, reason: 'busy' })
    losing.on = true
    await t.rejects(lanes.claim(NOW, LEASE_MS), { code: 'RELAY_STORE_UNAVAILABLE' })
    losing.on = false
    t.match(await lanes.claim(NOW, LEASE_MS), { probeUntil: Number })
  })

  t.test('since when the oldest delivery waits stays known until its changes are through', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { lanes } = queries
    const hear = async (heardAt: number | undefined) => {
      const due = { dueAt: 1, arrivalAt: null, heardAt }
      await store.commit(lanes.advance(lane, await lanes.revision(lane), due))
    }
    for (const heardAt of [700, 500, undefined, 600]) await hear(heardAt)
    const first = await claimOne(lanes)
    t.equal(first.heardAt, 500)
    await hear(900)
    await store.commit([lanes.putBack(first, NOW, NOW, 'it failed')])
    const abandoned = await claimOne(lanes)
    t.equal(abandoned.heardAt, 500, 'a failure changes nothing')
    await hear(950)
    const takenOver = await claimOne(lanes, NOW + LEASE_MS)
    t.equal(takenOver.heardAt, 500, 'nor does the end of its holder')
    await store.commit([lanes.release(takenOver)])
    await hear(990)
    t.equal((await claimOne(lanes, NOW + LEASE_MS)).heardAt, 990)
  })

  t.test(
    'a lease that ended is taken over before everything else, and the late holder commits nothing more',
    async t => {
      const { store, queries } = await emptyRooms(engine)
      const { lanes } = queries
      await makeDue(store, lanes, lane, 1, 90_000)
      const late = await claimOne(lanes)
      await makeDue(store, lanes, otherLane, 1, 5_000)
      const takenOver = await claimOne(lanes, NOW + LEASE_MS)
      t.match(takenOver, { customerKey: lane.customerKey })
      t.not(takenOver.leaseToken, late.leaseToken)
      t.equal((await claimOne(lanes, NOW + LEASE_MS)).customerKey, otherLane.customerKey)

      const revision = await lanes.revision(lane)
      for (const write of [
        lanes.holdLease(late, 99_000),
        lanes.release(late),
        lanes.putBack(late, 1, 1, 'late')
      ]) {
        t.same(await store.commit([write]), { committed: false })
      }
      t.equal(await lanes.revision(lane), revision)
      t.ok((await store.commit([lanes.release(takenOver)])).committed)
    }
  )

  t.test(
    'the nearest arrival of what a holder left behind stays known, whoever fails with it next',
    async t => {
      const { store, queries } = await emptyRooms(engine)
      const { lanes } = queries
      await makeDue(store, lanes, lane, 1, 5_000)
      await claimOne(lanes)
      const takenOver = await claimOne(lanes, NOW + LEASE_MS)
      t.equal(takenOver.arrivalAt, 5_000)
      await makeDue(store, lanes, lane, 1, 90_000)
      const again = await claimOne(lanes, NOW + 2 * LEASE_MS)
      t.equal(again.arrivalAt, 5_000, 'what came since is less urgent')
      await makeDue(store, lanes, lane, 1, 4_000)
      const last = await claimOne(lanes, NOW + 3 * LEASE_MS)
      t.equal(last.arrivalAt, 4_000, 'or more')
      await store.commit([lanes.release(last)])
      await makeDue(store, lanes, lane, 1, 70_000)
      t.equal((await claimOne(lanes, NOW + 3 * LEASE_MS)).arrivalAt, 70_000, 'what was done is over')
    }
  )

  t.test(
    'a lease can be prolonged, and moves the lane on, so that nobody decides upon what was before',
    async t => {
      const { store, queries } = await emptyRooms(engine)
      const { lanes } = queries
      await makeDue(store, lanes, lane, 1)
      const claimed = await claimOne(lanes)
      t.ok((await store.commit([lanes.holdLease(claimed, NOW + 2 * LEASE_MS)])).committed)
      t.equal(await lanes.revision(lane), 2)
      t.equal(await lanes.claim(NOW + 2 * LEASE_MS - 1, LEASE_MS), undefined)
    }
  )

  t.test('after a failure a lane waits, and new changes do not shorten the wait', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { lanes } = queries
    await makeDue(store, lanes, lane, 1, 8_000)
    await store.commit([lanes.putBack(await claimOne(lanes), NOW, 5_000, 'no answer')])
    await makeDue(store, lanes, lane, 1_500, 9_000)
    t.equal(await lanes.claim(4_999, LEASE_MS), undefined)
    const second = await claimOne(lanes, 5_000)
    t.match(second, { failures: 1, arrivalAt: 8_000 })
    await store.commit([lanes.putBack(second, 5_000, 6_000, 'no answer again')])
    const third = await claimOne(lanes, 6_000)
    t.equal(third.failures, 2)
    await store.commit([lanes.putBack(third, 6_000, 6_000, undefined)])
    const fourth = await claimOne(lanes, 6_000)
    t.equal(fourth.failures, 0, 'work that did not fit into one step is no failure')
    await store.commit([lanes.release(fourth)])
    t.equal(await lanes.claim(1_000_000, LEASE_MS), undefined)
  })

  t.test('lanes of a workspace that has to wait stay, those of others go', async t => {
    const { store, queries, outbox } = await emptyRooms(engine)
    const abroad = { workspaceId: 'eu', customerKey: 'lakeside-homes' }
    await makeDue(store, queries.lanes, lane, 1, 10)
    await makeDue(store, queries.lanes, abroad, 1, 20)
    await outbox.delayWorkspace('default', { waitUntil: 5_000, failures: 1, stopped: false, reason: '429' })
    t.match(await claimOne(queries.lanes), abroad)
    t.equal(await queries.lanes.claim(4_999, LEASE_MS), undefined)
    t.match(await claimOne(queries.lanes, 5_000), lane)
  })

  t.test('lanes of workspaces of which enough is in hand stay, and whatever is theirs with them', async t => {
    const { store, queries, outbox } = await emptyRooms(engine)
    const { lanes } = queries
    const [busy, held] = [
      { ...lane, workspaceId: 'busy' },
      { ...lane, workspaceId: 'held' }
    ]
    const except = ['busy', 'held', 'gone']
    await makeDue(store, lanes, busy, 1, 10)
    await lanes.claim(NOW, LEASE_MS)
    const later = NOW + LEASE_MS
    await makeDue(store, lanes, { ...busy, customerKey: 'b' }, 1, 10)
    await makeDue(store, lanes, held, 1, 20)
    await makeDue(store, lanes, lane, 1, 30)
    await outbox.delayWorkspace('held', { waitUntil: 500, failures: 1, stopped: false, reason: '429' })
    t.match(await lanes.claim(later, LEASE_MS, 'arrival', later, except), lane)
    for (const order of ['arrival', 'waiting'] as const)
      t.equal(await lanes.claim(later, LEASE_MS, order, later, except), undefined)
    t.match(await lanes.claim(later, LEASE_MS, 'arrival', later, ['busy']), { ...held, probeUntil: Number })
    t.match(await claimOne(lanes, later), busy)
    t.match(await claimOne(lanes, later), { workspaceId: 'busy', customerKey: 'b' })
  })

  t.test('a wait that is told later ends no longer one', async t => {
    const { outbox } = await emptyRooms(engine)
    const hold = { failures: 1, stopped: false, reason: '429' }
    await outbox.delayWorkspace('default', { ...hold, waitUntil: 9_000 })
    await outbox.delayWorkspace('default', { ...hold, failures: 2, waitUntil: 5_000 })
    t.match(await outbox.workspace('default'), { waitUntil: 9_000, failures: 2 })
    await outbox.delayWorkspace('default', { ...hold, waitUntil: 12_000 })
    t.match(await outbox.workspace('default'), { waitUntil: 12_000 })
    await outbox.settleWorkspace('default', { ...hold, waitUntil: 7_000 }, Number.MAX_SAFE_INTEGER)
    t.match(await outbox.workspace('default'), { waitUntil: 7_000 })
  })

  t.test(
    'of a workspace whose wait is over one lane goes to find out, and the others wait for it',
    async t => {
      const { store, queries, outbox } = await emptyRooms(engine)
      for (const customerKey of ['a', 'b', 'c'])
        await makeDue(store, queries.lanes, { ...lane, customerKey }, 1)
      await outbox.delayWorkspace('default', { waitUntil: 500, failures: 3, stopped: true, reason: '401' })
      const claims = await Promise.all(Array.from({ length: 4 }, () => queries.lanes.claim(NOW, LEASE_MS)))
      const [probe, ...others] = claims.filter(claimed => claimed !== undefined)
      t.match(probe, { probeUntil: Number })
      t.same(others, [])
      t.equal(await queries.lanes.claim(NOW + LEASE_MS - 1, LEASE_MS), undefined)

      await outbox.probeWorkspace('default', 2_000, Number.MAX_SAFE_INTEGER)
      t.match(
        await claimOne(queries.lanes, 2_000),
        { probeUntil: Number },
        'it told nothing: the next one goes'
      )
      await outbox.settleWorkspace(
        'default',
        { waitUntil: 0, failures: 0, stopped: false, reason: null },
        Number.MAX_SAFE_INTEGER
      )
      t.match(await claimOne(queries.lanes, 2_000), { probeUntil: undefined })
    }
  )
}

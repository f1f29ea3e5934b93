import type { Test } from 'tap'
import { CALLERS, headersOfCall } from '../../src/model/call.ts'
import { firstIdAt } from '../../src/model/ids.ts'
import { stampOf } from '../../src/model/stamp.ts'
import type { NewDelivery } from '../../src/store/delivery-intake.ts'
import type { Portion } from '../../src/store/portion.ts'
import { aDelivery, aRejected, aResource, type Engine, emptyRooms, lane, otherLane } from './given.ts'

const LEASE_MS = 60_000
const call = {
  operation: 'push_data' as const,
  workspaceId: 'default',
  callerId: 'k1',
  customers: undefined,
  version: undefined
}

/** An id as the relay makes them, told apart by a digit. */
const idAt = (at: number, serial = 0) => `${firstIdAt(at)}000${serial}00000000aa`

type Rooms = Awaited<ReturnType<typeof emptyRooms>>
type End = 'translated' | 'ignored' | 'dead' | 'held'

/** A delivery that came and ended at these times. @returns its id */
async function anEnded(
  { store, deliveries }: Rooms,
  state: End,
  doneAt: number,
  told: Partial<NewDelivery> = {}
): Promise<string> {
  const delivery = aDelivery(told.id ?? idAt(told.receivedAt ?? 1_000), told)
  await deliveries.append(delivery)
  const [claimed] = await deliveries.claim(delivery.receivedAt, LEASE_MS, 1)
  if (claimed === undefined) throw new TypeError('nothing was due')
  await store.commit([deliveries.keepFacts(claimed, [{ guest: 'Ada' }])])
  await store.commit([deliveries.end(claimed, state, [{ type: 'booked', outcome: state }], doneAt)])
  return delivery.id
}

/** All that is too old, in steps; with how many each took away. */
async function walked<From>(
  step: (from: From | undefined) => Promise<Portion<From>>
): Promise<{ removed: number; steps: number }> {
  let removed = 0
  let steps = 0
  let next: From | undefined
  do {
    const portion = await step(next)
    removed += portion.removed
    steps += 1
    next = portion.next
  } while (next !== undefined)
  return { removed, steps }
}

const idsIn = async ({ store }: Rooms, table: 'deliveries' | 'attempts' | 'rejected') =>
  (await store.db.selectFrom(table).select('id').orderBy('id').execute()).map(row => row.id)

const keysIn = async ({ store }: Rooms) =>
  (await store.db.selectFrom('resources').select('key').orderBy('key').execute()).map(row => row.key)

function aLogEntry(deliveryId: string, at: number, key = 'lakeside:b1') {
  return {
    delivery_id: deliveryId,
    event_index: 0,
    at,
    workspace_id: lane.workspaceId,
    customer_key: lane.customerKey,
    kind: 'reservation' as const,
    key,
    booking: null,
    version: 1,
    outcome: 'changed' as const,
    revision: 1,
    note: null
  }
}

/** Gone at Seam, and settled. */
const aTombstone = (key: string, told = {}) =>
  aResource(key, { fields: null, upsert_stamp: '1', removed_stamp: '2', revision: 0, ...told })

export function retentionContract(t: Test, engine: Engine): void {
  t.test('what a delivery carried goes some time after its end; what became of it stays', async t => {
    const rooms = await emptyRooms(engine)
    const { store, retention } = rooms
    const old = await anEnded(rooms, 'translated', 2_000, { id: idAt(1_000, 1) })
    const ignored = await anEnded(rooms, 'ignored', 2_000, { id: idAt(1_000, 2) })
    const spared = [
      await anEnded(rooms, 'dead', 2_000, { id: idAt(1_000, 3) }),
      await anEnded(rooms, 'held', 2_000, { id: idAt(1_000, 4) }),
      await anEnded(rooms, 'translated', 5_000, { id: idAt(1_000, 5) })
    ]
    t.same(await walked(() => retention.emptyBodies(5_000, 1)), { removed: 2, steps: 2 })
    const rows = await store.db.selectFrom('deliveries').selectAll().orderBy('id').execute()
    const emptied = rows.filter(row => row.emptied === 1)
    t.same(
      emptied.map(row => row.id),
      [old, ignored]
    )
    t.match(emptied[0], {
      headers: '{}',
      query: '{}',
      facts: null,
      state: 'translated',
      outcome: '[{"type":"booked","outcome":"translated"}]',
      done_at: 2_000
    })
    t.equal(emptied[0]?.body.byteLength, 0)
    const others = rows.filter(row => row.emptied === 0)
    t.same(
      others.map(row => row.id),
      spared
    )
    for (const row of others) t.match(row, { facts: '[{"guest":"Ada"}]', query: '{"event":["booked"]}' })
    t.same(await walked(() => retention.emptyBodies(5_000, 1)), { removed: 0, steps: 1 })
  })

  t.test('of a call it is still known whose it was, and no longer what it said', async t => {
    const rooms = await emptyRooms(engine)
    const { retention, reports } = rooms
    const body = Buffer.from('{"customer_key":"lakeside-homes"}')
    const id = await anEnded(rooms, 'translated', 2_000, {
      connectionId: CALLERS,
      headers: headersOfCall(call),
      body
    })
    t.same(await reports.customersNamedBy(id), ['lakeside-homes'])
    await retention.emptyBodies(3_000, 10)
    t.same(await reports.customersNamedBy(id), [])
    t.same((await reports.delivery(id))?.headers, headersOfCall(call))
  })

  t.test('a delivery without its body does not run again, in no way', async t => {
    const rooms = await emptyRooms(engine)
    const { store, deliveries, retention } = rooms
    const old = await anEnded(rooms, 'translated', 2_000, { id: idAt(1_000, 1) })
    const young = await anEnded(rooms, 'translated', 4_000, { id: idAt(1_000, 2) })
    await retention.emptyBodies(3_000, 10)
    t.same(await deliveries.spent([old, young]), [old])
    t.same(await deliveries.spent([]), [])
    t.equal(await deliveries.countSpent('lakeside', ['translated', 'dead']), 1)
    t.equal(await deliveries.replay({ ids: [old] }, 5_000), 0)
    t.equal(await deliveries.replay({ connectionId: 'lakeside', states: ['translated'] }, 5_000), 1)
    await store.commit([deliveries.tellAgain('lakeside', 5_000)])
    t.same(
      (await deliveries.claim(9_000_000, LEASE_MS, 10)).map(each => each.id),
      [young]
    )
  })

  t.test(
    'deliveries go some time after their end, dead letters too, and with them their answers',
    async t => {
      const rooms = await emptyRooms(engine)
      const { deliveries, retention, answers } = rooms
      const old: string[] = []
      for (const [serial, state] of (['translated', 'ignored', 'dead', 'dead'] as const).entries())
        old.push(await anEnded(rooms, state, 2_000, { id: idAt(1_000, serial), dedupeKey: `k${serial}` }))
      const stay = [
        await anEnded(rooms, 'held', 2_000, { id: idAt(1_000, 5) }),
        await anEnded(rooms, 'dead', 4_000, { id: idAt(1_000, 6) })
      ]
      await deliveries.append(aDelivery(idAt(1_000, 7)))
      for (const id of [...old, ...stay]) await answers.keep(id, { status: 200, body: id }, 2_000, 0)
      await retention.emptyBodies(3_000, 10)
      t.same(await walked<number[]>(from => retention.forgetDeliveries(3_000, 1, from)), {
        removed: 4,
        steps: 3
      })
      t.same(await idsIn(rooms, 'deliveries'), [...stay, idAt(1_000, 7)])
      t.equal(await answers.get(String(old[0])), undefined)
      t.same(await answers.get(String(stay[1])), { status: 200, body: String(stay[1]) })
      t.same(
        await deliveries.append(aDelivery(idAt(9_000), { dedupeKey: 'k0' })),
        { id: idAt(9_000), duplicate: false },
        'its key may come again'
      )
    }
  )

  t.test('what tells why something is held or still to be sent stays until that is over', async t => {
    const rooms = await emptyRooms(engine)
    const { store, retention, outbox, queries } = rooms
    const { resources } = queries
    const told = {
      dirty: idAt(1_000, 1),
      held: idAt(1_000, 2),
      settled: idAt(1_000, 3),
      late: idAt(1_500, 4)
    }
    for (const id of Object.values(told))
      await anEnded(rooms, 'dead', id === told.late ? 2_500 : 2_000, { id })
    await store.commit([
      resources.upsert([
        aResource('dirty'),
        aResource('held', { fields: null, held: 'no zone', revision: 0 }),
        aResource('settled', { revision: 0 })
      ]),
      resources.log(Object.entries(told).map(([key, id]) => aLogEntry(id, 2_000, key)))
    ])
    t.same(await walked<number[]>(from => retention.forgetDeliveries(3_000, 3, from)), {
      removed: 2,
      steps: 2
    })
    t.same(await idsIn(rooms, 'deliveries'), [told.dirty, told.held])
    t.same(await walked<number>(from => retention.forgetChanges(3_000, 3, from)), { removed: 2, steps: 2 })
    await store.commit([outbox.settle(lane, await outbox.dirtyStays(lane, 1))])
    t.match(await walked<number[]>(from => retention.forgetDeliveries(3_000, 3, from)), { removed: 1 })
    t.same(await idsIn(rooms, 'deliveries'), [told.held])
  })

  t.test('the log goes with its deliveries, and so does that of places that were read', async t => {
    const rooms = await emptyRooms(engine)
    const { store, retention, queries } = rooms
    const kept = await anEnded(rooms, 'held', 2_000, { id: idAt(1_000, 1) })
    await store.commit([
      queries.resources.log([
        aLogEntry('place-1', 1_000),
        aLogEntry(kept, 1_000),
        aLogEntry('gone', 2_000),
        aLogEntry('place-2', 2_500),
        aLogEntry('place-3', 3_000)
      ])
    ])
    t.same(await walked<number>(from => retention.forgetChanges(3_000, 2, from)), { removed: 3, steps: 3 })
    const log = await store.db.selectFrom('change_log').select('delivery_id').orderBy('id').execute()
    t.same(
      log.map(row => row.delivery_id),
      [kept, 'place-3']
    )
  })

  t.test('calls go with what they carried, but for the last one of what is not settled', async t => {
    const rooms = await emptyRooms(engine)
    const { store, retention, outbox, queries } = rooms
    await store.commit(queries.lanes.advance(lane, undefined, { dueAt: 1, arrivalAt: null }))
    const claimed = await queries.lanes.claim(1_000, LEASE_MS)
    if (claimed === undefined) throw new TypeError('the lane was due')
    await store.commit([
      queries.resources.upsert([aResource('settled', { revision: 0 }), aResource('refused')])
    ])
    const carried = (key: string) => ({
      kind: 'reservation' as const,
      key,
      revision: 1,
      fields: {},
      offered: true,
      startsAt: null
    })
    const attempt = (at: number, serial: number) => ({
      id: idAt(at, serial),
      operation: 'push_data' as const,
      startedAt: at,
      durationMs: 1,
      status: 400,
      requestId: undefined,
      error: 'no good'
    })
    const many = Array.from({ length: 1_001 }, (_, serial) => carried(`s${serial}`))
    for (const [made, with_] of [
      [attempt(1_000, 1), [carried('settled'), carried('refused')]],
      [attempt(1_000, 2), many],
      [attempt(1_500, 3), [carried('refused'), carried('settled')]],
      [attempt(1_500, 4), []],
      [attempt(3_000, 5), [carried('settled')]]
    ] as const)
      await store.commit(outbox.record(claimed, made, [...with_]))
    t.same(await walked<string>(from => retention.forgetAttempts(3_000, 10, from)), { removed: 3, steps: 3 })
    t.same(await idsIn(rooms, 'attempts'), [idAt(1_500, 3), idAt(3_000, 5)])
    const carrying = store.db.selectFrom('attempt_resources').select('attempt_id as id').distinct()
    t.same(await carrying.orderBy('id').execute(), [{ id: idAt(1_500, 3) }, { id: idAt(3_000, 5) }])
    await store.commit([outbox.settle(lane, await outbox.dirtyStays(lane, 1))])
    t.same(await walked<string>(from => retention.forgetAttempts(3_000, 1, from)), { removed: 1, steps: 2 })
  })

  t.test('rejected requests, spent tokens, dead keys and words not heard again go', async t => {
    const rooms = await emptyRooms(engine)
    const { store, retention, rejected, tokens, apiKeys, drift } = rooms
    const limits = { count: 9, bytes: 9_999 }
    for (const at of [1_000, 2_000, 3_000]) await rejected.keep(aRejected(idAt(at)), limits)
    t.same(await retention.forgetRejected(2_000, 1), { removed: 1, next: true })
    t.same(await walked(() => retention.forgetRejected(3_000, 10)), { removed: 1, steps: 1 })
    t.same(await walked(() => retention.forgetRejected(3_000, 10)), { removed: 0, steps: 1 })
    t.same(await idsIn(rooms, 'rejected'), [idAt(3_000)])

    for (const [name, expiresAt] of [
      ['spent', 8_999],
      ['good', 9_001]
    ] as const)
      await tokens.set('lakeside', name, { token: 'secret', fetchedAt: 1, renewed: false }, expiresAt)
    const key = {
      name: 'k',
      workspaceId: undefined,
      customers: undefined,
      scopes: [],
      strict: true,
      createdAt: 1,
      revokedAt: undefined,
      lastUsedAt: undefined
    }
    await apiKeys.create({ ...key, id: 'expired', hash: '1', expiresAt: 2_999 })
    await apiKeys.create({ ...key, id: 'expires', hash: '2', expiresAt: 3_001 })
    await apiKeys.create({ ...key, id: 'revoked', hash: '3', expiresAt: undefined })
    await apiKeys.create({ ...key, id: 'used', hash: '4', expiresAt: undefined })
    await apiKeys.revoke('revoked', 2_000)
    const seen = {
      connectionId: 'lakeside',
      platform: 'acme',
      kind: 'unknown_event' as const,
      deliveryId: 'd'
    }
    await store.commit([drift.count([{ ...seen, detail: 'old' }], 2_000)])
    await store.commit([drift.count([{ ...seen, detail: 'new' }], 3_000)])
    t.same(await walked(() => retention.forgetLittle(3_000, 9_000)), { removed: 4, steps: 1 })
    t.match(await tokens.get('lakeside', 'good', 9_000), { token: 'secret' })
    t.same((await apiKeys.list()).map(each => each.id).sort(), ['expires', 'used'])
    t.same(
      (await drift.list()).map(each => each.detail),
      ['new']
    )
    t.same(await walked(() => retention.forgetLittle(3_000, 9_000)), { removed: 0, steps: 1 })
  })

  t.test('what is gone is found from its oldest, and not before its time', async t => {
    const rooms = await emptyRooms(engine)
    const { store, tombstones, queries } = rooms
    await store.commit([
      queries.resources.upsert([
        aTombstone('b', { updated_at: 1_000 }),
        aTombstone('a', { updated_at: 2_000 }),
        aTombstone('c', { updated_at: 1_000 }),
        aTombstone('young', { updated_at: 3_000 }),
        aResource('live')
      ])
    ])
    const first = await tombstones.gone(3_000, 2, undefined)
    const second = await tombstones.gone(3_000, 2, first.at(-1))
    t.same(
      [first, second].map(page => page.map(row => row.key)),
      [['b', 'c'], ['a']]
    )
  })

  t.test('nothing is forgotten that is at Seam, to be sent, or named by something', async t => {
    const rooms = await emptyRooms(engine)
    const { store, tombstones, queries } = rooms
    const { lanes, resources, contacts } = queries
    const stay = { kind: 'reservation', key: 'live' } as const
    const guests = ['named', 'held', 'free'].map(key => ({ kind: 'guest', key }) as const)
    await store.commit([
      ...lanes.advance(lane, undefined, undefined),
      resources.upsert([
        aResource('live'),
        aTombstone('gone'),
        aTombstone('dirty', { revision: 1 }),
        aTombstone('offered'),
        aTombstone('redrawn'),
        ...guests.map(guest => aTombstone(guest.key, { kind: guest.kind }))
      ]),
      resources.mayBeAtSeam(lane, { kind: 'reservation', key: 'offered' }),
      resources.redraw(lane, [{ kind: 'reservation', key: 'redrawn' }]),
      ...resources.names(lane, stay, [{ role: 'guest', key: 'named' }]),
      ...contacts.claim(lane, { kind: 'guest', key: 'held' }, { type: 'email', value: 'ada@example.com' })
    ])
    const rows = await resources.byRef(lane, [
      stay,
      ...['gone', 'dirty', 'offered', 'redrawn'].map(key => ({ kind: 'reservation' as const, key })),
      ...guests
    ])
    const forgetting = { lane, revision: await lanes.revision(lane), until: 5_000, connections: ['lakeside'] }
    t.ok((await store.commit(tombstones.forgetResources(forgetting, rows))).committed)
    t.same(await keysIn(rooms), ['dirty', 'held', 'live', 'named', 'offered', 'redrawn'])
  })

  t.test('nothing is forgotten of a lane that has moved, or while an older delivery waits', async t => {
    const rooms = await emptyRooms(engine)
    const { store, tombstones, deliveries, queries } = rooms
    const { lanes, resources } = queries
    await store.commit([...lanes.advance(lane, undefined, undefined), resources.upsert([aTombstone('gone')])])
    const rows = await resources.byRef(lane, [{ kind: 'reservation', key: 'gone' }])
    const forget = async (told: object) => {
      const forgetting = {
        lane,
        revision: await lanes.revision(lane),
        until: 5_000,
        connections: ['lakeside', CALLERS]
      }
      return (await store.commit(tombstones.forgetResources({ ...forgetting, ...told }, rows))).committed
    }
    t.notOk(await forget({ revision: 7 }))
    const elsewhere = { id: idAt(1_000, 1), connectionId: 'hillside' }
    await deliveries.append(aDelivery(elsewhere.id, elsewhere))
    t.notOk(await forget({}), 'one is under way')
    const [claimed] = await deliveries.claim(9_000, LEASE_MS, 1)
    if (claimed === undefined) throw new TypeError('it was due')
    await store.commit([deliveries.end(claimed, 'held', [], 9_000)])
    t.notOk(await forget({ connections: ['hillside'] }), 'one is held')
    t.same(await tombstones.connectionsWithOpen(), ['hillside'])
    t.ok(await forget({}), 'one is held of somebody else')
    t.same(await keysIn(rooms), [])
  })

  t.test('who has forgotten lets no delivery run again that came before', async t => {
    const rooms = await emptyRooms(engine)
    const { store, tombstones, deliveries, queries } = rooms
    const { lanes, resources } = queries
    const before = await anEnded(rooms, 'dead', 9_000, { id: idAt(4_999), receivedAt: 4_999 })
    const after = await anEnded(rooms, 'dead', 9_000, { id: idAt(5_000), receivedAt: 5_000 })
    const held = await anEnded(rooms, 'held', 9_000, {
      id: idAt(1_000),
      receivedAt: 1_000,
      connectionId: 'hillside'
    })
    await store.commit([...lanes.advance(lane, undefined, undefined), resources.upsert([aTombstone('gone')])])
    const rows = await resources.byRef(lane, [{ kind: 'reservation', key: 'gone' }])
    const until = async (time: number) => {
      const revision = await lanes.revision(lane)
      await store.commit(
        tombstones.forgetResources({ lane, revision, until: time, connections: ['lakeside'] }, rows)
      )
    }
    await until(5_000)
    await until(4_000)
    t.same(await deliveries.spent([before, after, held]), [before])
    t.equal(await deliveries.replay({ ids: [before, after, held] }, 9_000), 2)
    t.same((await deliveries.claim(9_000, LEASE_MS, 9)).map(each => each.id).sort(), [held, after])
  })

  t.test('a booking is forgotten once it has no stay, not even one that is gone', async t => {
    const rooms = await emptyRooms(engine)
    const { store, tombstones, queries } = rooms
    const { lanes, resources } = queries
    const aBooking = (booking: string, version: number, heard: number, because: string | null) => ({
      workspace_id: lane.workspaceId,
      customer_key: lane.customerKey,
      connection_id: 'lakeside',
      booking,
      stamp: stampOf(version, `${idAt(heard)}.${booking}`, true),
      empty_because: because
    })
    await store.commit([
      ...lanes.advance(lane, undefined, undefined),
      resources.upsertBooking([
        aBooking('empty', 1_000, 1_000, 'cancelled'),
        aBooking('had a stay', 1_001, 1_000, 'cancelled'),
        aBooking('full', 1_000, 1_000, null),
        aBooking('heard late', 1_000, 3_000, 'cancelled'),
        aBooking('young', 3_000, 1_000, 'cancelled')
      ]),
      resources.upsert([aTombstone('s1', { booking: 'had a stay' })])
    ])
    const rows = await tombstones.emptyBookings(3_000, 10, '')
    t.same(
      rows.map(row => row.booking),
      ['empty', 'had a stay']
    )
    t.same(
      (await tombstones.emptyBookings(3_000, 10, String(rows[0]?.stamp))).map(row => row.booking),
      ['had a stay']
    )
    const forgetting = { lane, revision: await lanes.revision(lane), until: 5_000, connections: ['lakeside'] }
    t.notOk((await store.commit(tombstones.forgetBookings({ ...forgetting, revision: 9 }, rows))).committed)
    t.ok((await store.commit(tombstones.forgetBookings(forgetting, rows))).committed)
    const left = await store.db.selectFrom('bookings').select('booking').orderBy('booking').execute()
    t.same(
      left.map(row => row.booking),
      ['full', 'had a stay', 'heard late', 'young']
    )
  })

  t.test('it can be told whether much is under way', async t => {
    const rooms = await emptyRooms(engine)
    await rooms.deliveries.append(aDelivery(idAt(1_000)))
    t.same([await rooms.tombstones.isBacklog(0), await rooms.tombstones.isBacklog(1)], [true, false])
  })

  t.test('two that prune at once take away everything, and nothing twice', async t => {
    const rooms = await emptyRooms(engine)
    const { store, retention, tombstones, queries } = rooms
    const { lanes, resources } = queries
    for (let serial = 1; serial < 9; serial += 1)
      await anEnded(rooms, serial % 2 === 0 ? 'dead' : 'translated', 2_000, { id: idAt(1_000, serial) })
    await store.commit([
      ...lanes.advance(lane, undefined, undefined),
      ...lanes.advance(otherLane, undefined, undefined),
      resources.upsert([aTombstone('gone'), aTombstone('too', { customer_key: otherLane.customerKey })])
    ])
    const both = async (step: () => Promise<{ removed: number }>) => {
      const [one, other] = await Promise.all([step(), step()])
      return Number(one?.removed) + Number(other?.removed)
    }
    t.equal(await both(() => walked(() => retention.emptyBodies(3_000, 2))), 4)
    t.equal(await both(() => walked<number[]>(from => retention.forgetDeliveries(3_000, 2, from))), 8)
    const forgetting = { lane, revision: await lanes.revision(lane), until: 5_000, connections: ['lakeside'] }
    const rows = await resources.byRef(lane, [{ kind: 'reservation', key: 'gone' }])
    await Promise.all([1, 2].map(() => store.commit(tombstones.forgetResources(forgetting, rows))))
    t.same(await keysIn(rooms), ['too'])
  })
}

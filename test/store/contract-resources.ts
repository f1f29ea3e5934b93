import type { Test } from 'tap'
import type { Redraw } from '../../src/store/redraws.ts'
import type { Lane, ResourceRef } from '../../src/store/resources.ts'
import { aResource, type Engine, emptyRooms, lane, otherLane } from './given.ts'

export function resourcesContract(t: Test, engine: Engine): void {
  t.test('resources are read by reference and by booking, within their customer only', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { resources } = queries
    const rows = [
      aResource('b1_r1', { booking: 'lakeside:b1' }),
      aResource('b1_r2', { booking: 'lakeside:b1' }),
      aResource('b2', { booking: 'lakeside:b2' }),
      aResource('p1', { kind: 'space' }),
      aResource('b1_r1', { booking: 'lakeside:b1', customer_key: otherLane.customerKey })
    ]
    await store.commit([resources.upsert(rows)])
    const refs: ResourceRef[] = [
      { kind: 'reservation', key: 'b2' },
      { kind: 'space', key: 'p1' },
      { kind: 'guest', key: 'nobody' }
    ]
    t.same((await resources.byRef(lane, refs)).map(row => row.key).sort(), ['b2', 'p1'])
    t.same(await resources.byRef(lane, []), [])
    const ofBooking = await resources.ofBookings(lane, ['lakeside:b1', 'lakeside:b9'])
    t.same(ofBooking.map(row => row.key).sort(), ['b1_r1', 'b1_r2'])
    t.same(await resources.ofBookings(lane, []), [])
  })

  t.test('writing a resource again replaces what is wanted and keeps what Seam has agreed to', async t => {
    const { store, queries, outbox } = await emptyRooms(engine)
    await store.commit([queries.resources.upsert([aResource('b1')])])
    const sent = await outbox.dirtyStays(lane, 1)
    await store.commit([outbox.offer(lane, sent)])
    await store.commit([outbox.settle(lane, sent)])
    const changed = aResource('b1', {
      fields: '{"name":"Ada"}',
      revision: 7,
      warnings: '["no phone"]',
      connection_id: 'x'
    })
    await store.commit([queries.resources.upsert([changed])])
    t.match(await queries.resources.byRef(lane, [{ kind: 'reservation', key: 'b1' }]), [
      {
        fields: '{"name":"Ada"}',
        revision: 7,
        warnings: '["no phone"]',
        synced_revision: 1,
        offered: 1,
        // What a caller pushed first becomes a connection's.
        connection_id: 'x'
      }
    ])
  })

  t.test('bookings are written over and read back', async t => {
    const { store, queries } = await emptyRooms(engine)
    const booking = {
      workspace_id: lane.workspaceId,
      customer_key: lane.customerKey,
      connection_id: 'lakeside',
      booking: 'lakeside:b1',
      stamp: '1',
      empty_because: null
    }
    const off = { ...booking, stamp: '2', empty_because: 'cancelled' }
    await store.commit([queries.resources.upsertBooking([booking, off])])
    t.same(await queries.resources.bookings(lane, ['lakeside:b1', 'lakeside:b2']), [off])
    t.same(await queries.resources.bookings(otherLane, ['lakeside:b1']), [])
    t.same(await queries.resources.bookings(lane, []), [])
  })

  t.test('the stays that name a place or a guest are found, and only as they name them now', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { resources } = queries
    const stay: ResourceRef = { kind: 'reservation', key: 'b1' }
    const naming = (role: 'place' | 'guest', ...keys: string[]) => resources.naming(lane, role, keys)
    await store.commit(
      resources.names(lane, stay, [
        { role: 'place', key: 'p1' },
        { role: 'place', key: 'p2' },
        { role: 'guest', key: 'p1' }
      ])
    )
    t.same(await naming('place', 'p1'), [stay])
    t.same(await naming('guest', 'p1', 'p2'), [stay])
    t.same(await naming('guest', 'p2'), [])
    t.same(await naming('place'), [])
    await store.commit(resources.names(lane, stay, [{ role: 'place', key: 'p3' }]))
    t.same([await naming('place', 'p1', 'p2'), await naming('place', 'p3')], [[], [stay]])
    await store.commit(resources.names(lane, stay, []))
    t.same(await naming('place', 'p3'), [])
  })

  t.test('how many stays use a guest at Seam is told by the list that the guest is in', async t => {
    const { store, queries } = await emptyRooms(engine)
    const using = (key: string, guest_used: string, member = 'guest_key') =>
      aResource(key, { guest_used, fields: JSON.stringify({ [member]: guest_used }) })
    const rows = [using('b1', 'g1'), using('b2', 'g1'), using('b3', 'g1', 'tenant_key'), using('b4', 'g2')]
    await store.commit([queries.resources.upsert(rows)])
    const found = await queries.resources.using(lane, ['g1', 'g2', 'g3'])
    t.same(
      found.sort((a, b) => (a.key + a.kind < b.key + b.kind ? -1 : 1)),
      [
        { kind: 'guest', key: 'g1', stays: 2 },
        { kind: 'tenant', key: 'g1', stays: 1 },
        { kind: 'guest', key: 'g2', stays: 1 }
      ]
    )
    t.same(await queries.resources.using(otherLane, ['g1']), [])
    t.same(await queries.resources.using(lane, []), [])
  })

  t.test(
    'whom stays name beside the guest that they use at Seam is told, the stay told last first',
    async t => {
      const { store, queries } = await emptyRooms(engine)
      const { resources } = queries
      const told = [
        { key: 'b1', guest_used: 'g1', upsert_stamp: '1', guests: ['g1', 'g2'] },
        { key: 'b2', guest_used: 'g1', upsert_stamp: '3', guests: ['g3', 'g1'] },
        { key: 'b3', guest_used: 'g4', upsert_stamp: '2', guests: ['g4'] },
        { key: 'b4', guest_used: null, upsert_stamp: '4', guests: ['g1', 'g5'] }
      ]
      await store.commit([
        resources.upsert(told.map(({ guests, key, ...row }) => aResource(key, row))),
        ...told.flatMap(({ key, guests }) =>
          resources.names(lane, { kind: 'reservation', key }, [
            { role: 'place', key: 'p1' },
            ...guests.map(guest => ({ role: 'guest' as const, key: guest }))
          ])
        )
      ])
      t.same(await resources.namedBesides(lane, ['g1', 'g4', 'g9']), [
        { kind: 'reservation', key: 'b2', guest_used: 'g1', ref_key: 'g3' },
        { kind: 'reservation', key: 'b1', guest_used: 'g1', ref_key: 'g2' }
      ])
      t.same(await resources.namedBesides(otherLane, ['g1']), [])
    }
  )

  t.test('a place is found by the platform’s id, under whatever key and kind it is known', async t => {
    const { store, queries } = await emptyRooms(engine)
    const place = (key: string, differing: object = {}) =>
      aResource(key, { kind: 'space', source_id: 'p1', ...differing })
    await store.commit([
      queries.resources.upsert([
        place('lakeside:p1'),
        place('house'),
        place('lakeside:p1', { kind: 'room' }),
        place('lakeside:p2', { source_id: 'p2' }),
        place('hillside:p1', { connection_id: 'hillside' }),
        place('lakeside:p1', { kind: 'guest' }),
        place('b1', { kind: 'reservation', booking: 'lakeside:b1' }),
        place('lakeside:p1', { customer_key: otherLane.customerKey })
      ])
    ])
    const found = await queries.resources.bySource(lane, 'lakeside', 'place', ['p1', 'p9'])
    t.same(found.map(row => `${row.kind} ${row.key}`).sort(), [
      'room lakeside:p1',
      'space house',
      'space lakeside:p1'
    ])
    t.same(await queries.resources.bySource(lane, 'lakeside', 'place', []), [])
  })

  t.test('rows are marked to be drawn again, and read without those of some customers', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { resources } = queries
    const ref: ResourceRef = { kind: 'reservation', key: 'b1' }
    await store.commit([resources.redraw(lane, [ref, ref]), resources.redraw(otherLane, [ref])])
    t.equal((await resources.toRedraw(10)).length, 2)
    t.same(await resources.toRedraw(10, [lane]), [{ ...otherLane, ...ref, asked: 1 }])
    t.same(await resources.toRedraw(10, [lane, otherLane]), [])
  })

  t.test('everything of a connection can be marked to be drawn again, once', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { resources } = queries
    await store.commit([
      resources.upsert([aResource('b1'), aResource('b2'), aResource('b3', { connection_id: 'hillside' })])
    ])
    await store.commit([resources.redrawConnection('lakeside')])
    await store.commit([resources.redrawConnection('lakeside')])
    const waiting = await resources.toRedraw(10)
    t.same(
      waiting.sort((a, b) => (a.key < b.key ? -1 : 1)),
      ['b1', 'b2'].map((key): Lane & Redraw => ({ ...lane, kind: 'reservation', key, asked: 2 }))
    )
    t.equal((await resources.toRedraw(1)).length, 1)
    await store.commit([resources.redrawn(lane, [{ kind: 'reservation', key: 'b1', asked: 2 }])])
    t.same(
      (await resources.toRedraw(10)).map(each => each.key),
      ['b2']
    )
  })

  t.test('what is asked for once more while it is being drawn is drawn again', async t => {
    const { store, queries } = await emptyRooms(engine)
    const { resources } = queries
    const ref: ResourceRef = { kind: 'reservation', key: 'b1' }
    await store.commit([resources.redraw(lane, [ref])])
    const seen = await resources.toRedraw(10)
    await store.commit([resources.redraw(lane, [ref])])
    await store.commit([resources.redrawn(lane, seen)])
    const left = await resources.toRedraw(10)
    t.same(left, [{ ...lane, ...ref, asked: 2 }])
    await store.commit([resources.redrawn(lane, left)])
    t.same(await resources.toRedraw(10), [])
  })

  t.test('the log of changes numbers its entries', async t => {
    const { store, queries } = await emptyRooms(engine)
    const entry = {
      delivery_id: 'd1',
      event_index: 0,
      at: 1_000,
      workspace_id: lane.workspaceId,
      customer_key: lane.customerKey,
      kind: 'reservation' as const,
      key: 'b1',
      booking: 'lakeside:b1',
      version: 1,
      outcome: 'changed' as const,
      revision: 1,
      note: null
    }
    const stale = { ...entry, outcome: 'stale' as const, revision: null, note: 'a newer one was there' }
    await store.commit([queries.resources.log([entry, stale])])
    t.same(await store.db.selectFrom('change_log').selectAll().orderBy('id').execute(), [
      { id: 1, ...entry },
      { id: 2, ...stale }
    ])
  })
}

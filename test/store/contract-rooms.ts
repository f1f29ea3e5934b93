import type { Test } from 'tap'
import { platforms } from '../../src/platforms/registry.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { interposed } from '../desired/open-desired.ts'
import { demoConnection } from '../platforms/demo-connection.ts'
import { aDelivery, aResource, type Engine, emptyRooms, lane, otherLane } from './given.ts'

const LEASE_MS = 60_000

function aConnection(id: string, told = {}) {
  const standard = platforms.standard
  if (standard === undefined) throw new TypeError('there is no standard platform')
  return demoConnection(standard, { id, customerKey: lane.customerKey, ...told })
}

export function roomsContract(t: Test, engine: Engine): void {
  t.test('a token is had until it ends, or a newer one takes its place', async t => {
    const { tokens } = await emptyRooms(engine)
    const first = { token: 'first', fetchedAt: 1_000, renewed: false }
    const second = { token: 'second', fetchedAt: 2_000, renewed: true }
    t.equal(await tokens.get('lakeside', 'bearer', 1_000), undefined)
    await tokens.set('lakeside', 'bearer', first, 5_000)
    t.same(await tokens.get('lakeside', 'bearer', 4_999), first)
    t.equal(await tokens.get('lakeside', 'bearer', 5_000), undefined)
    t.equal(await tokens.get('hillside', 'bearer', 1_000), undefined)
    await tokens.set('lakeside', 'bearer', second, 9_000)
    t.same(await tokens.get('lakeside', 'bearer', 6_000), second)
    await tokens.set('lakeside', 'bearer', first, 9_000)
    t.same(await tokens.get('lakeside', 'bearer', 6_000), first)
  })

  t.test('a token is fetched by one at a time, for as long as the lease of that one lasts', async t => {
    const { tokens } = await emptyRooms(engine)
    const leased = await Promise.all([1, 2, 3].map(() => tokens.lease('lakeside', 'bearer', 1_000, 5_000)))
    t.equal(leased.filter(Boolean).length, 1)
    t.equal(await tokens.get('lakeside', 'bearer', 1_000), undefined, 'a lease is no token')
    t.notOk(await tokens.lease('lakeside', 'bearer', 4_999, 9_000))
    t.ok(await tokens.lease('lakeside', 'other', 4_999, 9_000))
    t.ok(await tokens.lease('hillside', 'bearer', 4_999, 9_000))
    t.ok(await tokens.lease('lakeside', 'bearer', 5_000, 9_000), 'whoever had it is gone')
    await tokens.release('lakeside', 'bearer', 5_000)
    t.notOk(await tokens.lease('lakeside', 'bearer', 6_000, 10_000), 'and ends no lease but its own')
    await tokens.set('lakeside', 'bearer', { token: 'first', fetchedAt: 6_000, renewed: false }, 90_000)
    await tokens.release('lakeside', 'bearer', 9_000)
    t.same(await tokens.get('lakeside', 'bearer', 6_000), {
      token: 'first',
      fetchedAt: 6_000,
      renewed: false
    })
    t.ok(await tokens.lease('lakeside', 'bearer', 6_000, 10_000))
  })

  t.test('a start voids the lease of whoever was fetching a token only where nobody else can be', async t => {
    const { store, recover, tokens } = await emptyRooms(engine)
    await tokens.set('lakeside', 'bearer', { token: 'first', fetchedAt: 1_000, renewed: false }, 9_000)
    await tokens.lease('lakeside', 'bearer', 1_000, 5_000)
    await recover(['lakeside'], 2_000)
    t.equal(await tokens.lease('lakeside', 'bearer', 2_000, 6_000), store.engine === 'sqlite')
    t.same(await tokens.get('lakeside', 'bearer', 2_000), {
      token: 'first',
      fetchedAt: 1_000,
      renewed: false
    })
  })

  t.test('a relay without connections starts: callers may be all that it serves', async t => {
    const { recover } = await emptyRooms(engine)
    await t.resolves(recover([], 1_000))
  })

  t.test(
    'after a start nothing stays leased by the dead, and nothing that was held for a setting stays held',
    async t => {
      const { store, recover, deliveries, queries, outbox } = await emptyRooms(engine)
      for (const id of ['d1', 'd2', 'd3', 'd4']) {
        await deliveries.append(aDelivery(id, { connectionId: id === 'd4' ? 'removed' : 'lakeside' }))
      }
      const [leased, held, dead, unknown] = await deliveries.claim(1_000, LEASE_MS, 10)
      if (!leased || !held || !dead || !unknown) throw new TypeError('four were due')
      await store.commit([
        deliveries.end(held, 'held', [], 1_000),
        deliveries.end(dead, 'dead', [], 1_000),
        deliveries.end(unknown, 'held', [], 1_000)
      ])
      for (const each of [lane, otherLane]) {
        await store.commit(queries.lanes.advance(each, undefined, { dueAt: 1, arrivalAt: null }))
        const claimed = await queries.lanes.claim(1_000, LEASE_MS)
        if (claimed !== undefined && each === otherLane) {
          await store.commit([queries.lanes.putBack(claimed, 1_000, 300_000, 'no such workspace')])
        }
      }
      await outbox.delayWorkspace('stopped', {
        waitUntil: 300_000,
        failures: 4,
        stopped: true,
        reason: '401'
      })
      await outbox.delayWorkspace('busy', { waitUntil: 300_000, failures: 1, stopped: false, reason: '429' })

      await recover(['lakeside'], 2_000)
      // Where others may be at work, leases are left to run out.
      const later = store.engine === 'sqlite' ? 2_000 : 1_000 + LEASE_MS
      const again = await deliveries.claim(later, LEASE_MS, 10)
      t.same(
        again.map(each => [each.id, each.attempts]),
        [
          ['d2', 0],
          ['d1', 1]
        ],
        'who tried least goes first'
      )
      const customers = [
        await queries.lanes.claim(later, LEASE_MS),
        await queries.lanes.claim(later, LEASE_MS)
      ]
      t.same(
        customers.map(claimed => claimed?.customerKey),
        [lane.customerKey, otherLane.customerKey]
      )
      t.match(await outbox.workspace('stopped'), { waitUntil: 2_000, failures: 4 })
      t.match(await outbox.workspace('busy'), { waitUntil: 300_000 }, 'what Seam asked to wait is waited')
    }
  )

  t.test('resources are drawn again once after their connection’s settings changed', async t => {
    const { store, queries, connectionSettings } = await emptyRooms(engine)
    const { resources } = queries
    const ids = ['lakeside', 'hillside']
    await store.commit([resources.upsert(ids.map(id => aResource(`${id}:b1`, { connection_id: id })))])
    const redraw = async (hashes: Record<string, string>) => {
      await connectionSettings.redrawChanged(
        ids.map(id => aConnection(id)),
        connection => String(hashes[connection.id]),
        1_000
      )
      const waiting = await resources.toRedraw(10)
      for (const each of waiting) await store.commit([resources.redrawn(each, [each])])
      return waiting.map(each => each.key).sort()
    }
    t.same(await redraw({ lakeside: '1', hillside: '1' }), ['hillside:b1', 'lakeside:b1'])
    t.same(await redraw({ lakeside: '1', hillside: '2' }), ['hillside:b1'])
    t.same(await redraw({ lakeside: '1', hillside: '2' }), [])
  })

  t.test(
    'a connection cannot move to another customer or workspace while Seam holds something of it',
    async t => {
      const { store, queries, outbox, connectionSettings } = await emptyRooms(engine)
      await store.commit([queries.resources.upsert([aResource('lakeside:b1')])])
      const move = (told: object, hash: string) =>
        connectionSettings.redrawChanged([aConnection('lakeside', told)], () => hash, 1_000)
      await store.commit([outbox.offer(lane, await outbox.dirtyStays(lane, 1))])
      const refused = { code: 'RELAY_CONFIG_INVALID', message: /give the connection a new id/ }
      await t.rejects(move({ customerKey: 'elsewhere' }, '2'), refused)
      await t.rejects(move({ workspaceId: 'eu' }, '3'), refused)
      await move({}, '4')
    }
  )

  t.test('nor where something of it is sent between the look and the commit', async t => {
    const { store, queries, outbox } = await emptyRooms(engine)
    await store.commit([queries.resources.upsert([aResource('lakeside:b1')])])
    const between = interposed(store)
    between.beforeNextCommit = async () =>
      void (await store.commit([outbox.offer(lane, await outbox.dirtyStays(lane, 1))]))
    const { connectionSettings } = storeRooms(between)
    await t.rejects(
      connectionSettings.redrawChanged(
        [aConnection('lakeside', { customerKey: 'elsewhere' })],
        () => '1',
        1_000
      ),
      { code: 'RELAY_CONFIG_INVALID' }
    )
    t.match(await store.db.selectFrom('resources').select('offered').execute(), [{ offered: 1 }])
    t.same(await connectionSettings.known(), new Map())
  })

  t.test('one that moves before anything was sent leaves nothing behind and is taken in anew', async t => {
    const { store, queries, deliveries, connectionSettings } = await emptyRooms(engine)
    const { resources, contacts } = queries
    const ref = { kind: 'reservation', key: 'lakeside:b1' } as const
    const guest = { kind: 'guest', key: 'lakeside:g1' } as const
    await store.commit([
      resources.upsert([aResource(ref.key), aResource(guest.key, { kind: 'guest' })]),
      resources.upsertBooking([
        {
          workspace_id: lane.workspaceId,
          customer_key: lane.customerKey,
          connection_id: 'lakeside',
          booking: 'lakeside:b1',
          stamp: '1',
          empty_because: null
        }
      ]),
      ...resources.names(lane, ref, [{ role: 'guest', key: guest.key }]),
      ...contacts.claim(lane, guest, { type: 'email', value: 'ada@example.com' }),
      resources.redrawConnection('lakeside')
    ])
    for (const id of ['d1', 'd2', 'd3'])
      await deliveries.append(aDelivery(id, { connectionId: id === 'd3' ? 'hillside' : 'lakeside' }))
    const states = ['translated', 'ignored', 'translated'] as const
    const claimed = await deliveries.claim(1_000, LEASE_MS, 3)
    await store.commit(claimed.map((each, at) => deliveries.end(each, states[at] ?? 'dead', [], 1_000)))
    const elsewhere = aConnection('lakeside', { customerKey: 'elsewhere' })
    await connectionSettings.redrawChanged([elsewhere], () => '1', 2_000)
    for (const table of ['resources', 'bookings', 'stay_names', 'contacts', 'rerenders'] as const)
      t.same(await store.db.selectFrom(table).selectAll().execute(), [], table)
    t.same(
      (await deliveries.claim(2_000, LEASE_MS, 3)).map(each => each.id),
      ['d1']
    )
  })

  t.test('one that moves when what it told is not kept any more is not taken in by halves', async t => {
    const { store, queries, deliveries, retention, connectionSettings } = await emptyRooms(engine)
    await store.commit([queries.resources.upsert([aResource('lakeside:b1')])])
    await deliveries.append(aDelivery('d1'))
    const [claimed] = await deliveries.claim(1_000, LEASE_MS, 1)
    if (claimed === undefined) throw new TypeError('it was due')
    await store.commit([deliveries.end(claimed, 'translated', [], 1_000)])
    await retention.emptyBodies(2_000, 10)
    const elsewhere = aConnection('lakeside', { customerKey: 'elsewhere' })
    await t.rejects(
      connectionSettings.redrawChanged([elsewhere], () => '1', 2_000),
      { code: 'RELAY_CONFIG_INVALID', message: /RELAY_KEEP_BODIES_DAYS cannot be taken in anew/ }
    )
    t.equal((await store.db.selectFrom('resources').selectAll().execute()).length, 1)
  })
}

import type { Test } from 'tap'
import type { Contact } from '../../src/store/contacts.ts'
import { forgetFormer } from '../../src/store/move.ts'
import type { ClaimedPlace } from '../../src/store/place-readings.ts'
import { type DesiredRow, type Lane, type ResourceRef, strayLane } from '../../src/store/resources.ts'
import { inTurn } from '../../src/store/tombstones.ts'
import type { Write } from '../../src/store/write.ts'
import { connectionOf } from '../desired/open-desired.ts'
import { aDelivery, aResource, type Engine, emptyRooms, lane, otherLane } from './given.ts'

const email: Contact = { type: 'email', value: 'ada@example.com' }
const ada: ResourceRef = { kind: 'guest', key: 'lakeside:g1' }
const twin: ResourceRef = { kind: 'guest', key: 'hillside:g7' }
const place: ResourceRef = { kind: 'space', key: 's1' }
const stay: ResourceRef = { kind: 'reservation', key: 'r1' }

type Rooms = Awaited<ReturnType<typeof emptyRooms>>

/**
 * Commits that decide upon what another one changes at the same moment. Whichever comes first: one of them is undone, or knows
 * of the other.
 */
export function overlapsContract(t: Test, engine: Engine): void {
  /** In both orders. @param given makes two commits on an empty store, and looks at what became of them */
  function eitherWay(
    name: string,
    given: (rooms: Rooms) => Promise<{
      one: Write[]
      other: Write[]
      look(t: Test, committed: { one: boolean; other: boolean }): Promise<void>
    }>
  ): void {
    t.test(name, async t => {
      for (const isFirst of [true, false]) {
        await t.test(isFirst ? 'in this order' : 'in the other order', async t => {
          const { one, other, look } = await given(await emptyRooms(engine))
          const [first, second] = await engine.atOnce(isFirst ? one : other, isFirst ? other : one)
          await look(t, isFirst ? { one: first, other: second } : { one: second, other: first })
        })
      }
    })
  }

  eitherWay('whoever begins to wait for a contact detail that is let go is not forgotten', async rooms => {
    const { contacts, resources } = rooms.queries
    await rooms.store.commit(contacts.claim(lane, ada, email))
    return {
      one: contacts.release(lane, ada, email),
      other: [contacts.wait(otherLane, twin, email)],
      async look(t, { one, other }) {
        t.ok(one)
        t.equal(
          (await resources.toRedraw(10)).length,
          other ? 1 : 0,
          'it waits and is drawn again, or decides anew'
        )
      }
    }
  })

  eitherWay('whoever goes on waiting for one that is let go is not forgotten', async rooms => {
    const { contacts, resources } = rooms.queries
    await rooms.store.commit(contacts.claim(lane, ada, email))
    await rooms.store.commit([contacts.wait(otherLane, twin, email)])
    return {
      one: contacts.release(lane, ada, email),
      other: [
        contacts.stillOwned({ ...lane, ...ada }, email),
        resources.redrawn(otherLane, [{ ...twin, asked: 1 }])
      ],
      async look(t) {
        t.equal((await resources.toRedraw(10)).length, 1)
      }
    }
  })

  eitherWay('nor is who begins to wait for one of a customer who is taken off', async rooms => {
    const { contacts, lanes, resources } = rooms.queries
    await rooms.store.commit([
      ...lanes.advance(lane, undefined, undefined),
      ...contacts.claim(lane, ada, email)
    ])
    await rooms.store.commit(rooms.offboarding.begin(lane, 'stamp'))
    return {
      one: rooms.offboarding.end(lane, 'stamp'),
      other: [contacts.wait(otherLane, twin, email)],
      async look(t, { one, other }) {
        t.ok(one)
        t.equal((await resources.toRedraw(10)).length, other ? 1 : 0)
      }
    }
  })

  eitherWay('what is asked to be drawn again while it is being drawn is drawn again', async rooms => {
    const { resources } = rooms.queries
    await rooms.store.commit([resources.redraw(lane, [ada])])
    return {
      one: [resources.redrawn(lane, [{ ...ada, asked: 1 }])],
      other: [resources.redraw(lane, [ada])],
      async look(t) {
        t.equal((await resources.toRedraw(10)).length, 1)
      }
    }
  })

  /** As a push makes a place, and as a stay names it. */
  function making({ queries }: Rooms, which: Lane, row: Partial<DesiredRow> = {}): Write[] {
    const { lanes, resources } = queries
    const made = aResource(place.key, { kind: place.kind, customer_key: which.customerKey, ...row })
    return [
      ...lanes.advance(which, undefined, undefined),
      ...resources.nobodyElseHas(which, { made: [place.key], named: [] }),
      resources.upsert([made]),
      resources.redrawNamingElsewhere(which, place.key)
    ]
  }
  function naming({ queries }: Rooms, which: Lane): Write[] {
    const { lanes, resources } = queries
    return [
      ...lanes.advance(which, undefined, undefined),
      ...resources.nobodyElseHas(which, { made: [], named: [place.key] }),
      ...resources.names(which, stay, [{ role: 'place', key: place.key }])
    ]
  }

  eitherWay(
    'a key that a stay names while it comes to be another customer’s: one knows of the other',
    async rooms => ({
      one: making(rooms, lane),
      other: naming(rooms, otherLane),
      async look(t, { one, other }) {
        t.ok(one)
        t.same(
          (await rooms.queries.resources.toRedraw(10)).map(each => each.key),
          other ? [stay.key] : [],
          'the stay is drawn again, or decided anew'
        )
      }
    })
  )

  eitherWay('a key that two customers make comes to be that of one', async rooms => ({
    one: making(rooms, lane),
    other: making(rooms, otherLane, { kind: 'room' }),
    async look(t, { one, other }) {
      t.not(one, other)
      t.equal((await rooms.queries.resources.owners('default', [place.key])).length, 1)
    }
  }))

  eitherWay('customers who name the same key do not mind each other', async rooms => ({
    one: naming(rooms, lane),
    other: naming(rooms, otherLane),
    look: async (t, committed) => void t.same(committed, { one: true, other: true })
  }))

  eitherWay('a key that is made while it is deleted as nobody’s: one of them decides anew', async rooms => {
    const { lanes, resources } = rooms.queries
    const stray = strayLane(lane.workspaceId)
    await rooms.store.commit(lanes.advance(stray, undefined, undefined))
    return {
      one: [
        ...lanes.advance(lane, undefined, undefined),
        resources.upsert([aResource(place.key, { kind: place.kind })]),
        ...lanes.unmoved(stray, 1)
      ],
      other: [...lanes.advance(stray, 1, undefined), ...resources.nobodyHas(stray, [place])],
      look: async (t, { one, other }) => void t.not(one, other)
    }
  })

  eitherWay('a place that a stay begins to name is asked of', async rooms => {
    const { placeReadings, queries, store } = rooms
    const reading = { connectionId: 'a', placeId: 'p1' }
    await store.commit(queries.lanes.advance(lane, undefined, undefined))
    await store.commit([placeReadings.want([reading], 1_000)])
    const claimed = (await placeReadings.claim(1_000, 100)) as ClaimedPlace
    return {
      one: placeReadings.forget(claimed, { ...lane, key: place.key }),
      other: [
        ...queries.lanes.advance(lane, 1, undefined),
        ...queries.resources.names(lane, stay, [{ role: 'place', key: place.key }]),
        placeReadings.want([reading], 2_000)
      ],
      async look(t, committed) {
        t.same(committed, { one: true, other: true })
        t.match(await store.db.selectFrom('place_readings').selectAll().execute(), [{ place_id: 'p1' }])
      }
    }
  })

  eitherWay(
    'two who make a customer known, or decide upon what they have read of one: one does',
    async rooms => {
      const { lanes } = rooms.queries
      await rooms.store.commit(lanes.advance(otherLane, undefined, undefined))
      return {
        one: [...lanes.advance(lane, undefined, undefined), ...lanes.advance(otherLane, 1, undefined)],
        other: [...lanes.advance(lane, undefined, undefined), ...lanes.advance(otherLane, 1, undefined)],
        look: async (t, { one, other }) => void t.not(one, other)
      }
    }
  )

  eitherWay(
    'what is sent while its connection moves to another customer is forgotten, or sent, but not both',
    async ({ store, queries, outbox }) => {
      const { lanes, resources } = queries
      await store.commit([
        ...lanes.advance(lane, undefined, { dueAt: 1, arrivalAt: null }),
        resources.upsert([aResource(stay.key)])
      ])
      const claimed = await lanes.claim(1_000, 100)
      if (claimed === undefined) throw new TypeError('nothing was due')
      const moved = connectionOf({ id: 'lakeside', customerKey: otherLane.customerKey })
      return {
        one: [lanes.holdLease(claimed, 2_000), outbox.offer(lane, await outbox.dirtyStays(lane, 1))],
        other: (await forgetFormer(store, moved)) ?? [],
        async look(t, { one, other }) {
          t.not(one, other)
          t.match(await resources.byRef(lane, [stay]), one ? [{ offered: 1 }] : [])
        }
      }
    }
  )

  eitherWay('nothing is forgotten of which a delivery may speak that is let run again', async rooms => {
    const { deliveries, store, tombstones, queries } = rooms
    await store.commit([
      deliveries.insertOf(aDelivery('d1')),
      ...queries.lanes.advance(lane, undefined, undefined),
      queries.resources.upsert([
        aResource('gone', { fields: null, removed_stamp: '2', revision: 0, updated_at: 1_000 })
      ])
    ])
    const [claimed] = await deliveries.claim(1_000, 100, 1)
    if (claimed === undefined) throw new TypeError('nothing was due')
    await store.commit([deliveries.end(claimed, 'translated', [], 1_000)])
    const forgetting = { lane, revision: 1, until: 5_000, connections: ['lakeside'] }
    const gone = {
      workspace_id: lane.workspaceId,
      customer_key: lane.customerKey,
      kind: stay.kind,
      key: 'gone'
    }
    return {
      one: tombstones.forgetResources(forgetting, [gone]),
      other: [inTurn(store), deliveries.tellAgain('lakeside', 6_000)],
      async look(t) {
        const known = await queries.resources.byRef(lane, [{ kind: stay.kind, key: 'gone' }])
        const [again] = await deliveries.claim(6_000, 100, 1)
        t.equal(known.length, again === undefined ? 0 : 1)
      }
    }
  })
}

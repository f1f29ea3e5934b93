import type { Test } from 'tap'
import type { Kind } from '../../src/model/kind.ts'
import type { ClaimedLane } from '../../src/store/lane-claims.ts'
import type { DirtyResource } from '../../src/store/outbox.ts'
import { aResource, type Engine, emptyRooms, lane } from './given.ts'

const held: ClaimedLane = {
  ...lane,
  leaseToken: 1,
  failures: 0,
  arrivalAt: null,
  probeUntil: undefined,
  offboardStamp: undefined,
  offboardDue: false,
  leaseUntil: 60_000
}

const named = (resources: DirtyResource[]) => resources.map(each => `${each.kind} ${each.key}`)
const byText = (a: string, b: string) => (a < b ? -1 : 1)

function aGuest(key: string, told = {}) {
  return aResource(key, { kind: 'guest', fields: JSON.stringify({ guest_key: key, name: 'Ada' }), ...told })
}

export function outboxContract(t: Test, engine: Engine): void {
  t.test('changed stays come in order: those that end, then the nearest arrivals', async t => {
    const { store, outbox, queries } = await emptyRooms(engine)
    const rows = [
      aResource('in spring', { starts_at: 90_000 }),
      aResource('tonight', { starts_at: 1_000 }),
      aResource('off, in spring', { fields: null, starts_at: 95_000 }),
      aResource('off, tonight', { fields: null, starts_at: 1_000 }),
      aResource('over', { starts_at: null }),
      aResource('off, over', { fields: null, starts_at: null }),
      aResource('booked as a booking', { kind: 'booking', starts_at: 2_000 }),
      aResource('of somebody else', { customer_key: 'hillside-homes' }),
      aGuest('g1')
    ]
    await store.commit([queries.resources.upsert(rows)])
    t.same(named(await outbox.dirtyStays(lane, 10)), [
      'reservation off, tonight',
      'reservation off, in spring',
      'reservation off, over',
      'reservation tonight',
      'booking booked as a booking',
      'reservation in spring',
      'reservation over'
    ])
    t.same(named(await outbox.dirtyStays(lane, 1)), ['reservation off, tonight'])
    t.same(await outbox.dirtyStays({ ...lane, customerKey: 'hillside-homes' }, 1), [
      {
        kind: 'reservation',
        key: 'of somebody else',
        revision: 1,
        fields: { reservation_key: 'of somebody else' },
        offered: false,
        startsAt: null,
        stumbled: false,
        namedAtSeam: []
      }
    ])
  })

  t.test(
    'changed places and people are read apart, all of them or by key, never a stay that has the same key',
    async t => {
      const { store, outbox, queries } = await emptyRooms(engine)
      const kinds: Kind[] = ['space', 'guest', 'reservation']
      const rows = ['1', '2', '3'].flatMap(key => kinds.map(kind => aResource(key, { kind })))
      await store.commit([queries.resources.upsert([...rows, aGuest('0', { fields: null })])])
      t.same(named(await outbox.dirtyOthers(lane, 4)), ['guest 0', 'guest 1', 'guest 2', 'guest 3'])
      t.equal((await outbox.dirtyOthers(lane, 100)).length, 7)
      t.same(named(await outbox.dirtyAmong(lane, ['1', '3'])).sort(byText), [
        'guest 1',
        'guest 3',
        'space 1',
        'space 3'
      ])
      t.same(await outbox.dirtyAmong(lane, []), [])
    }
  )

  t.test('places and people whose deletion has to wait are left out, and pushes are not', async t => {
    const { store, outbox, queries } = await emptyRooms(engine)
    const rows = [aGuest('g1', { fields: null }), aGuest('g2', { fields: null }), aGuest('g3')]
    await store.commit([queries.resources.upsert(rows)])
    t.same(named(await outbox.dirtyOthers(lane, 10, ['g1', 'g3'])), ['guest g2', 'guest g3'])
    t.same(named(await outbox.dirtyOthers(lane, 10, 'all')), ['guest g3'])
  })

  t.test('keys are looked up by the thousand, more than one statement can take', async t => {
    const { store, outbox, queries } = await emptyRooms(engine)
    const keys = Array.from({ length: 40_000 }, (_none, serial) => `g${serial}`)
    await store.commit([queries.resources.upsert([aGuest('g0'), aGuest('g20000'), aGuest('g39999')])])
    t.same(named(await outbox.dirtyAmong(lane, keys)), ['guest g0', 'guest g20000', 'guest g39999'])
    t.equal(
      (
        await queries.resources.byRef(
          lane,
          keys.map(key => ({ kind: 'guest', key }))
        )
      ).length,
      3
    )
  })

  t.test('what Seam has agreed to is settled, and what changed meanwhile stays to do', async t => {
    const { store, outbox, queries } = await emptyRooms(engine)
    await store.commit([queries.resources.upsert([aGuest('g1'), aGuest('g2')])])
    const sent = await outbox.dirtyOthers(lane, 10)
    await store.commit([outbox.offer(lane, sent)])
    await store.commit([queries.resources.upsert([aGuest('g2', { revision: 2, fields: null })])])
    await store.commit([outbox.settle(lane, sent)])
    const [left, ...others] = await outbox.dirtyOthers(lane, 10)
    t.match(left, { key: 'g2', revision: 2, fields: null, offered: true })
    t.same(others, [])
    await store.commit([outbox.settle(lane, left === undefined ? [] : [left])])
    t.same(await outbox.dirtyOthers(lane, 10), [])
    await store.commit([queries.resources.upsert([aGuest('g2', { revision: 3 })])])
    t.match(await outbox.dirtyOthers(lane, 10), [{ key: 'g2', offered: false }], 'Seam has forgotten it')
  })

  t.test('nobody is announced to Seam with an e-mail or phone that the row has given up', async t => {
    const had = {
      guest_key: 'g1',
      name: 'Ada',
      email_address: 'ada@example.com',
      phone_number: '+12125550101'
    }
    const { store, outbox, queries } = await emptyRooms(engine)
    const change = (fields: object | null) => {
      const guest = aGuest('g1', { revision: 2, fields: fields && JSON.stringify(fields) })
      return store.commit([queries.resources.upsert([guest])])
    }
    const announced = async (read: DirtyResource[]) =>
      (await store.commit([outbox.offer(lane, read)])).committed
    await store.commit([
      queries.resources.upsert([aGuest('g0'), aGuest('g1', { fields: JSON.stringify(had) })])
    ])
    const read = await outbox.dirtyOthers(lane, 10)
    for (const fields of [
      null,
      { ...had, email_address: undefined },
      { ...had, email_address: 'grace@example.com' },
      { ...had, phone_number: undefined },
      { ...had, phone_number: '+12125550102' }
    ]) {
      await change(fields)
      t.notOk(await announced(read), JSON.stringify(fields))
    }
    t.ok(
      (await outbox.dirtyOthers(lane, 10)).every(each => !each.offered),
      'nor anybody with them'
    )
    await change({ ...had, name: 'Ada Lovelace' })
    t.ok(await announced(read), 'another name is no matter')
    await change(null)
    t.ok(await announced(read), 'nor is what Seam may hold already')
  })

  t.test(
    'a buried resource is left alone until it changes, and is no dead letter once it is settled',
    async t => {
      const { store, outbox, queries } = await emptyRooms(engine)
      const reasonOf = async () =>
        (await store.db.selectFrom('resources').select('buried_reason').executeTakeFirstOrThrow())
          .buried_reason
      await store.commit([queries.resources.upsert([aGuest('g1')])])
      const [offender] = await outbox.dirtyOthers(lane, 1)
      if (offender === undefined) throw new TypeError('it is not to be sent')
      await store.commit([outbox.markRefused(lane, offender, 'invalid_input: no', 1_000)])
      t.same([await outbox.dirtyOthers(lane, 1), await reasonOf()], [[], 'invalid_input: no'])
      await store.commit([queries.resources.upsert([aGuest('g1', { revision: 2 })])])
      const changed = await outbox.dirtyOthers(lane, 1)
      t.match(changed, [{ key: 'g1', revision: 2 }])
      await store.commit([outbox.settle(lane, changed)])
      t.same([await outbox.dirtyOthers(lane, 1), await reasonOf()], [[], null])
    }
  )

  t.test('an attempt tells what it carried and what came of it', async t => {
    const { store, outbox } = await emptyRooms(engine)
    const carried: DirtyResource[] = (['guest', 'reservation'] as const).map((kind, serial) => ({
      kind,
      key: 'b1',
      revision: serial + 4,
      fields: {},
      offered: true,
      startsAt: null
    }))
    const attempt = { operation: 'push_data' as const, startedAt: 1_000, durationMs: 20 }
    const answered = { ...attempt, id: 'a1', status: 200, requestId: 'req_1', error: undefined }
    const unanswered = { ...attempt, id: 'a2', status: undefined, requestId: undefined, error: 'no answer' }
    const said = { type: 'invalid_input', message: 'no such field' }
    const refused = {
      ...attempt,
      id: 'a3',
      status: 400,
      requestId: 'req_3',
      error: 'refused',
      seamError: said
    }
    await store.commit([
      ...outbox.record(held, answered, carried),
      ...outbox.record(held, unanswered, carried),
      ...outbox.record(held, refused, carried)
    ])
    const common = {
      workspace_id: 'default',
      customer_key: 'lakeside-homes',
      operation: 'push_data',
      started_at: 1_000,
      duration_ms: 20
    }
    t.same(await store.db.selectFrom('attempts').selectAll().orderBy('id').execute(), [
      { id: 'a1', ...common, status: 200, request_id: 'req_1', error: null, seam_error: null },
      { id: 'a2', ...common, status: null, request_id: null, error: 'no answer', seam_error: null },
      {
        id: 'a3',
        ...common,
        status: 400,
        request_id: 'req_3',
        error: 'refused',
        seam_error: JSON.stringify(said)
      }
    ])
    const resources = store.db.selectFrom('attempt_resources').selectAll().where('attempt_id', '=', 'a1')
    t.same(await resources.orderBy('kind').execute(), [
      { attempt_id: 'a1', workspace_id: 'default', kind: 'guest', key: 'b1', revision: 4 },
      { attempt_id: 'a1', workspace_id: 'default', kind: 'reservation', key: 'b1', revision: 5 }
    ])
  })

  t.test('a workspace works unless it is told otherwise', async t => {
    const { outbox } = await emptyRooms(engine)
    t.same(await outbox.workspace('default'), { waitUntil: 0, failures: 0, stopped: false, reason: null })
    const stopped = { waitUntil: 5_000, failures: 2, stopped: true, reason: 'status 401' }
    await outbox.delayWorkspace('default', stopped)
    t.same(await outbox.workspace('default'), stopped)
    await outbox.probeWorkspace('default', 7_000, Number.MAX_SAFE_INTEGER)
    t.same(await outbox.workspace('default'), { ...stopped, waitUntil: 7_000 })
    t.match(await outbox.workspace('eu'), { failures: 0 })
  })
}

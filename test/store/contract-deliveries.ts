import type { Test } from 'tap'
import type { Deliveries } from '../../src/store/deliveries.ts'
import type { ClaimedDelivery } from '../../src/store/delivery-claims.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import type { Store } from '../../src/store/store.ts'
import { aDelivery, type Engine, emptyRooms } from './given.ts'
import { answersLost } from './lost-answers.ts'

const LEASE_MS = 60_000

async function claimOne(deliveries: Deliveries, now: number): Promise<ClaimedDelivery> {
  const [claimed] = await deliveries.claim(now, LEASE_MS, 1)
  if (claimed === undefined) throw new TypeError('nothing was due')
  return claimed
}

async function rowOf(store: Store, id: string) {
  return store.db
    .selectFrom('deliveries')
    .select(['state', 'due_at', 'attempts', 'outcome', 'last_error', 'done_at', 'facts'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
}

export function deliveriesContract(t: Test, engine: Engine): void {
  t.test('a delivery comes out of the inbox as it went in', async t => {
    const { deliveries } = await emptyRooms(engine)
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    t.same(await deliveries.append(aDelivery('d1', { trace })), { id: 'd1', duplicate: false })
    const { dedupeKey: _key, ...stored } = aDelivery('d1', { trace })
    const [claimed, ...others] = await deliveries.claim(1_000, LEASE_MS, 10)
    t.same(
      { ...claimed, body: Buffer.from(claimed?.body ?? []) },
      { ...stored, leaseToken: claimed?.leaseToken, attempts: 0, facts: undefined, ranBefore: false }
    )
    t.same(others, [])
  })

  t.test('a claim whose answer was lost is given back, and counts as no attempt', async t => {
    const { store, deliveries } = await emptyRooms(engine)
    const losing = answersLost(store)
    const { deliveries: ours } = storeRooms(losing.store)
    await deliveries.append(aDelivery('d1'))
    losing.on = true
    await t.rejects(ours.claim(1_000, LEASE_MS, 10), { code: 'RELAY_STORE_UNAVAILABLE' })
    t.same(await deliveries.claim(1_000, LEASE_MS, 10), [], 'it was committed')
    losing.on = false
    t.match(await ours.claim(1_000, LEASE_MS, 10), [{ id: 'd1', attempts: 0 }])
  })

  t.test(
    'of deliveries with one id of the platform only the first is kept, however close they come',
    async t => {
      const { store, deliveries } = await emptyRooms(engine)
      const appended = await Promise.all(
        ['d1', 'd2', 'd3'].map(id => deliveries.append(aDelivery(id, { dedupeKey: 'evt_1' })))
      )
      t.same(appended, [
        { id: 'd1', duplicate: false },
        { id: 'd1', duplicate: true },
        { id: 'd1', duplicate: true }
      ])
      const rows = await store.db.selectFrom('deliveries').select('id').execute()
      t.same(rows, [{ id: 'd1' }])
    }
  )

  t.test('the same id at another connection is another delivery, and so is one without any', async t => {
    const { deliveries } = await emptyRooms(engine)
    const appended = [
      aDelivery('d1', { dedupeKey: 'evt_1' }),
      aDelivery('d2', { dedupeKey: 'evt_1', connectionId: 'hillside' }),
      aDelivery('d3'),
      aDelivery('d4')
    ].map(each => deliveries.append(each))
    t.same(
      (await Promise.all(appended)).map(each => each.duplicate),
      [false, false, false, false]
    )
  })

  t.test('a delivery stored twice under its own id is its own duplicate', async t => {
    const { deliveries } = await emptyRooms(engine)
    await deliveries.append(aDelivery('d1'))
    t.same(await deliveries.append(aDelivery('d1')), { id: 'd1', duplicate: true })
  })

  t.test('a connection that sends many at once queues behind the others', async t => {
    const { deliveries } = await emptyRooms(engine)
    for (let serial = 0; serial < 50; serial += 1)
      await deliveries.append(aDelivery(`busy${serial}`, { connectionId: 'busy', receivedAt: 1_000 }))
    await deliveries.append(aDelivery('quiet', { connectionId: 'quiet', receivedAt: 1_040 }))
    const first = (await deliveries.claim(2_000, LEASE_MS, 20)).map(each => each.id)
    t.ok(first.includes('busy0'))
    t.ok(first.includes('quiet'))
    t.equal((await deliveries.claim(2_000, LEASE_MS, 100)).length, 31)
  })

  t.test('what is replayed leaves room for what comes meanwhile', async t => {
    const { store, deliveries } = await emptyRooms(engine)
    for (const id of ['d1', 'd2']) await deliveries.append(aDelivery(id))
    for (const each of await deliveries.claim(2_000, LEASE_MS, 10))
      await store.commit([deliveries.end(each, 'translated', [], 2_000)])
    t.equal(await deliveries.replay({ connectionId: 'lakeside', states: ['translated'] }, 2_000), 2)
    await deliveries.append(aDelivery('d3', { receivedAt: 3_000, connectionId: 'other' }))
    t.same(
      (await deliveries.claim(3_000, LEASE_MS, 1)).map(each => each.id),
      ['d3']
    )
    t.equal((await deliveries.claim(3_000, LEASE_MS, 10)).length, 2)
  })

  t.test('a claim takes what is due, oldest first, and no more than asked for', async t => {
    const { deliveries } = await emptyRooms(engine)
    for (const [id, receivedAt] of [
      ['d3', 3],
      ['d1', 1],
      ['d4', 4_000],
      ['d2', 2]
    ] as const) {
      await deliveries.append(aDelivery(id, { receivedAt, connectionId: id }))
    }
    const ids = async (limit: number) => (await deliveries.claim(1_000, LEASE_MS, limit)).map(each => each.id)
    t.same(await ids(2), ['d1', 'd2'])
    t.same(await ids(2), ['d3'])
    t.same(await ids(2), [])
  })

  t.test('deliveries of connections that have enough in hand stay', async t => {
    const { deliveries } = await emptyRooms(engine)
    await deliveries.append(aDelivery('d1'))
    await deliveries.append(aDelivery('d2', { connectionId: 'hillside' }))
    await deliveries.append(aDelivery('d3', { connectionId: 'seaside' }))
    const claimed = await deliveries.claim(1_000, LEASE_MS, 10, ['lakeside', 'seaside'])
    t.same(
      claimed.map(each => each.id),
      ['d2']
    )
  })

  t.test('two who claim at once never get the same delivery', async t => {
    const { deliveries } = await emptyRooms(engine)
    for (let serial = 10; serial < 30; serial += 1) await deliveries.append(aDelivery(`d${serial}`))
    const claims = await Promise.all(Array.from({ length: 4 }, () => deliveries.claim(1_000, LEASE_MS, 7)))
    const ids = claims.flat().map(each => each.id)
    t.equal(ids.length, 20)
    t.equal(new Set(ids).size, 20)
  })

  t.test(
    'a claimed delivery is claimed again when its lease has ended, and then the first holder’s word is void',
    async t => {
      const { store, deliveries } = await emptyRooms(engine)
      await deliveries.append(aDelivery('d1'))
      const first = await claimOne(deliveries, 1_000)
      t.same(await deliveries.claim(1_000 + LEASE_MS - 1, LEASE_MS, 1), [])
      const second = await claimOne(deliveries, 1_000 + LEASE_MS)
      t.equal(second.attempts, 1)

      await store.commit([deliveries.end(first, 'dead', [], 70_000, 'late')])
      await store.commit([deliveries.retry(first, 80_000, 'late')])
      await store.commit([deliveries.postpone(first, 80_000, 7)])
      t.same(await store.commit([deliveries.keepFacts(first, ['late'])]), { committed: false })
      const untouched = {
        state: 'received',
        due_at: 1_000 + 2 * LEASE_MS,
        attempts: 2,
        last_error: null,
        facts: null
      }
      t.match(await rowOf(store, 'd1'), untouched)

      await store.commit([deliveries.end(second, 'translated', [{ type: 'booked' }], 70_000)])
      t.same(await rowOf(store, 'd1'), {
        state: 'translated',
        due_at: 70_000,
        attempts: 2,
        outcome: '[{"type":"booked"}]',
        last_error: null,
        done_at: 70_000,
        facts: null
      })
      t.same(await deliveries.claim(1_000_000, LEASE_MS, 1), [])
    }
  )

  t.test('a delivery that is put off comes back when it is due', async t => {
    const { store, deliveries } = await emptyRooms(engine)
    await deliveries.append(aDelivery('d1'))
    await store.commit([
      deliveries.retry(await claimOne(deliveries, 1_000), 5_000, 'RELAY_PLATFORM_UNAVAILABLE: 503')
    ])
    t.match(await rowOf(store, 'd1'), {
      state: 'received',
      last_error: 'RELAY_PLATFORM_UNAVAILABLE: 503',
      done_at: null
    })
    t.same(await deliveries.claim(4_999, LEASE_MS, 1), [])
    const second = await claimOne(deliveries, 5_000)
    t.equal(second.attempts, 1)
    await store.commit([deliveries.postpone(second, 9_000, second.attempts)])
    t.same(await deliveries.claim(8_999, LEASE_MS, 1), [])
    t.equal((await claimOne(deliveries, 9_000)).attempts, 1, 'a rest is no attempt')
  })

  t.test(
    'facts are kept for the next attempt and for a replay; what is no fact comes back as nothing',
    async t => {
      const { store, deliveries } = await emptyRooms(engine)
      await deliveries.append(aDelivery('d1'))
      const first = await claimOne(deliveries, 1_000)
      const kept = await store.commit([deliveries.keepFacts(first, [{ gone: true }, undefined])])
      t.ok(kept.committed)
      await store.commit([deliveries.end(first, 'translated', [], 2_000)])
      t.equal(await deliveries.replay({ ids: ['d1'] }, 3_000), 1)
      const again = await claimOne(deliveries, 3_000)
      t.same([again.facts, again.attempts], [[{ gone: true }, null], 0])
    }
  )

  t.test('a replay takes deliveries by id, or those of one connection in the states asked for', async t => {
    const { store, deliveries } = await emptyRooms(engine)
    const states = { d1: 'translated', d2: 'dead', d3: 'held', d4: 'ignored', d5: 'dead' } as const
    for (const id of Object.keys(states)) {
      await deliveries.append(aDelivery(id, { connectionId: id === 'd5' ? 'hillside' : 'lakeside' }))
    }
    const claimed = await deliveries.claim(1_000, LEASE_MS, 10)
    for (const each of claimed) {
      const state = states[each.id as keyof typeof states]
      await store.commit([deliveries.end(each, state, [], 1_500, state === 'dead' ? 'no good' : null)])
    }
    t.match(await rowOf(store, 'd3'), { state: 'held', done_at: null })
    const again = async () => (await deliveries.claim(9_000, LEASE_MS, 10)).map(each => each.id)

    t.equal(await deliveries.replay({ connectionId: 'lakeside', states: ['dead'] }, 2_000), 1)
    t.match(await rowOf(store, 'd2'), { state: 'received', last_error: null, done_at: null, due_at: 2_000 })
    t.same(await again(), ['d2'])
    t.equal(
      await deliveries.replay({ connectionId: 'lakeside', states: ['translated', 'ignored'] }, 2_000),
      2
    )
    t.same(await again(), ['d1', 'd4'])
    t.equal(await deliveries.replay({ ids: ['d3', 'd5', 'unknown'] }, 2_000), 2)
    t.same(await again(), ['d3', 'd5'])
  })
}

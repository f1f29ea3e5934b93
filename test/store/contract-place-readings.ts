import type { Test } from 'tap'
import type { ClaimedPlace } from '../../src/store/place-readings.ts'
import { type Engine, emptyRooms, lane } from './given.ts'

const p1 = { connectionId: 'a', placeId: 'p1' }
const p2 = { connectionId: 'a', placeId: 'p2' }

export function placeReadingsContract(t: Test, engine: Engine): void {
  t.test('a place that is wanted is due at once, the one that waits longest first', async t => {
    const { placeReadings, store } = await emptyRooms(engine)
    await store.commit([placeReadings.want([p2], 1_000)])
    await store.commit([placeReadings.want([p1, p2], 2_000)])
    t.equal(await placeReadings.claim(999, 100), undefined)
    t.match(await placeReadings.claim(2_000, 100), { ...p2, failures: 0 })
    t.match(await placeReadings.claim(2_000, 100), p1)
    t.equal(await placeReadings.claim(2_000, 100), undefined)
    t.match(await placeReadings.claim(2_100, 100), {}, 'a lease that ended is claimed again')
  })

  t.test('one place goes to one reader', async t => {
    const { placeReadings, store } = await emptyRooms(engine)
    await store.commit([placeReadings.want([p1], 1_000)])
    const claims = await Promise.all([placeReadings.claim(1_000, 100), placeReadings.claim(1_000, 100)])
    t.equal(claims.filter(claim => claim !== undefined).length, 1)
  })

  t.test('what was read rests, and is not brought forward by being wanted again', async t => {
    const { placeReadings, store } = await emptyRooms(engine)
    await store.commit([placeReadings.want([p1], 1_000)])
    const claimed = (await placeReadings.claim(1_000, 100)) as ClaimedPlace
    await store.commit([placeReadings.settle(claimed, 1_050, 9_000)])
    await store.commit([placeReadings.want([p1], 2_000)])
    t.equal(await placeReadings.claim(8_999, 100), undefined)
    t.match(await placeReadings.claim(9_000, 100), p1)
  })

  t.test('a failure is counted and its reason kept; a postponement is neither', async t => {
    const { placeReadings, store } = await emptyRooms(engine)
    await store.commit([placeReadings.want([p1], 1_000)])
    const first = (await placeReadings.claim(1_000, 100)) as ClaimedPlace
    await store.commit([placeReadings.postpone(first, 2_000, 'no answer')])
    const second = (await placeReadings.claim(2_000, 100)) as ClaimedPlace
    t.equal(second.failures, 1)
    await store.commit([placeReadings.postpone(second, 3_000, undefined)])
    t.match(await store.db.selectFrom('place_readings').selectAll().execute(), [
      { failures: 1, last_error: 'no answer', due_at: 3_000 }
    ])
  })

  t.test('a reader whose lease went to another changes nothing, and what is forgotten is gone', async t => {
    const { placeReadings, store } = await emptyRooms(engine)
    await store.commit([placeReadings.want([p1, p2], 1_000)])
    const late = (await placeReadings.claim(1_000, 100)) as ClaimedPlace
    await placeReadings.claim(1_000, 100)
    const next = (await placeReadings.claim(1_100, 100)) as ClaimedPlace
    await store.commit([
      placeReadings.settle(late, 1_100, 9_000),
      placeReadings.postpone(late, 9_000, 'late')
    ])
    const row = store.db
      .selectFrom('place_readings')
      .select(['due_at', 'failures'])
      .where('place_id', '=', next.placeId)
    t.match(await row.execute(), [{ due_at: 1_200, failures: 0 }])
    await store.commit(placeReadings.forget(late))
    t.equal((await store.db.selectFrom('place_readings').selectAll().execute()).length, 2)
    await store.commit(placeReadings.forget(next))
    t.equal((await store.db.selectFrom('place_readings').selectAll().execute()).length, 1)
  })

  t.test('a place that a stay names by now is not forgotten', async t => {
    const { placeReadings, queries, store } = await emptyRooms(engine)
    const at = { ...lane, key: 'a:p1' }
    const names = (list: { role: 'place'; key: string }[]) =>
      queries.resources.names(lane, { kind: 'reservation', key: 's1' }, list)
    await store.commit([placeReadings.want([p1], 1_000), ...names([{ role: 'place', key: 'a:p1' }])])
    const claimed = (await placeReadings.claim(1_000, 100)) as ClaimedPlace
    const known = () => store.db.selectFrom('place_readings').select('place_id').execute()
    await store.commit(placeReadings.forget(claimed, at))
    t.equal((await known()).length, 1)
    await store.commit(names([]))
    await store.commit(placeReadings.forget(claimed, at))
    t.same(await known(), [])
  })
}

import type { Test } from 'tap'
import type { ClaimedLook } from '../../src/store/second-looks.ts'
import type { ChangeOutcome } from '../../src/store/tables.ts'
import { type Engine, emptyRooms, lane } from './given.ts'

const look = (deliveryId: string, subject = 'b1') => ({ connectionId: 'a', subject, deliveryId })

/** What became of a stay's part of a delivery. */
function logged(deliveryId: string, outcome: ChangeOutcome, revision: number | null, key = 'a:s1') {
  return {
    delivery_id: deliveryId,
    event_index: 0,
    at: 1_000,
    workspace_id: lane.workspaceId,
    customer_key: lane.customerKey,
    kind: 'reservation' as const,
    key,
    booking: null,
    version: 1,
    outcome,
    revision,
    note: null
  }
}

export function secondLooksContract(t: Test, engine: Engine): void {
  t.test('a look is due at its time, and goes to one reader', async t => {
    const { secondLooks, store } = await emptyRooms(engine)
    await store.commit([secondLooks.wantUnlessNews(look('d1'), 2_000)])
    await store.commit([secondLooks.wantUnlessNews(look('d2', 'b2'), 1_500)])
    t.equal(await secondLooks.claim(1_499, 100), undefined)
    t.match(await secondLooks.claim(2_000, 100), { ...look('d2', 'b2'), failures: 0 })
    const claims = await Promise.all([secondLooks.claim(2_000, 100), secondLooks.claim(2_000, 100)])
    t.equal(claims.filter(claim => claim !== undefined).length, 1)
    t.equal(await secondLooks.claim(2_000, 100), undefined)
    t.match(await secondLooks.claim(2_100, 100), {}, 'a lease that ended is claimed again')
  })

  t.test('a delivery that changed by itself what was known wants none', async t => {
    const { secondLooks, queries, store } = await emptyRooms(engine)
    await store.commit([
      queries.resources.log([logged('d0', 'changed', 6), logged('d0', 'changed', 7, 'a:s3')]),
      queries.resources.log([logged('d1', 'changed', 7), logged('d2', 'unchanged', null, 'a:s2')]),
      queries.resources.log([logged('d3', 'held', 8, 'a:s3'), logged('d4', 'held', null, 'a:s4')]),
      queries.resources.log([logged('d6', 'changed', 9, 'a:s6')]),
      ...['d1', 'd2', 'd3', 'd4', 'd5', 'd6'].map(id => secondLooks.wantUnlessNews(look(id, id), 1_000))
    ])
    const rows = await store.db.selectFrom('second_looks').select('delivery_id').orderBy('subject').execute()
    t.same(
      rows.map(row => row.delivery_id),
      ['d2', 'd4', 'd5', 'd6']
    )
  })

  t.test(
    'of what several brought in one commit, each wants one; of what one of them brought alone, not',
    async t => {
      const { secondLooks, queries, store } = await emptyRooms(engine)
      await store.commit([
        queries.resources.log([logged('d0', 'changed', 6), logged('d0', 'changed', 6, 'a:s2')]),
        queries.resources.log([
          logged('d1', 'changed', 7),
          logged('d2', 'changed', 7),
          logged('d3', 'changed', 7),
          logged('d3', 'changed', 7, 'a:s2')
        ]),
        ...['d1', 'd2', 'd3'].map(id => secondLooks.wantUnlessNews(look(id, id), 1_000))
      ])
      const rows = await store.db
        .selectFrom('second_looks')
        .select('delivery_id')
        .orderBy('subject')
        .execute()
      t.same(
        rows.map(row => row.delivery_id),
        ['d1', 'd2']
      )
    }
  )

  t.test('of one subject there is one look: at the delivery that came last, after the last one', async t => {
    const { secondLooks, store } = await emptyRooms(engine)
    for (const [id, dueAt] of [
      ['d2', 1_000],
      ['d3', 2_000],
      ['d1', 3_000]
    ] as const)
      await store.commit([secondLooks.wantUnlessNews(look(id), dueAt)])
    t.equal(await secondLooks.claim(2_999, 100), undefined)
    t.match(await secondLooks.claim(3_000, 100), look('d3'))
  })

  t.test('a look that is waited for is put off by news, too', async t => {
    const { secondLooks, queries, store } = await emptyRooms(engine)
    await store.commit([
      secondLooks.wantUnlessNews(look('d1'), 1_000),
      queries.resources.log([logged('d0', 'changed', 6), logged('d2', 'changed', 7)]),
      secondLooks.wantUnlessNews(look('d2'), 2_000)
    ])
    t.equal(await secondLooks.claim(1_999, 100), undefined)
    t.match(await secondLooks.claim(2_000, 100), look('d2'))
  })

  t.test('who reads while another webhook comes does not take that one’s look away', async t => {
    const { secondLooks, store } = await emptyRooms(engine)
    await store.commit([secondLooks.wantUnlessNews(look('d1'), 1_000)])
    const early = (await secondLooks.claim(1_000, 100)) as ClaimedLook
    await store.commit([secondLooks.wantUnlessNews(look('d2'), 2_000)])
    await store.commit([secondLooks.postpone(early, 9_000, 2), secondLooks.forget(early)])
    t.match(await secondLooks.claim(2_000, 100), { ...look('d2'), failures: 0 })
  })

  t.test('a failure is counted; what was looked at is forgotten', async t => {
    const { secondLooks, store } = await emptyRooms(engine)
    await store.commit([secondLooks.wantUnlessNews(look('d1'), 1_000)])
    const first = (await secondLooks.claim(1_000, 100)) as ClaimedLook
    await store.commit([secondLooks.postpone(first, 5_000, 1)])
    t.equal(await secondLooks.claim(4_999, 100), undefined)
    const second = (await secondLooks.claim(5_000, 100)) as ClaimedLook
    t.equal(second.failures, 1)
    await store.commit([secondLooks.forget(second)])
    t.same(await store.db.selectFrom('second_looks').selectAll().execute(), [])
  })
}

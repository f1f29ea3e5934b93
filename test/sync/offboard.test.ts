import t from 'tap'
import { stampOf } from '../../src/model/stamp.ts'
import { openRoom } from './open-room.ts'

t.test('a customer is not off where the call to Seam broke in a way that nobody foresaw', async t => {
  let isBroken = true
  const bodies: object[] = []
  const { store, queries, offboarding, room } = await openRoom((_operation, body) => {
    bodies.push(body)
    if (isBroken) throw new TypeError('a mistake of ours')
  })
  const lane = { workspaceId: 'default', customerKey: 'acme' }
  await store.commit([
    ...queries.lanes.advance(lane, undefined, { dueAt: 0, arrivalAt: null }),
    ...offboarding.begin(lane, stampOf(1, 'd1', true))
  ])
  const isDue = async () =>
    (await store.db.selectFrom('lanes').select('offboard_due').execute()).map(row => row.offboard_due)
  t.equal(await room().syncOnce(), 'idle')
  t.same(await isDue(), [1])

  isBroken = false
  await store.commit([
    { sql: 'update lanes set due_at = 0, lease_until = null', rows: [[]], returning: false }
  ])
  t.equal(await room().syncOnce(), 'busy')
  t.same(await isDue(), [0])
  t.same(bodies, [{ customer_keys: ['acme'] }, { customer_keys: ['acme'] }])
})

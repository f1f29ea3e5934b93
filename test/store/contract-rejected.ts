import type { Test } from 'tap'
import { aDelivery, aRejected, type Engine, emptyRooms } from './given.ts'

const ROOMY = { count: 100, bytes: 1_000_000 }

export function rejectedContract(t: Test, engine: Engine): void {
  t.test('a rejected request comes back as it was kept', async t => {
    const { rejected } = await emptyRooms(engine)
    const withDigest = aRejected('r1', { credentialDigest: { salt: 'salt', hash: 'hash' } })
    const bare = aRejected('r2', { remoteAddress: undefined })
    await rejected.keep(withDigest, ROOMY)
    await rejected.keep(bare, ROOMY)
    const kept = await rejected.list('lakeside')
    t.same(
      kept.map(each => ({ ...each, body: Buffer.from(each.body) })),
      [withDigest, { ...bare, credentialDigest: undefined }]
    )
    t.same(await rejected.list('hillside'), [])
  })

  t.test('the oldest beyond the count go, per connection', async t => {
    const { rejected } = await emptyRooms(engine)
    await rejected.keep(aRejected('r0', { connectionId: 'hillside' }), { ...ROOMY, count: 2 })
    for (const id of ['r1', 'r2', 'r3']) await rejected.keep(aRejected(id), { ...ROOMY, count: 2 })
    const ids = async (connection: string) => (await rejected.list(connection)).map(each => each.id)
    t.same([await ids('lakeside'), await ids('hillside')], [['r2', 'r3'], ['r0']])
  })

  t.test('the oldest beyond the bytes go, and what is larger than all of them is not kept', async t => {
    const { rejected } = await emptyRooms(engine)
    const limits = { count: 10, bytes: 100 }
    for (const id of ['r1', 'r2', 'r3'])
      await rejected.keep(aRejected(id, { body: Buffer.alloc(45) }), limits)
    t.same(
      (await rejected.list('lakeside')).map(each => each.id),
      ['r2', 'r3']
    )
    await rejected.keep(aRejected('r4', { body: Buffer.alloc(101) }), limits)
    t.same(await rejected.list('lakeside'), [])
  })

  t.test('rejections are counted by connection and cause', async t => {
    const { rejected } = await emptyRooms(engine)
    const wrong = { connectionId: 'lakeside', cause: 'signature_wrong' }
    await rejected.count(
      [
        { ...wrong, count: 2 },
        { connectionId: '(unknown)', cause: 'unknown_connection', count: 1 }
      ],
      1_000
    )
    await rejected.count([{ ...wrong, count: 3 }], 2_000)
    t.same(await rejected.counts(), [
      { connectionId: '(unknown)', cause: 'unknown_connection', count: 1, lastAt: 1_000 },
      { ...wrong, count: 5, lastAt: 2_000 }
    ])
  })

  t.test('a rejected request that is taken in leaves the rejected as it enters the inbox', async t => {
    const { rejected, deliveries } = await emptyRooms(engine)
    await rejected.keep(aRejected('r1'), ROOMY)
    await rejected.keep(aRejected('r2'), ROOMY)
    await rejected.takeIn([aDelivery('r1', { dedupeKey: 'evt_1' })], deliveries)
    await rejected.takeIn([aDelivery('r2', { dedupeKey: 'evt_1' })], deliveries)
    t.same(await rejected.list('lakeside'), [])
    const due = await deliveries.claim(1_000, 1, 10)
    t.same(
      due.map(each => each.id),
      ['r1'],
      'of two with one id of the platform, one'
    )
  })
}

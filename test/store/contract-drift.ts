import type { Test } from 'tap'
import { type Engine, emptyRooms } from './given.ts'

export function driftContract(t: Test, engine: Engine): void {
  t.test('what is not known is counted, with its first and its last time', async t => {
    const { drift, store } = await emptyRooms(engine)
    const seen = { connectionId: 'a', platform: 'acme', kind: 'unknown_event', detail: 'dreamt' } as const
    await store.commit([drift.count([{ ...seen, deliveryId: 'd1' }], 1_000)])
    await store.commit([
      drift.count(
        [
          { ...seen, deliveryId: 'd2' },
          { ...seen, connectionId: 'b', deliveryId: 'd3' }
        ],
        2_000
      )
    ])
    t.strictSame(await drift.list(), [
      { ...seen, deliveryId: 'd2', count: 2, firstAt: 1_000, lastAt: 2_000 },
      { ...seen, connectionId: 'b', deliveryId: 'd3', count: 1, firstAt: 2_000, lastAt: 2_000 }
    ])
  })

  t.test('a platform that says something else each time does not fill the store', async t => {
    const { drift, store } = await emptyRooms(engine)
    const seen = { connectionId: 'a', platform: 'acme', kind: 'unknown_status', deliveryId: 'd1' } as const
    const words = Array.from({ length: 250 }, (_none, serial) => ({ ...seen, detail: `word ${serial}` }))
    await store.commit([drift.count(words, 1_000)])
    await store.commit([
      drift.count(
        [
          { ...seen, detail: 'word 7' },
          { ...seen, connectionId: 'b', detail: 'x' }
        ],
        1_000
      )
    ])
    const list = await drift.list()
    t.equal(list.length, 202)
    const counts = new Map(list.map(each => [each.detail, each.count]))
    t.same([counts.get('(others)'), counts.get('word 7'), counts.get('x')], [50, 2, 1])
  })
}

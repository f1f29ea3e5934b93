import t from 'tap'
import { driftOf } from '../../src/store/drift.ts'
import { openAcme } from './acme.ts'

t.test('what a platform says and its adapter does not know is counted by kind', async t => {
  const relay = await openAcme(t)
  const at = relay.clock.now
  await relay.tell('a', { type: 'dreamt', id: 'b1' })
  await relay.tell('a', { type: 'booked' }, { type: 'booked', id: 'b2' })
  await relay.translate()
  relay.clock.now += 1_000
  await relay.tell('a', { type: 'moved', status: 'sleeping' })
  await relay.tell('a', { type: 'dreamt', id: 'b1' })
  await relay.translate()
  const seen = { connectionId: 'a', platform: 'acme' }
  t.match(await driftOf(relay.store).list(), [
    { ...seen, kind: 'unknown_event', detail: 'dreamt', count: 2, firstAt: at, lastAt: at + 1_000 },
    {
      ...seen,
      kind: 'unknown_status',
      detail: 'status "sleeping" is not known',
      count: 1,
      lastAt: at + 1_000
    },
    { ...seen, kind: 'invalid_event', detail: /^booked: \/id: /, count: 1, lastAt: at }
  ])
  t.same(await relay.guests(), ['Ada Lovelace'], 'and what was told beside it is known')
})

t.test('a status that is not known holds the delivery, and the next start tries it again', async t => {
  const relay = await openAcme(t)
  await relay.tell('a', { type: 'moved', status: 'sleeping' })
  await relay.translate()
  t.match(await relay.deliveries(), [
    { state: 'held', outcome: [{ outcome: 'held', drift: 'unknown_status' }] }
  ])
  const next = await openAcme(t, { store: relay.store, now: relay.clock.now })
  t.match(await next.deliveries(), [{ state: 'received' }])
})

t.test('a word of any length is kept short', async t => {
  const relay = await openAcme(t)
  await relay.tell('a', { type: 'moved', status: 'z'.repeat(5_000) }, { type: 'x'.repeat(5_000) })
  await relay.translate()
  const details = (await driftOf(relay.store).list()).map(each => each.detail)
  t.equal(details.length, 2)
  t.ok(details.every(detail => detail.length <= 200))
})

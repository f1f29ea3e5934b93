import t from 'tap'
import { ask, CONNECTION, openOperated } from './operator.ts'

t.test('the cause of what came last stands first, whatever has become of it', async t => {
  const relay = await openOperated(t)
  const send = async (data: unknown) => {
    const body = JSON.stringify({ id: `e${relay.clock.now}`, action: 'reservation.created', data })
    await relay.deliver(CONNECTION, { event: 'reservation.created', body })
    await relay.settle()
    relay.clock.now += 60_000
  }
  const order = async () =>
    (await ask(relay, '/dead-letters')).body.data.map((each: { of: string }) => each.of)
  const incomplete = { id: 4 }
  await send(incomplete)
  await send('nothing')
  t.strictSame(await order(), ['dead', 'held'])
  await send(incomplete)
  t.strictSame(await order(), ['held', 'dead'])
})

import t from 'tap'
import { act, ask, CONNECTION, openOperated } from './operator.ts'

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

t.test('a cause is told whole, in the words of the latest of those that begin alike', async t => {
  const relay = await openOperated(t)
  const { db } = relay.store
  const beginning = `RELAY_EVENT_INVALID: reservation.created: ${'/data/rooms/0 '.repeat(9)}`
  for (const end of ['is no number', 'is no text']) {
    const body = JSON.stringify({ id: end, action: 'reservation.created', data: 'nothing' })
    await relay.deliver(CONNECTION, { event: 'reservation.created', body })
    await relay.settle()
    relay.clock.now += 60_000
    const { id } = await db
      .selectFrom('deliveries')
      .select(({ fn }) => fn.max('id').as('id'))
      .executeTakeFirstOrThrow()
    await db
      .updateTable('deliveries')
      .set({ last_error: `${beginning}${end}` })
      .where('id', '=', id)
      .execute()
  }
  const { data } = (await ask(relay, '/dead-letters')).body
  t.match(data, [
    { count: 2, code: 'RELAY_EVENT_INVALID', cause: /^reservation\.created: .{126}is no text$/ }
  ])
  t.notOk(Object.hasOwn(data[0], 'words'))
  const { status } = await act(relay, 'POST', '/dead-letters/revive', { of: 'dead', group: data[0].group })
  t.equal(status, 202)
})

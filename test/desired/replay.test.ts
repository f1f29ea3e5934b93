import t from 'tap'
import {
  type Change,
  cancelled,
  notPushed,
  remove,
  stays,
  upsertGuest,
  upsertPlace
} from '../../src/model/change.ts'
import { connectionOf, openDesired, saidOf, stayOf } from './open-desired.ts'

const relay = await openDesired(t)

const when = (day: string) => ({ start: { instant: `2027-03-${day}T15:00:00Z` } })

t.test('a delivery that is said again in other words takes the place of what it said before', async t => {
  relay.anew()
  const [connection] = relay.connections
  await relay.take(saidOf(connection, 'd1', [stays('b1', 1, [stayOf('b1_1'), stayOf('b1_2')])]))
  await relay.take(saidOf(connection, 'd1', [stays('b1', 1, [stayOf('b1_2', when('14')), stayOf('b1_3')])]))
  t.equal((await relay.see('lake:b1_1'))?.fields, null)
  t.equal((await relay.see('lake:b1_2'))?.fields?.starts_at, '2027-03-14T15:00:00Z')
  t.ok((await relay.see('lake:b1_3'))?.fields)

  await relay.take(saidOf(connection, 'd1', [stays('b1', 1, [stayOf('b1_1')])]))
  t.ok((await relay.see('lake:b1_1'))?.fields)
  t.equal((await relay.see('lake:b1_2'))?.fields, null)
})

t.test('an older delivery that is said again in other words stays old', async t => {
  relay.anew()
  const [connection] = relay.connections
  await relay.take(saidOf(connection, 'd1', [stays('b1', 1, [stayOf('b1')])]))
  await relay.take(saidOf(connection, 'd2', [stays('b1', 2, [stayOf('b1', when('14'))])]))
  await relay.take(saidOf(connection, 'd1', [stays('b1', 1, [stayOf('b1'), stayOf('b1_2')])]))
  t.equal((await relay.see('lake:b1'))?.fields?.starts_at, '2027-03-14T15:00:00Z')
  t.match(await relay.see('lake:b1_2'), { fields: null, held: null })
})

t.test('a request is at Seam once it is replayed under `tentative: push`, and gone under `hold`', async t => {
  relay.anew()
  const [connection] = relay.connections
  const held = saidOf(connection, 'd1', [notPushed('b1', 1, 'request')])
  const pushed = saidOf(connection, 'd1', [stays('b1', 1, [stayOf('b1')])])
  await relay.take(held)
  await relay.take(pushed)
  t.ok((await relay.see('lake:b1'))?.fields)
  await relay.take(held)
  t.equal((await relay.see('lake:b1'))?.fields, null)
  await relay.take(pushed)
  t.ok((await relay.see('lake:b1'))?.fields)
})

t.test(
  'a cancellation that was a mistake of the translator is taken back by a replay through a mended one',
  async t => {
    for (const knownBefore of [false, true]) {
      relay.anew()
      const [connection] = relay.connections
      if (knownBefore)
        await relay.take(saidOf(connection, 'd0', [stays('b1', 1, [stayOf('b1', when('12'))])]))
      await relay.take(saidOf(connection, 'd1', [cancelled('b1', 2)]))
      t.notOk((await relay.see('lake:b1'))?.fields)
      const mended = saidOf(connection, 'd1', [stays('b1', 2, [stayOf('b1', when('13'))])])
      await relay.take(mended)
      t.equal((await relay.see('lake:b1'))?.fields?.starts_at, '2027-03-13T15:00:00Z')
      // A late delivery of before is as old as ever.
      await relay.take(saidOf(connection, 'd2', [stays('b1', 1, [stayOf('b1', when('14'))])]))
      t.equal((await relay.see('lake:b1'))?.fields?.starts_at, '2027-03-13T15:00:00Z')
      await relay.take(saidOf(connection, 'd3', [cancelled('b1', 3)]))
      await relay.take(mended)
      t.equal((await relay.see('lake:b1'))?.fields, null, 'and what is newer counts')
    }
  }
)

t.test('a removal that was a mistake is taken back likewise', async t => {
  relay.anew()
  const [connection] = relay.connections
  await relay.take(saidOf(connection, 'd1', [stays('b1', 1, [stayOf('b1')])]))
  await relay.take(saidOf(connection, 'd2', [remove('place', 'p1', 2)]))
  t.match(await relay.see('lake:b1'), { fields: null, held: /removed/ })
  await relay.take(saidOf(connection, 'd2', [upsertPlace('p1', 2, { name: 'By the lake' })]))
  t.ok((await relay.see('lake:b1'))?.fields)
  t.match((await relay.see('lake:p1'))?.fields, { name: 'By the lake' })
})

t.test('what is said again as of an earlier moment no longer counts as of the later one', async t => {
  relay.anew()
  const [connection] = relay.connections
  const say = (id: string, change: Change) => relay.take(saidOf(connection, id, [change]))
  const startOf = async () => (await relay.see('lake:b1'))?.fields?.starts_at
  const at = (version: number, day: string) => stays('b1', version, [stayOf('b1', when(day))])
  await say('d1', at(1, '12'))
  await say('d2', at(9, '13'))
  await say('d2', cancelled('b1', 3))
  t.equal((await relay.see('lake:b1'))?.fields, null, 'a cancellation that was taken for a booking')
  await say('d3', at(4, '14'))
  t.equal(await startOf(), '2027-03-14T15:00:00Z', 'and outdoes nothing that was said since')

  await say('d4', at(9, '10'))
  await say('d4', at(5, '11'))
  t.equal(await startOf(), '2027-03-11T15:00:00Z')
  await say('d5', at(6, '12'))
  t.equal(await startOf(), '2027-03-12T15:00:00Z')

  await say('d6', cancelled('b1', 9))
  await say('d6', cancelled('b1', 7))
  await say('d7', at(8, '13'))
  t.equal(await startOf(), '2027-03-13T15:00:00Z')
})

t.test('a place, too, counts as of the moment that is told now', async t => {
  relay.anew()
  const [connection] = relay.connections
  const nameOf = async () => (await relay.see('lake:p1'))?.fields?.name
  const named = (version: number, name: string) => [upsertPlace('p1', version, { name })]
  await relay.take(saidOf(connection, 'd1', [stays('b1', 1, [stayOf('b1')])]))
  await relay.take(saidOf(connection, 'd2', named(9, 'Wrong')))
  await relay.take(saidOf(connection, 'd2', named(2, 'By the lake')))
  await relay.take(saidOf(connection, 'd3', named(3, 'By the river')))
  t.equal(await nameOf(), 'By the river')
})

t.test('after a change of lists a replay takes the stay to the new one', async t => {
  relay.anew()
  const [before] = relay.connections
  const told = [stays('b1', 1, [stayOf('b1')])]
  await relay.take(saidOf(before, 'd1', told))
  await relay.sent()
  const after = {
    ...connectionOf(),
    ...before,
    lists: { place: 'units', guest: 'residents', stay: 'bookings' } as const
  }
  relay.connections[0] = after
  await relay.take(saidOf(after, 'd1', told))
  const rows = await relay.store.db
    .selectFrom('resources')
    .select(['kind', 'fields'])
    .where('customer_key', '=', after.customerKey)
    .execute()
  const atSeam = rows.filter(row => row.fields !== null).map(row => row.kind)
  t.ok(atSeam.includes('booking'))
  t.notOk(atSeam.includes('reservation'))
})

t.test('the whole of a guest, said again with less, is less', async t => {
  relay.anew()
  const [connection] = relay.connections
  await relay.say([stays('b1', 1, [stayOf('b1')])])
  const whole = (fields: object) => saidOf(connection, 'e1', [upsertGuest('g1', 2, fields, true)])
  await relay.take(whole({ name: 'Ada King', email: 'ada@example.com' }))
  await relay.take(whole({ name: 'Ada King' }))
  t.same((await relay.see('lake:g1'))?.fields, { guest_key: 'lake:g1', name: 'Ada King' })
})

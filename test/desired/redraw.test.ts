import t from 'tap'
import { redrawing } from '../../src/desired/redraw.ts'
import { stays, upsertPlace } from '../../src/model/change.ts'
import { connectionOf, openDesired, stayOf } from './open-desired.ts'

const relay = await openDesired(t)

t.test(
  'after a change of settings everything of the connection is drawn again, of every customer',
  async t => {
    const port = { id: 'port', customerKey: 'port-homes' }
    relay.anew([connectionOf(), connectionOf(port)])
    const dates = { start: { date: '2027-07-01', time: '15:00' }, end: { date: '2027-07-03', time: '11:00' } }
    for (const id of ['lake', 'port']) {
      await relay.say([upsertPlace('p1', 1, { name: 'Loft' }), stays('b1', 1, [stayOf('b1', dates)])], id)
    }
    relay.connections.forEach((connection, index) => {
      relay.connections[index] = { ...connection, timeZone: 'Europe/Berlin' }
    })
    const { resources } = relay.rooms.queries
    await relay.store.commit([resources.redrawConnection('lake')])
    await relay.redraw()
    t.match((await relay.see('lake:b1'))?.fields, { starts_at: '2027-07-01T13:00:00Z' })
    t.match((await relay.see('lake:p1'))?.fields, { customer_data: { time_zone: 'Europe/Berlin' } })
    t.equal((await relay.see('port:b1'))?.fields, null)
    await relay.store.commit([resources.redrawConnection('port')])
    await relay.redraw()
    t.ok((await relay.see('port:b1'))?.fields)
  }
)

t.test('a row that is drawn again and does not change is not sent', async t => {
  relay.anew([connectionOf({ id: 'hill' })])
  await relay.say([stays('b1', 1, [stayOf('b1')])])
  const before = await relay.all()
  await relay.store.commit([relay.rooms.queries.resources.redrawConnection('hill')])
  await relay.redraw()
  t.same(await relay.all(), before)
  t.same(relay.dueAfter, [1_000])
})

t.test('a row that is not there is not waited for', async t => {
  relay.anew()
  const [connection] = relay.connections
  if (connection === undefined) return
  const { workspaceId, customerKey } = connection
  const ref = { kind: 'guest' as const, key: 'lake:g9' }
  await relay.desired.apply({ workspaceId, customerKey }, { said: [], redraw: [ref], also: [] })
  t.equal(await relay.see('lake:g9'), undefined)
})

t.test('a store that refuses is asked again later, and the log says so', async t => {
  const logged: { event: string }[] = []
  const once = redrawing({
    desired: relay.desired,
    queries: {
      ...relay.rooms.queries,
      resources: {
        ...relay.rooms.queries.resources,
        toRedraw: () => Promise.reject(new TypeError('the disk is full'))
      }
    },
    log: { error: (line: { event: string }) => logged.push(line) } as never
  })
  t.equal(await once(), 'idle')
  t.same(
    logged.map(line => line.event),
    ['redraw.failed']
  )
})

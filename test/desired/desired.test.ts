import t from 'tap'
import { desiredState } from '../../src/desired/desired.ts'
import { cancelled, notPushed, stays, upsertPlace } from '../../src/model/change.ts'
import { laneOf, NOON, openDesired, saidOf, stayOf } from './open-desired.ts'

const relay = await openDesired(t)

function lane() {
  const [connection] = relay.connections
  if (connection === undefined) throw new TypeError('no connection')
  return laneOf(connection)
}

async function revisions(): Promise<Record<string, number>> {
  return Object.fromEntries([...(await relay.all()).values()].map(row => [row.key, row.revision]))
}

t.test('what says nothing new counts no revision and sends nothing', async t => {
  relay.anew()
  await relay.say([upsertPlace('p1', 1, { name: 'Loft' }), stays('b1', 1, [stayOf('b1')])])
  const before = await revisions()
  t.same(relay.dueAfter, [1_000])
  await relay.say([upsertPlace('p1', 2, { name: 'Loft' }), stays('b1', 2, [stayOf('b1')])])
  await relay.say([cancelled('b1', 1)])
  await relay.say([stays('b1', 1, [stayOf('b1', { name: 'older' })])])
  t.same(await revisions(), before)
  t.same(relay.dueAfter, [1_000])
})

t.test('only what changed gets the lane’s next revision', async t => {
  relay.anew()
  await relay.say([stays('b1', 1, [stayOf('b1'), stayOf('b2')])])
  await relay.say([stays('b1', 2, [stayOf('b1', { name: 'Room 4' }), stayOf('b2')])])
  t.same(await revisions(), { 'lake:b1': 2, 'lake:b2': 1, 'lake:g1': 1, 'lake:p1': 1 })
})

t.test('a stay within a day does not wait for others, to come or to go', async t => {
  relay.anew()
  const hours = (ahead: number) => ({ instant: new Date(NOON + ahead * 3_600_000).toISOString() })
  const soon = { start: hours(23), end: hours(40) }
  await relay.say([stays('b1', 1, [stayOf('b1', soon)])])
  await relay.say([cancelled('b1', 2)])
  await relay.say([stays('b2', 1, [stayOf('b2', { start: hours(-3), end: hours(40) })])])
  await relay.say([stays('b3', 1, [stayOf('b3', { start: hours(25), end: hours(40) })])])
  t.same(relay.dueAfter, [0, 0, 0, 1_000])
})

t.test('deliveries of a customer that wait at the same moment are taken in together', async t => {
  relay.anew()
  const [connection] = relay.connections
  const before = relay.store.commits
  await Promise.all(
    Array.from({ length: 20 }, (_, index) => {
      const start = { instant: `2027-03-${10 + (index % 9)}T15:00:00Z` }
      const end = { instant: '2027-03-29T10:00:00Z' }
      return relay.take(
        saidOf(connection, `d${index + 10}`, [stays('b1', index, [stayOf('b1', { start, end })])])
      )
    })
  )
  t.equal(relay.store.commits - before, 2, 'the first alone, the others in one')
  t.equal((await relay.see('lake:b1'))?.fields?.starts_at, '2027-03-11T15:00:00Z')
})

t.test('one that cannot be taken in does not hold up its neighbours', async t => {
  relay.anew()
  const [connection] = relay.connections
  const impossible = { sql: 'insert into nowhere values (1)', rows: [[]], returning: false }
  const works = ['b1', 'b2', 'b3', 'b4'].map((id, index) => ({
    said: saidOf(connection, `d${index}`, [stays(id, 1, [stayOf(id)])]),
    redraw: [],
    also: id === 'b3' ? [impossible] : []
  }))
  const outcomes = await Promise.allSettled(works.map(work => relay.desired.apply(lane(), work)))
  t.same(
    outcomes.map(outcome => outcome.status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled']
  )
  const stored = [...(await relay.all()).values()].filter(row => row.kind === 'reservation')
  t.same(
    stored.map(row => row.key),
    ['lake:b1', 'lake:b2', 'lake:b4']
  )
})

t.test('two workers on one customer: who was overtaken begins again', async t => {
  relay.anew()
  const [connection] = relay.connections
  const other = desiredState({
    store: relay.store,
    queries: relay.rooms.queries,
    connectionOf: () => connection,
    now: () => NOON,
    quietWindowMs: 0,
    onDue: () => undefined
  })
  const moved = stays('b1', 2, [stayOf('b1', { start: { instant: '2027-03-13T15:00:00Z' } })])
  const work = { said: saidOf(connection, 'd2', [moved]), redraw: [], also: [] }
  relay.store.beforeNextCommit = () => other.apply(lane(), work)
  await relay.take(saidOf(connection, 'd1', [stays('b1', 1, [stayOf('b1', { preferredCode: '4711' })])]))
  t.match((await relay.see('lake:b1'))?.fields, {
    starts_at: '2027-03-13T15:00:00Z',
    preferred_code: '4711'
  })

  relay.store.beforeNextCommit = () =>
    other.apply(lane(), { ...work, said: saidOf(connection, 'd4', [cancelled('b1', 4)]) })
  await relay.take(saidOf(connection, 'd3', [stays('b1', 3, [stayOf('b1')])]))
  t.equal((await relay.see('lake:b1'))?.fields, null)
})

t.test('the log tells what each change did', async t => {
  relay.anew()
  await relay.say([stays('b1', 2, [stayOf('b1'), stayOf('b1_2', { places: [] })])])
  await relay.say([stays('b1', 1, [stayOf('b1'), stayOf('b1_9')])])
  await relay.say([stays('b1', 3, [stayOf('b1')])])
  await relay.say([stays('b1', 4, [stayOf('b1')])])
  await relay.say([notPushed('b1', 5, 'request')])
  await relay.say([notPushed('b9', 5, 'inquiry')])
  await relay.say([stays('b8', 5, [])])
  await relay.say([upsertPlace('p1', 6, { name: 'Loft' })])
  const log = await relay.store.db
    .selectFrom('change_log')
    .select(['key', 'booking', 'version', 'outcome', 'note'])
    .where('customer_key', '=', lane().customerKey)
    .orderBy('id')
    .execute()
  t.same(
    log.map(({ key, booking, version, outcome, note }) => [key, booking, version, outcome, note].join(' ')),
    [
      'lake:b1 lake:b1 2 changed ',
      'lake:b1_2 lake:b1 2 held no room is assigned yet',
      'lake:b1 lake:b1 1 stale ',
      'lake:b1_9 lake:b1 1 stale ',
      'lake:b1_2 lake:b1 1 stale no room is assigned yet',
      'lake:b1 lake:b1 3 unchanged ',
      'lake:b1_2 lake:b1 3 unchanged ',
      'lake:b1 lake:b1 4 unchanged ',
      'lake:b1 lake:b1 5 changed request',
      'lake:b9 lake:b9 5 unchanged inquiry',
      'lake:b8 lake:b8 5 unchanged ',
      'lake:p1  6 changed '
    ]
  )
})

t.test('why a booking has no stays is kept', async t => {
  relay.anew()
  const reason = async (key: string) =>
    (await relay.rooms.queries.resources.bookings(lane(), [key])).map(row => row.empty_because)
  await relay.say([cancelled('b1', 2, 'declined'), stays('b2', 2, [])])
  t.same([await reason('lake:b1'), await reason('lake:b2')], [['declined'], ['no stays']])
  await relay.say([cancelled('b1', 1, 'older')])
  t.same(await reason('lake:b1'), ['declined'])
  await relay.say([stays('b1', 3, [stayOf('b1')])])
  t.same(await reason('lake:b1'), [null])
})

t.test('what a stay names is stored as releases before and beside this one store it', async t => {
  relay.anew()
  await relay.say([stays('b1', 1, [stayOf('b1')])])
  const { names } = await relay.store.db
    .selectFrom('resources')
    .select('names')
    .where('customer_key', '=', lane().customerKey)
    .where('key', '=', 'lake:b1')
    .executeTakeFirstOrThrow()
  t.same(JSON.parse(`${names}`), [
    { ref: 'guest', key: 'lake:g1' },
    { ref: 'place', key: 'lake:p1' }
  ])
})

import t, { type Test } from 'tap'
import { storeRooms } from '../../src/store/rooms.ts'
import { away } from '../../src/store/unavailable.ts'
import { emptyStore } from '../store/empty-store.ts'
import { type AcmeEvent, type AcmeOptions, HOURS, openAcme } from './acme.ts'
import { type ApiAnswer, type FakeApi, fakeApi } from './fake-api.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 3_600_000
const b1: AcmeEvent = { type: 'pointed', id: 'b1' }
const b2: AcmeEvent = { type: 'pointed', id: 'b2' }

const named = (guest: string): ApiAnswer => ({ status: 200, body: { guest } })

async function open(t: Test, options: Partial<AcmeOptions> = {}) {
  const api = await fakeApi(t)
  api.respond = () => named('Ada Lovelace')
  const store = options.store ?? (await emptyStore())
  const connections = { a: `${HOURS}, api: { endpoint: "${api.endpoint}" }` }
  const relay = await openAcme(t, { connections, ...options, store })
  return {
    ...relay,
    store,
    api,
    /** Webhooks, each translated before the next one comes. */
    async hear(...events: AcmeEvent[][]): Promise<void> {
      for (const each of events) {
        await relay.tell('a', ...each)
        await relay.translate()
      }
    },
    /** So much later. @returns what the platform was asked by second looks */
    async look(ms: number): Promise<string[]> {
      relay.clock.now += ms
      const before = api.calls.length
      while ((await relay.relay.steps.lookAgainOnce()) === 'busy');
      return pathsOf(api, before)
    },
    /** Lines of the log about one kind of event. */
    lines: (event: string) => relay.logged.map(line => JSON.parse(line)).filter(line => line.event === event)
  }
}

function pathsOf({ calls }: FakeApi, from: number): string[] {
  return calls.slice(from).map(call => call.path.replace('?with=guest', ''))
}

t.test('what brought nothing is read again a minute later, and counts', async t => {
  const relay = await open(t)
  await relay.hear([b1], [b1])
  relay.api.respond = () => named('Grace Hopper')
  t.same(await relay.look(MINUTE_MS - 1), [])
  t.same(await relay.guests(), ['Ada Lovelace'])
  relay.clock.now += 1
  t.same(await relay.look(0), ['/bookings/b1'])
  t.same(await relay.guests(), ['Grace Hopper'])
  t.same(await relay.look(DAY_MS), [], 'and not a third time')
  t.match(relay.lines('delivery.read_again'), [{ level: 30, connectionId: 'a', changes: 1 }])
})

t.test('a replay goes by what was read last', async t => {
  const relay = await open(t)
  await relay.hear([b1], [b1])
  relay.api.respond = () => named('Grace Hopper')
  await relay.look(MINUTE_MS)
  t.match(await relay.deliveries(), [
    { state: 'translated', facts: [{ guest: 'Ada Lovelace' }] },
    { state: 'translated', facts: [{ guest: 'Grace Hopper' }] }
  ])
  relay.api.respond = () => 'reset'
  await storeRooms(relay.store).deliveries.replay(
    { connectionId: 'a', states: ['translated'] },
    relay.clock.now
  )
  t.same(await relay.guests(), ['Grace Hopper'])
  t.same(await relay.look(DAY_MS), [], 'what ran before is not looked at again')
})

t.test('what tells enough by itself is not read again', async t => {
  const relay = await open(t)
  const told: AcmeEvent = { type: 'booked', id: 'b3' }
  const hinted: AcmeEvent = { type: 'hinted', id: 'b4' }
  await relay.hear([told], [told], [hinted], [hinted], [{ type: 'ping' }])
  t.same(await relay.look(DAY_MS), [])
})

t.test('nor is what changed a booking that was known', async t => {
  const relay = await open(t)
  await relay.hear([b1])
  await relay.look(MINUTE_MS)
  relay.api.respond = () => named('Grace Hopper')
  await relay.hear([b1])
  t.same(await relay.guests(), ['Grace Hopper'])
  t.same(await relay.look(DAY_MS), [])
})

t.test('a booking that was not known may be read as it was before the webhook: it is read again', async t => {
  const relay = await open(t)
  await relay.hear([b1])
  relay.api.respond = () => named('Grace Hopper')
  t.same(await relay.look(MINUTE_MS), ['/bookings/b1'])
  t.same(await relay.guests(), ['Grace Hopper'])
})

t.test('news may be those of the webhook before, whose second look then waits for both', async t => {
  const relay = await open(t)
  await relay.hear([b1], [b1])
  relay.clock.now += MINUTE_MS - 1
  relay.api.respond = () => named('Grace Hopper')
  await relay.hear([b1])
  t.same(await relay.look(MINUTE_MS - 1), [])
  relay.api.respond = () => named('Hedy Lamarr')
  t.same(await relay.look(1), ['/bookings/b1'])
  t.same(await relay.guests(), ['Hedy Lamarr'])
})

t.test(
  'of several events those alone are read again that tell too little; the others say the same',
  async t => {
    const relay = await open(t)
    const events = [{ type: 'hinted', id: 'b4' }, b1]
    await relay.hear(events)
    relay.api.respond = () => named('Grace Hopper')
    t.same(await relay.look(MINUTE_MS), ['/bookings/b1'])
    t.match(await relay.deliveries(), [{ facts: [{ guest: 'Ada Lovelace' }, { guest: 'Grace Hopper' }] }])
    t.same(await relay.guests(), ['Ada Lovelace', 'Grace Hopper'])
  }
)

t.test('without credentials nothing is read again', async t => {
  const relay = await open(t, { connections: { a: HOURS } })
  await relay.hear([b1], [b1])
  t.same(await relay.look(DAY_MS), [])
})

t.test('of what two deliveries brought together, nobody knows which of them brought it', async t => {
  const relay = await open(t)
  await relay.tell('a', b1)
  await relay.tell('a', b1)
  await relay.translate()
  t.same(await relay.look(MINUTE_MS), ['/bookings/b1'])
})

t.test('webhooks of one booking are one look, a minute after the last of them', async t => {
  const relay = await open(t)
  await relay.hear([b1], [b2], [b1], [b2], [b1])
  relay.clock.now += MINUTE_MS / 2
  await relay.hear([b1])
  t.same(await relay.look(MINUTE_MS / 2), ['/bookings/b2'])
  t.same(await relay.look(MINUTE_MS / 2), ['/bookings/b1'])
})

t.test('a webhook of several bookings is looked at as a whole', async t => {
  const relay = await open(t)
  await relay.hear([b1, b2], [b1])
  t.same(
    (await relay.look(MINUTE_MS)).toSorted((a, b) => a.localeCompare(b)),
    ['/bookings/b1', '/bookings/b1', '/bookings/b2']
  )
})

t.test('a look that fails is made three times, and then let go', async t => {
  const relay = await open(t)
  await relay.hear([b1], [b1])
  relay.api.respond = () => ({ status: 400 })
  t.same(await relay.look(MINUTE_MS), ['/bookings/b1'])
  t.same(await relay.look(MINUTE_MS / 2), [])
  t.same(await relay.look(MINUTE_MS), ['/bookings/b1'])
  t.same(await relay.look(3 * MINUTE_MS), ['/bookings/b1'])
  t.same(await relay.look(DAY_MS), [])
  t.same(
    relay.lines('delivery.not_read_again').map(line => [line.code, typeof line.waitMs]),
    [
      ['RELAY_PLATFORM_REFUSED', 'number'],
      ['RELAY_PLATFORM_REFUSED', 'number'],
      ['RELAY_PLATFORM_REFUSED', 'undefined']
    ]
  )
  t.match(await relay.deliveries(), [{ state: 'translated' }, { state: 'translated', error: null }])
  t.same(await relay.guests(), ['Ada Lovelace'])
})

t.test('while the platform is not to be asked, a look waits without being counted', async t => {
  const relay = await open(t)
  await relay.hear([b1], [b1])
  relay.api.respond = () => ({ status: 429, headers: { 'retry-after': '600' } })
  await relay.hear([b2])
  t.same(await relay.look(MINUTE_MS), [])
  relay.api.respond = () => named('Grace Hopper')
  t.same(await relay.look(10 * MINUTE_MS), ['/bookings/b1'])
  t.same(relay.lines('delivery.not_read_again'), [])
})

t.test('of a connection that is paused nothing is read again until it goes on', async t => {
  const relay = await open(t)
  const { pauses } = storeRooms(relay.store)
  await relay.hear([b1], [b1])
  await pauses.begin(
    {
      id: 'p1',
      subject: 'connection',
      connection_id: 'a',
      workspace_id: '',
      customer_key: '',
      reason: null,
      since: 1,
      actor: 'key',
      actor_name: 'key'
    },
    []
  )
  t.same(await relay.look(DAY_MS), [])
  await pauses.end('p1', [])
  t.same(await relay.look(0), ['/bookings/b1'])
})

t.test('a delivery that is not kept any more, or of a connection that is gone, is let go', async t => {
  for (const lost of ['delivery', 'connection']) {
    const store = await emptyStore()
    const relay = await open(t, { store })
    await relay.hear([b1], [b1])
    if (lost === 'delivery') await store.db.updateTable('deliveries').set({ emptied: 1 }).execute()
    else await store.db.updateTable('second_looks').set({ connection_id: 'z' }).execute()
    t.same(await relay.look(MINUTE_MS), [])
    t.same(await store.db.selectFrom('second_looks').selectAll().execute(), [])
  }
})

t.test('an answer that the adapter cannot make out changes nothing, and is asked for again', async t => {
  const relay = await open(t)
  await relay.hear([b1], [b1])
  relay.api.respond = () => ({ status: 200, body: 'null' })
  await relay.look(MINUTE_MS)
  t.same(await relay.guests(), ['Ada Lovelace'])
  relay.api.respond = () => named('Grace Hopper')
  await relay.look(2 * MINUTE_MS)
  t.same(await relay.guests(), ['Grace Hopper'])
})

t.test('a store that is away for a look loses none', async t => {
  const store = await emptyStore()
  const relay = await open(t, { store })
  await relay.hear([b1], [b1])
  relay.api.respond = () => named('Grace Hopper')
  const { commit } = store
  let commits = 0
  store.commit = async writes => {
    commits += 1
    if (commits > 1) throw away('the disk is gone')
    return commit(writes)
  }
  t.equal(await relay.relay.steps.lookAgainOnce(), 'idle')
  relay.clock.now += MINUTE_MS
  t.equal(await relay.relay.steps.lookAgainOnce(), 'idle')
  store.commit = commit
  await relay.look(MINUTE_MS)
  t.same(await relay.guests(), ['Grace Hopper'])
})

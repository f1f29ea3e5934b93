import t from 'tap'
import { serviceOf } from '../api/call.ts'
import type { TestRelay } from '../open-relay.ts'
import { emptyStore } from '../store/empty-store.ts'
import { ask, booking, CONNECTION, KEY, openOperated, tell } from './operator.ts'

const DAY_MS = 24 * 3_600_000

interface Told {
  kind: string
  key: string
  version: string | null
  state: string | null
  warnings: string[]
}

async function changes(relay: TestRelay, id: unknown): Promise<Told[]> {
  return (await ask(relay, `/deliveries/${id}`)).body.changes
}

t.test('what a connection sent is told also when the settings do not name that any more', async t => {
  const connections = (id: string) => `
connections:
  - { id: ${id}, platform: hospitable, customer_key: lake, secrets: { signing_secret: a-secret-of-the-test } }
`
  const store = await emptyStore()
  const before = await openOperated(t, { store, connections: connections(CONNECTION) })
  const [id] = await tell(before, booking)
  t.match((await ask(before, `/deliveries/${id}`)).body, {
    verification: { by: /HMAC/, evidence: ['signature'] }
  })
  await before.relay.stop(0)

  const relay = await openOperated(t, { store, connections: connections('another') })
  t.match((await ask(relay, `/deliveries/${id}`)).body, {
    connection: CONNECTION,
    headers: { signature: /./ },
    verification: { accepted: true, by: null, evidence: [] },
    body: { kept: true, masked: { action: 'reservation.created' } }
  })
})

t.test('a body that is too long for a page is shown to whoever asks to see it as it came', async t => {
  const relay = await openOperated(t)
  const sent = JSON.stringify({ id: 'e1', action: 'message.created', data: { text: 'word '.repeat(60_000) } })
  const { body } = await relay.deliver(CONNECTION, { event: 'message.created', body: sent })
  const path = `/deliveries/${body.delivery_id}`
  t.match((await ask(relay, path)).body.body, { bytes: sent.length, kept: true, masked: null, text: null })
  t.equal((await ask(relay, `${path}?reveal=true`)).body.body.text, sent)
})

t.test('what a stay at Seam still lacks is told with what told of it', async t => {
  const relay = await openOperated(t)
  const stay = { reservation_key: 'r1', starts_at: '2027-03-12T15:00:00Z', ends_at: '2027-03-15T10:00:00Z' }
  await serviceOf(relay, KEY).push({ customer_key: 'acme', reservations: [stay] })
  await relay.settle()
  const warnings = ['it gives no access yet: no room is assigned yet']
  const [delivery] = (await ask(relay, '/deliveries?connection=@callers')).body.data
  t.match(await changes(relay, delivery.id), [{ key: 'r1', state: 'synced', warnings }])
  t.match((await ask(relay, '/resources?kind=reservation')).body.data, [{ key: 'r1', warnings }])
})

t.test('where no clock was told, none is shown', async t => {
  const relay = await openOperated(t)
  const space = { customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft' }] }
  await serviceOf(relay, KEY).push(space, { headers: { 'relay-version': '0' } })
  await relay.settle()
  const [delivery] = (await ask(relay, '/deliveries?connection=@callers')).body.data
  t.match(await changes(relay, delivery.id), [{ kind: 'space', key: 's1', version: null }])
  t.match((await ask(relay, '/resources/default/acme/space/s1')).body.told, [
    { field: 'name', version: null }
  ])
})

t.test('what is kept for one thing that it told of tells nothing of another that is forgotten', async t => {
  const relay = await openOperated(t)
  const service = serviceOf(relay, KEY)
  await relay.misbehave({ refuse_keys: ['bad'] })
  const spaces = ['bad', 'good'].map(space_key => ({ space_key, name: 'Loft' }))
  await service.push({ customer_key: 'acme', spaces })
  await relay.settle()
  const [delivery] = (await ask(relay, '/deliveries')).body.data
  await service.delete({ space_keys: ['good'] })
  await relay.settle()
  t.match(await changes(relay, delivery.id), [
    { key: 'bad', state: 'refused' },
    { key: 'good', state: 'gone' }
  ])
  relay.clock.now += 200 * DAY_MS
  while ((await relay.relay.steps.pruneOnce()) === 'busy');
  t.match(await changes(relay, delivery.id), [
    { key: 'bad', state: 'refused', calls: [{ status: 400 }] },
    { key: 'good', state: null, warnings: [] }
  ])
})

import t from 'tap'
import { ownerrez } from '../../src/platforms/ownerrez/ownerrez.ts'
import type { TestRelay } from '../open-relay.ts'
import { ask, booking, CONNECTION, openOperated, tell } from './operator.ts'

const DAY_MS = 24 * 3_600_000
const OWNERREZ = 'demo-ownerrez'

interface Told {
  field: string
  version: string | null
  delivery: string
  known: boolean
}

async function only(relay: TestRelay, kind: string, customer: string) {
  const { body } = await ask(relay, `/resources?customer=${customer}&kind=${kind}`)
  const [{ key }] = body.data
  const path = `/resources/default/${customer}/${kind}/${encodeURIComponent(key)}`
  return { path, told: (await ask(relay, path)).body.told as Told[] }
}

t.test('what was read of a place is not said to be of a delivery that one could look at', async t => {
  const relay = await openOperated(t)
  const context = { connection: relay.connection(OWNERREZ), now: relay.clock.now, serial: 1 }
  for (const sample of ownerrez.samples.tell(undefined, booking, context))
    await relay.deliver(OWNERREZ, sample)
  await relay.settle()
  const { path, told } = await only(relay, 'space', OWNERREZ)
  t.match(told, [{ field: 'name', version: '2027-01-10T12:00:00.000Z', known: false }])
  const [{ delivery: id } = { delivery: '' }] = told
  t.equal((await ask(relay, `/deliveries/${id}`)).status, 404)
  const { data } = (await ask(relay, `${path}/life`)).body
  const nobody = {
    known: false,
    connection: null,
    platform: null,
    received_at: null,
    state: null,
    event: null
  }
  t.match(
    data.filter((each: { delivery?: { known: boolean } }) => each.delivery?.known === false),
    [{ type: 'told', delivery: { id, ...nobody } }]
  )
})

t.test('a field is still told when the delivery that told it is not kept any more', async t => {
  const relay = await openOperated(t)
  const [id] = await tell(relay, booking)
  await relay.settle()
  const stay = () => only(relay, 'reservation', CONNECTION)
  const { told } = await stay()
  t.ok(told.length > 0)
  t.ok(told.every(each => each.known && each.delivery === id))
  relay.clock.now += 100 * DAY_MS
  while ((await relay.relay.steps.pruneOnce()) === 'busy');
  t.strictSame(
    (await stay()).told,
    told.map(each => ({ ...each, known: false }))
  )
})

import { Client } from 'pg'
import t, { type Test } from 'tap'
import { env, serviceOf } from '../api/call.ts'
import { openRelay } from '../open-relay.ts'
import { emptyDatabase } from '../postgres/empty-database.ts'

/** Keys that customers take from each other, where commits run beside each other. */

const HOW_MANY_WAIT = `select count(*)::int as waiting from pg_stat_activity
  where datname = current_database() and wait_event_type = 'Lock'`
const LANE = 'select revision from lanes where customer_key = $1 for update'

async function connected(t: Test, address: string): Promise<Client> {
  const client = new Client(address)
  await client.connect()
  t.teardown(() => client.end())
  return client
}

t.test('customers who take keys from each other at the same moment do not wait in a circle', async t => {
  const address = await emptyDatabase(t)
  const relay = await openRelay(t, { env, engine: { name: 'PostgreSQL', address: async () => address } })
  const [holder, watch] = [await connected(t, address), await connected(t, address)]
  const service = serviceOf(relay)
  const push = (customer_key: string, space_key: string) =>
    service.push({ customer_key, spaces: [{ space_key, name: `Of ${customer_key}` }] })
  await push('acme', 'a')
  await push('beta', 'b')
  await relay.settle()
  relay.clock.now += 1_000
  await service.delete({ space_keys: ['a', 'b'] })
  await relay.settle()

  await holder.query('begin')
  await holder.query(LANE, ['acme'])
  await push('acme', 'b')
  await push('beta', 'a')
  const translated = relay.relay.steps.translateOnce()
  while ((await watch.query(HOW_MANY_WAIT)).rows[0].waiting < 2);
  await t.resolves(watch.query(`${LANE} nowait`, ['beta']), 'nobody has one lane who waits for one before it')
  await holder.query('rollback')
  await translated
  await relay.settle()
  const placesOf = async (customer: string) =>
    (await relay.held(customer)).spaces?.map(each => each.space_key)
  t.same(await placesOf('acme'), ['b'])
  t.same(await placesOf('beta'), ['a'])
})

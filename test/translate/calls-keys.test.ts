import t, { type Test } from 'tap'
import { CALLERS } from '../../src/model/call.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openStore } from '../../src/store/store.ts'
import { env, serviceOf } from '../api/call.ts'
import { interposed } from '../desired/open-desired.ts'
import { openRelay, type TestRelay } from '../open-relay.ts'
import { aResource } from '../store/given.ts'

/** Keys of internal services' calls that go from one customer of a workspace to another; through HTTP, as Seam sees it. */

const stay = {
  reservation_key: 'x',
  starts_at: '2027-02-01T15:00:00Z',
  ends_at: '2027-02-03T10:00:00Z'
}

const pushOf = (customer_key: string, more = {}) => ({ customer_key, reservations: [{ ...stay, ...more }] })

async function open(t: Test) {
  const relay = await openRelay(t, { env })
  return { relay, service: serviceOf(relay) }
}

/** Whether Seam has the stay, by customer. */
async function staysAt(relay: TestRelay): Promise<Record<string, boolean>> {
  const [acme, beta] = await Promise.all(['acme', 'beta'].map(each => relay.held(each)))
  return { acme: Boolean(acme?.reservations?.length), beta: Boolean(beta?.reservations?.length) }
}

t.test(
  'a push of a key that another customer had waits while Seam is still to be told of its deletion',
  async t => {
    const { relay, service } = await open(t)
    await service.push(pushOf('acme'))
    await relay.settle()
    relay.clock.now += 1_000
    await service.delete({ reservation_keys: ['x'] })
    await relay.relay.steps.translateOnce()
    relay.clock.now += 300
    const reply = await service.push(pushOf('beta'))
    await relay.relay.steps.translateOnce()
    const report = () => service.report(reply.headers['relay-delivery'])
    t.match((await report()).body, { state: 'received', error: /is still to be told/ })
    await relay.settle()
    t.match((await report()).body, { state: 'translated' })
    t.same(await staysAt(relay), { acme: false, beta: true })
  }
)

t.test(
  'it does not wait for a deletion that Seam has refused, nor beside a key that somebody has',
  async t => {
    const { relay, service } = await open(t)
    await service.push(pushOf('acme'))
    await service.push(pushOf('acme', { reservation_key: 'kept' }))
    await relay.settle()
    relay.clock.now += 1_000
    await service.delete({ reservation_keys: ['x'] })
    await relay.relay.steps.translateOnce()
    const both = { customer_key: 'beta', reservations: [stay, { ...stay, reservation_key: 'kept' }] }
    const mixed = await service.push(both)
    await relay.relay.steps.translateOnce()
    t.match((await service.report(mixed.headers['relay-delivery'])).body, { state: 'dead' })

    await relay.misbehave({ fail: [{ operation: 'delete_data', status: 400, times: 9 }] })
    await relay.settle()
    const { headers } = await service.push(pushOf('beta'))
    await relay.relay.steps.translateOnce()
    const { body } = await service.report(headers['relay-delivery'])
    t.match(body, { state: 'dead', error: /another customer/ })
  }
)

t.test('so it does where the deletion comes between the look at its keys and the commit', async t => {
  const store = interposed(await openStore('file::memory:'))
  const relay = await openRelay(t, { env, store })
  t.teardown(() => store.close())
  const service = serviceOf(relay)
  const late = await service.push(pushOf('beta'))
  // Acme has the key by then, and deletes it.
  const { lanes, resources } = storeRooms(store).queries
  const theirs = { workspaceId: 'default', customerKey: 'acme' }
  store.beforeNextCommit = async () => {
    // The first is the claim.
    store.beforeNextCommit = async () => {
      const gone = aResource('x', {
        kind: 'reservation',
        customer_key: 'acme',
        connection_id: CALLERS,
        fields: null,
        removed_stamp: 'b',
        upsert_stamp: 'a'
      })
      await store.commit([
        ...lanes.advance(theirs, undefined, { dueAt: 0, arrivalAt: null, heardAt: undefined }),
        resources.upsert([gone]),
        resources.mayBeAtSeam(theirs, gone)
      ])
    }
  }
  await relay.relay.steps.translateOnce()
  const report = () => service.report(late.headers['relay-delivery'])
  t.match((await report()).body, { state: 'received', error: /is still to be told/ })
  await relay.settle()
  t.match((await report()).body, { state: 'translated' })
  t.same(await staysAt(relay), { acme: false, beta: true })
})

import t, { type Test } from 'tap'
import { CALLERS } from '../../src/model/call.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openStore } from '../../src/store/store.ts'
import { env, serviceOf, storedKey } from '../api/call.ts'
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
    t.match((await report()).body, { state: 'received', error: /has not been told yet/ })
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
  t.match((await report()).body, { state: 'received', error: /has not been told yet/ })
  await relay.settle()
  t.match((await report()).body, { state: 'translated' })
  t.same(await staysAt(relay), { acme: false, beta: true })
})

const at = (version: number) => ({ headers: { 'relay-version': String(version) } })
const key = { reservation_keys: ['x'] }

/** A key that was acme's until it was deleted. */
async function openDeleted(t: Test, store?: ReturnType<typeof interposed>) {
  const relay = await openRelay(t, { env, ...(store && { store }) })
  if (store !== undefined) t.teardown(() => store.close())
  const service = serviceOf(relay)
  await service.push(pushOf('acme'), at(500))
  await relay.settle()
  await service.delete(key, at(600))
  await relay.settle()
  return { relay, service }
}

t.test(
  'a deletion of a key counts for another customer who takes the key, until it is pushed anew',
  async t => {
    const { relay, service } = await openDeleted(t)
    await service.delete(key, at(2_000))
    await relay.settle()
    const { headers } = await service.push(pushOf('beta'), at(1_000))
    await relay.settle()
    t.same(await staysAt(relay), { acme: false, beta: false })
    const { body } = await service.report(headers['relay-delivery'])
    t.match(body, { state: 'translated', resources: [{ outcome: 'superseded' }] })
    await service.push(pushOf('beta'), at(3_000))
    await relay.settle()
    t.same(await staysAt(relay), { acme: false, beta: true })
  }
)

t.test('so it does for people, and whatever else was deleted of it for some customers since', async t => {
  const { relay, service } = await open(t)
  const limited = serviceOf(relay, await storedKey(relay, { customers: ['acme'] }))
  const both = (customer_key: string, name: string) => ({
    ...pushOf(customer_key, { name }),
    guests: [{ guest_key: 'g', name }]
  })
  const keys = { ...key, guest_keys: ['g'] }
  await service.push(both('acme', 'Ada'), at(500))
  await relay.settle()
  await service.delete(keys, at(2_000))
  await relay.settle()
  await limited.push(both('acme', 'Ada'), at(2_500))
  await relay.settle()
  await limited.delete(keys, at(4_000))
  await relay.settle()
  await service.push(both('beta', 'Bo'), at(1_000))
  await relay.settle()
  const { guests, reservations } = await relay.held('beta')
  t.same([guests ?? [], reservations ?? []], [[], []])
  await service.push(both('beta', 'Cy'), at(3_000))
  await relay.settle()
  t.match(await relay.held('beta'), { guests: [{ name: 'Cy' }], reservations: [{ name: 'Cy' }] })
})

t.test('a deletion by a caller that is limited to customers counts for these alone', async t => {
  const { relay, service } = await openDeleted(t)
  const limited = serviceOf(relay, await storedKey(relay, { customers: ['acme'] }))
  await limited.delete(key, at(2_000))
  await relay.settle()
  await service.push(pushOf('beta'), at(1_000))
  await relay.settle()
  t.same(await staysAt(relay), { acme: false, beta: true })
})

t.test('a deletion counts for a push that waits for an earlier one to go through', async t => {
  const { relay, service } = await open(t)
  await service.push(pushOf('acme'))
  await relay.settle()
  for (const call of ['delete', 'push', 'delete'] as const) {
    relay.clock.now += 300
    await (call === 'push' ? service.push(pushOf('beta')) : service.delete(key))
    await relay.relay.steps.translateOnce()
  }
  await relay.settle()
  t.same(await staysAt(relay), { acme: false, beta: false })
})

for (const first of ['push', 'delete'] as const) {
  t.test(
    `a deletion and a push for another customer at one moment end alike, the ${first} first`,
    async t => {
      const store = interposed(await openStore('file::memory:'))
      const { relay, service } = await openDeleted(t, store)
      const other = await openRelay(t, { env, store })
      const call = {
        push: (by = service) => by.push(pushOf('beta'), at(1_000)),
        delete: (by = service) => by.delete(key, at(2_000))
      }
      await call[first === 'push' ? 'delete' : 'push']()
      store.beforeNextCommit = async () => {
        // The first is the claim.
        store.beforeNextCommit = async () => {
          await call[first](serviceOf(other))
          await other.relay.steps.translateOnce()
        }
      }
      await relay.relay.steps.translateOnce()
      await relay.settle()
      t.same(await staysAt(relay), { acme: false, beta: false })
    }
  )
}

import t from 'tap'
import { KEY, serviceOf, storedKey } from '../api/call.ts'
import { act, ask, booking, CONNECTION, openOperated, tell } from './operator.ts'

const PATH = `/customers/default/${CONNECTION}/push-again`

t.test('what somebody changed at Seam behind the relay’s back is made whole by pushing again', async t => {
  const relay = await openOperated(t)
  await tell(relay, booking)
  await tell(relay, { ...booking, id: 'b2', guest: { ...booking.guest, id: 'g2', email: null, phone: null } })
  await relay.settle()
  const before = await relay.held(CONNECTION)
  t.equal(before.reservations?.length, 2)
  await fetch(`${relay.origin}/sandbox/state`, { method: 'DELETE' })
  t.strictSame(await relay.held(CONNECTION), {})

  const chief = await storedKey(relay, { name: 'on call', scopes: ['operate'] })
  const pushed = await act(relay, 'POST', PATH, undefined, { key: chief })
  t.equal(pushed.status, 202)
  t.strictSame(pushed.body, { resources: Object.values(before).flat().length })
  await relay.relay.steps.syncOnce()
  t.strictSame(await relay.held(CONNECTION), before, 'at once')
  t.match((await ask(relay, '/audit')).body.data, [
    { action: 'push_again', actor_name: 'on call', target: `default/${CONNECTION}`, detail: {} }
  ])
})

t.test('what Seam refused has another chance', async t => {
  const relay = await openOperated(t)
  await relay.misbehave({ refuse_keys: ['bad'] })
  await serviceOf(relay, KEY).push({ customer_key: 'acme', spaces: [{ space_key: 'bad', name: 'Loft' }] })
  await relay.settle()
  t.match((await ask(relay, '/customers/default/acme')).body, { refused: 1 })
  await relay.misbehave({ refuse_keys: [] })
  await relay.settle()
  t.strictSame(await relay.held('acme'), {})
  t.strictSame((await act(relay, 'POST', '/customers/default/acme/push-again', {})).body, { resources: 1 })
  await relay.settle()
  t.equal((await relay.held('acme')).spaces?.length, 1)
  t.match((await ask(relay, '/customers/default/acme')).body, { refused: 0, waiting: 0 })
})

t.test('a customer that nobody knows is not pushed, and whoever may only read pushes none', async t => {
  const relay = await openOperated(t)
  t.match(await act(relay, 'POST', '/customers/default/none/push-again'), { status: 404 })
  const reader = await storedKey(relay, { scopes: ['read'] })
  t.match(await act(relay, 'POST', PATH, undefined, { key: reader }), { status: 403 })
  t.strictSame((await ask(relay, '/audit')).body.data, [])
})

import t from 'tap'
import { CALLERS } from '../../src/model/call.ts'
import { storedKey } from '../api/call.ts'
import { sqlite } from '../engines.ts'
import { ok } from '../seam/fake-seam.ts'
import { aBooking, openCustomers } from '../sync/open-customers.ts'
import { act, ask, CONNECTION, openOperated, TOKEN } from './operator.ts'
import { operatorPauses } from './pauses.ts'

operatorPauses(sqlite)

t.test('a step that is under way ends, and no other begins', async t => {
  const env = { RELAY_ADMIN_TOKEN: TOKEN, RELAY_BATCH_RESOURCES: '2' }
  const relay = await openCustomers(t, { env })
  for (const id of ['b1', 'b2', 'b3']) await relay.tell('a', aBooking(id))
  relay.clock.now += 60_000
  relay.seam.respond = () => undefined
  const step = relay.relay.steps.syncOnce()
  const call = await relay.seam.next()
  const { body } = await act(relay, 'POST', '/pauses', { of: 'workspace', workspace: 'default' })
  relay.seam.respond = () => ok
  call.answer(ok)
  t.equal(await step, 'busy')
  t.ok(relay.sent().length > 0)
  relay.clock.now += 3_600_000
  t.equal(await relay.relay.steps.syncOnce(), 'idle')
  t.equal(relay.sent().length, 0)
  t.equal((await act(relay, 'DELETE', `/pauses/${body.id}`)).status, 204)
  await relay.sync()
  t.ok(relay.sent().length > 0, 'there was more')
})

t.test('whoever pauses says what, and only what there is', async t => {
  const relay = await openOperated(t)
  for (const [body, detail] of [
    [undefined, /^of: is missing/],
    [[], /^the body: must be object/],
    [{ of: 'guest' }, /^of: must be one of connection, customer, workspace\.$/],
    [{ of: 'connection' }, /^connection: is missing; of says that it is a connection\.$/],
    [{ of: 'connection', connection: 'none' }, /^connection: there is none of that id/],
    [{ of: 'connection', connection: 7 }, /^connection: must be string/],
    [{ of: 'connection', connection: '' }, /^connection: must NOT have fewer/],
    [{ of: 'connection', connection: 'a', workspace: 'default' }, /^workspace: does not belong here/],
    [{ of: 'workspace', workspace: 'eu' }, /^workspace: there is none/],
    [{ of: 'customer', workspace: 'default' }, /^customer_key: is missing/],
    [{ of: 'customer', workspace: 'default', customer_key: 'x' }, /^customer_key: nothing is known/],
    [{ of: 'workspace', workspase: 'default' }, /^workspase: is not known here/],
    [{ of: 'workspace', 'Ada Lovelace': 1 }, /^a parameter: is not known here/],
    ['{', /^The body is not JSON/],
    ['{"__proto__":{}}', /^The body is not JSON|^The request could not be read/]
  ] as const) {
    const { status, body: told } = await act(relay, 'POST', '/pauses', body)
    t.equal(status, 400, String(detail))
    t.match(told, { code: 'RELAY_BAD_REQUEST', detail }, String(detail))
  }
  t.match(await act(relay, 'POST', '/pauses?of=connection', {}), {
    status: 400,
    body: { detail: /^of: is not known here; there are: none/ }
  })
  t.strictSame((await ask(relay, '/pauses')).body.data, [])
  t.strictSame((await ask(relay, '/audit')).body.data, [], 'nothing was done')
})

t.test('an action asks for JSON that is not large, and for somebody who may', async t => {
  const relay = await openOperated(t)
  const body = { of: 'connection', connection: CALLERS }
  const reader = await storedKey(relay, { scopes: ['read'] })
  t.match(await act(relay, 'POST', '/pauses', body, { key: null }), { status: 401 })
  t.match(await act(relay, 'POST', '/pauses', body, { key: reader }), {
    status: 403,
    body: { code: 'RELAY_KEY_FORBIDDEN', detail: /scope operate/ }
  })
  t.match(
    await act(relay, 'POST', '/pauses', 'of=connection', { headers: { 'content-type': 'text/plain' } }),
    {
      status: 415,
      body: { code: 'RELAY_MEDIA_TYPE', detail: 'Send JSON: content-type: application/json.' }
    }
  )
  t.match(await act(relay, 'POST', '/pauses', { ...body, reason: 'x'.repeat(70_000) }), {
    status: 413,
    body: { code: 'RELAY_BODY_TOO_LARGE', detail: /65536 bytes/ }
  })
  const { headers, status } = await act(relay, 'DELETE', '/pauses', undefined)
  t.strictSame([status, headers.allow], [405, 'POST, GET, HEAD'])
  const put = await fetch(`${relay.origin}/api/v1/pauses`, { method: 'PUT' })
  t.equal(put.status, 405)
  const paused = await act(relay, 'POST', '/pauses', JSON.stringify(body), {
    headers: { 'content-type': 'application/json; charset=utf-8' }
  })
  t.equal(paused.status, 201)
  t.match(await act(relay, 'DELETE', `/pauses/${paused.body.id}`, { really: true }), {
    status: 400,
    body: { detail: /^really: is not known here; there are: none/ }
  })
  t.equal((await act(relay, 'DELETE', `/pauses/${paused.body.id}`, '')).status, 204)
  t.match(await ask(relay, `/pauses/${CONNECTION}`), { status: 405, headers: { allow: 'DELETE' } })
})

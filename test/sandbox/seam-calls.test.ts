import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { workspaceOf } from '../../src/sandbox/memory.ts'
import { completeStay, KEY, type OpenSandbox, OTHER_KEY, openSandbox } from './open-sandbox.ts'

const authorization = `Bearer ${KEY}`

/** A real connection, for what an injected request cannot show. */
async function overTheWire(sandbox: OpenSandbox) {
  await sandbox.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = sandbox.app.server.address() as AddressInfo
  return (body: unknown, operation = 'push_data', signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${port}/customers/${operation}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...(signal && { signal })
    })
}

/** Resolves when the sandbox has processed so many calls, answered or not. */
async function processed(sandbox: OpenSandbox, count: number): Promise<void> {
  while ((await sandbox.calls()).length < count) await new Promise(setImmediate)
}

async function refuses(t: Test, send: Promise<{ statusCode: number; json(): unknown }>, path: string) {
  const answer = await send
  t.equal(answer.statusCode, 400, path)
  t.match(answer.json(), { error: { type: 'invalid_input', message: path }, ok: false })
}

t.test('a good call is answered exactly as Seam answers', async t => {
  const { push, remove } = await openSandbox(t)
  for (const answer of [await push(completeStay()), await remove({}), await remove({ guest_keys: ['g1'] })]) {
    t.equal(answer.statusCode, 200)
    t.equal(answer.body, '{"ok":true}')
    t.match(answer.headers['content-type'], 'application/json')
    t.match(answer.headers['seam-request-id'], /^[0-9a-f-]{36}$/)
  }
})

t.test('without a known bearer token nothing is answered but 401', async t => {
  const { app, customers } = await openSandbox(t)
  for (const sent of [undefined, '', 'Bearer', 'Bearer ', `Basic ${KEY}`, `Bearer ${KEY}x`, KEY]) {
    const answer = await app.inject({
      method: 'POST',
      url: '/customers/push_data',
      headers: sent === undefined ? {} : { authorization: sent },
      payload: completeStay()
    })
    t.equal(answer.statusCode, 401)
    t.match(answer.json(), { error: { type: 'unauthorized', message: String }, ok: false })
    t.ok(answer.headers['seam-request-id'])
  }
  t.same(await customers(), [])
})

t.test('each API key has a workspace of its own', async t => {
  const { push, remove, view } = await openSandbox(t)
  await push(completeStay())
  await remove({ customer_keys: ['acme'] }, OTHER_KEY)
  const { workspaces } = await view()
  t.match(workspaces, [
    { workspace: workspaceOf(KEY), unknown_deletes: 0, customers: [{ customer_key: 'acme' }] },
    { workspace: workspaceOf(OTHER_KEY), unknown_deletes: 1, customers: [] }
  ])
})

t.test('a body that breaks the contract is refused whole, with every place named', async t => {
  const { push, remove, customers } = await openSandbox(t)
  await refuses(t, push({}), 'customer_key is required')
  await refuses(t, push([]), 'The body must be object')
  await refuses(t, push({ customer_key: ' acme' }), 'customer_key must not begin')
  await refuses(t, remove({ customer_key: 'acme' }), 'customer_key is not a field that Seam knows')
  const stay = completeStay()
  const answer = await push({
    ...stay,
    reservations: [{ reservation_key: '' }],
    guests: [{ guest_key: 'g1' }]
  })
  t.same(answer.json(), {
    error: {
      type: 'invalid_input',
      message: '2 Input Errors: guests.0.name is required, reservations.0.reservation_key must not be empty',
      validation_errors: {
        _errors: [],
        guests: { _errors: [], '0': { _errors: [], name: { _errors: ['is required'] } } },
        reservations: {
          _errors: [],
          '0': { _errors: [], reservation_key: { _errors: ['must not be empty'] } }
        }
      }
    },
    ok: false
  })
  t.same(await customers(), [], 'nothing of it was applied')
})

t.test('times with an offset are refused, as older validation of Seam does', async t => {
  const { push } = await openSandbox(t)
  const stay = { reservation_key: 'r1', starts_at: '2026-07-01T14:00:00+02:00' }
  await refuses(t, push({ customer_key: 'acme', reservations: [stay] }), 'reservations.0.starts_at must be')
})

t.test('broken JSON is answered in plain text, a POST without a body as an empty one', async t => {
  const { app } = await openSandbox(t)
  const post = (operation: string, headers: Record<string, string>, payload?: string) =>
    app.inject({
      method: 'POST',
      url: `/customers/${operation}`,
      headers: { authorization, ...headers },
      ...(payload !== undefined && { payload })
    })
  const broken = await post('push_data', { 'content-type': 'application/json' }, '{"customer_key":')
  t.equal(broken.statusCode, 400)
  t.match(broken.headers['content-type'], 'text/plain')
  t.equal(broken.body, 'Invalid JSON')
  t.ok(broken.headers['seam-request-id'])
  const declared = ['application/json', 'text/plain'].map(type => ({ 'content-type': type }))
  for (const headers of [{} as Record<string, string>, ...declared]) {
    t.equal((await post('delete_data', headers)).statusCode, 200)
    await refuses(t, post('push_data', headers), 'customer_key is required')
  }
})

t.test('a body that is not declared as JSON is refused', async t => {
  const { app } = await openSandbox(t)
  const payload = JSON.stringify(completeStay())
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense', 'a b/c d']) {
    const answer = await app.inject({
      method: 'POST',
      url: '/customers/push_data',
      headers: { authorization, 'content-type': type },
      payload
    })
    t.equal(answer.statusCode, 400, type)
    t.match(answer.json(), { error: { type: 'invalid_content_type' }, ok: false })
  }
})

t.test('a body above 1 MB is refused in plain text, one just below is taken', async t => {
  const { push, calls, view } = await openSandbox(t)
  const named = (length: number) => ({
    customer_key: 'acme',
    sites: [{ site_key: 's', name: 'x'.repeat(length) }]
  })
  const large = await push(named(1024 * 1024))
  t.equal(large.statusCode, 413)
  t.match(large.headers['content-type'], 'text/plain')
  t.ok(large.headers['seam-request-id'])
  t.equal((await push(named(1024 * 1024 - 100))).statusCode, 200)
  t.match(await calls(), [{ status: 413, body: null }, { status: 200 }])
  t.same((await view()).calls.push_data, { '200': 1, '413': 1 })
})

t.test('other methods are refused with those allowed', async t => {
  const { app, view } = await openSandbox(t)
  for (const [url, allow, methods] of [
    ['/customers/push_data', 'POST', ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
    ['/customers/delete_data', 'POST, DELETE', ['GET', 'HEAD', 'PUT', 'PATCH', 'OPTIONS']]
  ] as const) {
    for (const method of methods) {
      const answer = await app.inject({ method, url, headers: { authorization } })
      t.equal(answer.statusCode, 405, `${method} ${url}`)
      t.equal(answer.headers.allow, allow)
      t.ok(answer.headers['seam-request-id'])
      if (method !== 'HEAD') t.match(answer.json(), { error: { type: 'method_not_allowed' }, ok: false })
    }
  }
  t.same((await view()).calls, { push_data: { '405': 6 }, delete_data: { '405': 5 } })
})

t.test('DELETE reads its lists from the query string as the official SDK writes them', async t => {
  const { app, push, calls } = await openSandbox(t)
  await push(completeStay())
  const remove = (query: string) =>
    app.inject({ method: 'DELETE', url: `/customers/delete_data${query}`, headers: { authorization } })
  for (const [query, keys] of [
    ['', {}],
    ['?_strict=true', {}],
    [
      '?_strict=true&guest_keys=&reservation_keys=a%2Cb&reservation_keys=c+d',
      { reservation_keys: ['a,b', 'c d'] }
    ],
    ['?guest_keys=%20', {}],
    ['?space_keys=lakeside%3A1', { space_keys: ['lakeside:1'] }]
  ] as const) {
    t.equal((await remove(query)).body, '{"ok":true}', query)
    t.same((await calls()).at(-1)?.keys, keys)
  }
  t.same((await calls()).at(-1)?.body, { space_keys: ['lakeside:1'] })
  await refuses(t, remove('?guest_keys=a&guest_keys='), 'guest_keys.1')
  await refuses(t, remove('?customer_key=acme'), 'customer_key is not a field that Seam knows')
  await refuses(t, remove('?guest_keys[]=a'), 'guest_keys[] is not a field that Seam knows')
  t.equal((await remove('?guest_keys=g1')).statusCode, 200)
  t.match((await calls()).at(-1), { method: 'DELETE', applied: true, keys: { guest_keys: ['g1'] } })
})

t.test('DELETE with a body is refused rather than misunderstood', async t => {
  const { app } = await openSandbox(t)
  const send = app.inject({
    method: 'DELETE',
    url: '/customers/delete_data',
    headers: { authorization },
    payload: { guest_keys: ['g1'] }
  })
  await refuses(t, send, 'DELETE takes its keys from the query string')
})

t.test('a deletion of unknown keys is fine and counted, or an error where told so', async t => {
  const { push, remove, behave, view, customers } = await openSandbox(t)
  await push(completeStay())
  const deletion = { reservation_keys: ['r1', 'r2'], customer_keys: ['nobody'] }
  await behave({ unknown_delete: 'not_found' })
  const missing = await remove(deletion)
  t.equal(missing.statusCode, 404)
  t.match(missing.json(), { error: { type: 'not_found', message: /^2 of the keys/ }, ok: false })
  await behave({ unknown_delete: 'invalid_input' })
  t.match((await remove(deletion)).json(), { error: { type: 'invalid_input' } })
  t.equal((await customers())[0]?.stays.length, 1, 'nothing was deleted')
  t.equal((await remove({ reservation_keys: ['r1'] })).statusCode, 200)
  t.equal((await push(completeStay())).statusCode, 200, 'a push has nothing to do with it')
  await behave({})
  t.equal((await remove(deletion)).statusCode, 200)
  t.equal((await view()).workspaces[0]?.unknown_deletes, 2)
})

t.test(
  'keys that are to be refused are refused by their place, and nothing else of the body applies',
  async t => {
    const { push, remove, behave, customers } = await openSandbox(t)
    await behave({ refuse_keys: ['r1'] })
    await refuses(t, push(completeStay()), 'reservations.0.reservation_key is refused')
    await refuses(t, remove({ reservation_keys: ['r0', 'r1'] }), 'reservation_keys.1 is refused')
    t.same(await customers(), [])
    t.equal((await push(completeStay('r2'))).statusCode, 200)
  }
)

t.test('a rule answers instead of Seam and changes nothing', async t => {
  const { push, behave, customers, calls } = await openSandbox(t)
  await behave({
    fail: [
      { status: 429, retry_after_s: 7, times: 1 },
      { status: 500, plain_text: true, times: 1 },
      { status: 502, plain_text: true, body: '<html>', times: 1 },
      { status: 503, body: '', plain_text: true, times: 1 },
      { status: 500, body: { odd: [1] }, times: 1 },
      { status: 200, plain_text: true, body: 'It works!', times: 1 },
      { status: 599, times: 1 }
    ]
  })
  const [limited, text, html, empty, odd, stranger, unheard] = [
    await push(completeStay()),
    await push(completeStay()),
    await push(completeStay()),
    await push(completeStay()),
    await push(completeStay()),
    await push(completeStay()),
    await push(completeStay())
  ]
  t.equal(limited?.statusCode, 429)
  t.equal(limited?.headers['retry-after'], '7')
  t.match(limited?.json(), { error: { type: 'too_many_requests' }, ok: false })
  t.match(text?.body, /^Internal Server Error/)
  t.match(text?.headers['content-type'], 'text/plain')
  t.same([html?.statusCode, html?.body], [502, '<html>'])
  t.same([empty?.statusCode, empty?.body], [503, ''])
  t.same(odd?.json(), { odd: [1] })
  t.same([stranger?.statusCode, stranger?.body], [200, 'It works!'])
  t.match(unheard?.json(), { error: { type: 'sandbox_failure' } })
  t.same(await customers(), [])
  t.notOk((await calls()).some(({ applied }) => applied))
  t.equal((await push(completeStay())).body, '{"ok":true}')
})

t.test('a reset breaks the connection before or after the call is processed', async t => {
  const sandbox = await openSandbox(t)
  const send = await overTheWire(sandbox)
  await sandbox.behave({ fail: [{ reset: true, times: 1 }] })
  await t.rejects(send(completeStay()))
  t.same(await sandbox.customers(), [])
  await sandbox.behave({ fail: [{ reset_after: true, times: 1 }] })
  await t.rejects(send(completeStay()))
  t.match(await sandbox.customers(), [{ stays: [{ key: 'r1', access: 'granted' }] }])
  t.match(await sandbox.calls(), [
    { status: 'reset', applied: false },
    { status: 'reset', applied: true }
  ])
  t.same((await sandbox.view()).calls.push_data, { reset: 2 })
  t.equal((await send(completeStay())).status, 200)
})

t.test('a delayed call is processed at once and answered later', async t => {
  const { push, behave } = await openSandbox(t)
  await behave({ fail: [{ delay_ms: 1 }] })
  t.equal((await push(completeStay())).body, '{"ok":true}')
})

t.test('two calls about one customer at once are counted, and held calls are let go at the end', async t => {
  const sandbox = await openSandbox(t)
  const { push, remove, behave, view, app } = sandbox
  await push(completeStay())
  await behave({ fail: [{ operation: 'push_data', delay_ms: 600_000, times: 1 }] })
  const held = push(completeStay())
  await processed(sandbox, 2)
  t.match(await sandbox.customers(), [{ stays: [{ access: 'granted' }] }])
  await push({ customer_key: 'beta' })
  t.same((await view()).workspaces[0]?.overlaps, {})
  await push({ customer_key: 'acme' }, OTHER_KEY)
  await remove({ reservation_keys: ['r1', 'r2'] })
  await remove({ customer_keys: ['acme'] })
  t.same((await view()).workspaces[0]?.overlaps, { acme: 2 })
  t.same((await view()).workspaces[1]?.overlaps, {})
  await app.close()
  t.equal((await held).body, '{"ok":true}')
})

t.test('a caller who hangs up has no call under way any more', async t => {
  const sandbox = await openSandbox(t)
  await sandbox.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = sandbox.app.server.address() as AddressInfo
  await sandbox.behave({ fail: [{ delay_ms: 600_000, times: 1 }] })
  const connected = once(sandbox.app.server, 'connection')
  const impatient = httpRequest({
    port,
    method: 'POST',
    path: '/customers/push_data',
    headers: { authorization, 'content-type': 'application/json' }
  })
  impatient.on('error', () => undefined)
  impatient.end(JSON.stringify(completeStay()))
  const [socket] = await connected
  await processed(sandbox, 1)
  const gone = once(socket, 'close')
  impatient.destroy()
  await gone
  await new Promise(setImmediate)
  await sandbox.push(completeStay())
  t.same((await sandbox.view()).workspaces[0]?.overlaps, {})
})

t.test('trouble inside the sandbox is a 500 in Seam’s envelope', async t => {
  const { push, behave, calls } = await openSandbox(t, {
    random: () => {
      throw new Error('no dice')
    }
  })
  await behave({ fail: [{ status: 500, probability: 0.5 }] })
  const answer = await push(completeStay())
  t.equal(answer.statusCode, 500)
  t.match(answer.json(), { error: { type: 'internal_server_error' }, ok: false })
  t.match(await calls(), [{ status: 500, applied: false }])
})

t.test('inside the relay Seam’s calls live under a prefix', async t => {
  const { app, push, customers } = await openSandbox(t, { seamPrefix: '/sandbox' })
  t.equal((await push(completeStay())).statusCode, 200)
  t.match(await customers(), [{ customer_key: 'acme' }])
  const bare = await app.inject({ method: 'POST', url: '/customers/push_data', payload: {} })
  t.equal(bare.statusCode, 404)
})

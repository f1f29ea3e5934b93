import t, { type Test } from 'tap'
import type { Workspace } from '../../src/model/connection.ts'
import { seamClient } from '../../src/seam/seam.ts'
import { fakeSeam, ok, refusal } from './fake-seam.ts'

const body = { customer_key: 'lakeside', guests: [{ guest_key: 'g1', name: 'Zoë' }] }

async function open(t: Test, told: Partial<Workspace> & { path?: string; timeoutMs?: number } = {}) {
  const fake = await fakeSeam(t)
  const { path = '', timeoutMs = 5_000, ...workspace } = told
  const seam = seamClient({
    workspace: { id: 'default', endpoint: `${fake.endpoint}${path}`, apiKey: 'seam_key', ...workspace },
    timeoutMs,
    connections: 2,
    now: () => Date.UTC(2027, 0, 10, 12)
  })
  t.teardown(() => seam.close())
  return { fake, seam }
}

t.test('both calls are POSTs of JSON with the key as bearer', async t => {
  const { fake, seam } = await open(t)
  t.same(await seam.call('push_data', body), { status: 200, requestId: 'req_1' })
  await seam.call('delete_data', { reservation_keys: ['b1'] })
  t.match(fake.calls, [
    {
      path: '/customers/push_data',
      body,
      headers: {
        authorization: 'Bearer seam_key',
        'content-type': 'application/json',
        accept: 'application/json',
        'user-agent': 'seam-relay'
      }
    },
    { path: '/customers/delete_data', body: { reservation_keys: ['b1'] } }
  ])
  t.equal(fake.calls[0]?.headers['seam-workspace'], undefined)
})

t.test('a path before Seam’s own is kept, with or without a slash at its end', async t => {
  for (const path of ['/proxy/seam', '/proxy/seam/']) {
    const { fake, seam } = await open(t, { path })
    await seam.call('push_data', body)
    t.equal(fake.calls[0]?.path, '/proxy/seam/customers/push_data')
  }
})

t.test('a personal access token goes with the workspace it is used for', async t => {
  const { fake, seam } = await open(t, { apiKey: 'seam_at1_token', seamWorkspaceId: 'ws-1' })
  await seam.call('push_data', body)
  t.match(fake.calls[0]?.headers, { authorization: 'Bearer seam_at1_token', 'seam-workspace': 'ws-1' })
})

t.test('an answer without an id of the request has none', async t => {
  const { fake, seam } = await open(t)
  fake.respond = () => ({ status: 200, body: { ok: true } })
  t.same(await seam.call('push_data', body), { status: 200, requestId: undefined })
})

t.test('a refusal is an error in Seam’s words', async t => {
  const { fake, seam } = await open(t)
  fake.respond = () => refusal(400, 'invalid_input', 'guests must have a name')
  await t.rejects(seam.call('push_data', body), {
    name: 'SeamError',
    outcome: 'refused',
    status: 400,
    requestId: 'req_2',
    message: 'Seam push_data: invalid_input: guests must have a name'
  })
})

t.test('a date in Retry-After is told from the relay’s own clock', async t => {
  const { fake, seam } = await open(t)
  const headers = { 'retry-after': 'Sun, 10 Jan 2027 12:01:00 GMT' }
  fake.respond = () => ({ status: 429, headers })
  const error = await seam.call('push_data', body).catch((error: unknown) => error)
  t.match(error, { outcome: 'wait', retryAfterMs: 60_000 })
})

const noAnswer = { outcome: 'retry', code: 'RELAY_SEAM_UNAVAILABLE', retryable: true, status: undefined }

t.test('a broken connection is to be retried', async t => {
  const { fake, seam } = await open(t)
  fake.respond = () => 'reset'
  await t.rejects(seam.call('push_data', body), {
    ...noAnswer,
    message: /^Seam push_data: no answer \((?:ECONNRESET|UND_ERR_SOCKET)\)$/
  })
})

t.test('so is an address that nobody answers at', async t => {
  const { fake, seam } = await open(t)
  const elsewhere = seamClient({
    workspace: { id: 'default', endpoint: 'http://127.0.0.1:1', apiKey: 'seam_key' },
    timeoutMs: 5_000,
    connections: 1,
    now: () => 0
  })
  await t.rejects(elsewhere.call('push_data', body), { ...noAnswer, message: /ECONNREFUSED/ })
  await elsewhere.close()
  t.equal((await seam.call('push_data', body)).status, 200)
  t.equal(fake.calls.length, 1)
})

t.test('no answer in time is to be retried', async t => {
  const { fake, seam } = await open(t, { timeoutMs: 50 })
  fake.respond = () => undefined
  await t.rejects(seam.call('push_data', body), {
    ...noAnswer,
    message: 'Seam push_data: no answer within 50 ms'
  })
})

t.test('an answer without end is broken off', async t => {
  const { fake, seam } = await open(t)
  fake.respond = () => ({ status: 200, body: 'x'.repeat(2 * 1024 * 1024) })
  await t.rejects(seam.call('push_data', body), { ...noAnswer, message: /UND_ERR_RES_EXCEEDED_MAX_SIZE/ })
})

t.test('a call can be broken off from outside', async t => {
  const { fake, seam } = await open(t)
  fake.respond = () => undefined
  const stopping = new AbortController()
  const call = seam.call('push_data', body, stopping.signal)
  await fake.next()
  stopping.abort()
  await t.rejects(call, { ...noAnswer, message: 'Seam push_data: no answer (AbortError)' })
})

t.test('an error that is no error still has a name', async t => {
  const { fake, seam } = await open(t)
  fake.respond = () => undefined
  const stopping = new AbortController()
  const call = seam.call('push_data', body, stopping.signal)
  await fake.next()
  stopping.abort('enough')
  await t.rejects(call, { ...noAnswer, message: 'Seam push_data: no answer (unknown)' })
})

t.test('a redirect is not followed', async t => {
  const { fake, seam } = await open(t)
  fake.respond = () => ({ status: 307, headers: { location: `${fake.endpoint}/elsewhere` } })
  await t.rejects(seam.call('push_data', body), { outcome: 'stop', code: 'RELAY_SEAM_ENDPOINT' })
  fake.respond = () => ok
  t.equal(fake.calls.length, 1)
})

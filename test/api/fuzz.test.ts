import { METHODS } from 'node:http'
import fc from 'fast-check'
import t from 'tap'
import { Pool } from 'undici'
import { openRelay } from '../open-relay.ts'
import { type Request, requestsFor } from '../openapi/arbitrary.ts'
import { type Answer, mistakes, operations } from '../openapi/described.ts'
import { env, KEY, storedKey } from './call.ts'
import { onlyValidCalls } from './seam-oracle.ts'

/** Of whoever looks after the relay. */
const TOKEN = 'the-admin-token-of-the-test'

/** Requests for each operation; `RUNS=5000` looks longer. */
const numRuns = Number(process.env.RUNS ?? 150)

t.test('whatever is sent, the relay answers as openapi/relay.yaml says, and never with a 5xx', async t => {
  const relay = await openRelay(t, { env: { ...env, RELAY_ADMIN_TOKEN: TOKEN } })
  const keys = [
    KEY,
    await storedKey(relay, { scopes: ['push', 'delete', 'offboard', 'read'] }),
    await storedKey(relay, { customers: ['lakeside', 'demo-standard'] }),
    await storedKey(relay, { strict: false }),
    await storedKey(relay, { scopes: [] }),
    TOKEN,
    'seam_relay_of_nobody'
  ]
  const pool = new Pool(relay.origin)
  t.teardown(() => pool.close())
  const ids: string[] = []
  const seen = new Set<string>()

  for (const operation of operations) {
    await t.test(`${operation.method} ${operation.path} answers as described`, async t => {
      const requests = requestsFor(operation, keys, () => ids)
      await fc.assert(
        fc.asyncProperty(requests, async request => {
          const answer = await send(request)
          seen.add(`${operation.operationId} ${answer.status}`)
          const said = answerFor(operation.responses, answer.status, 'prefer' in request.headers)
          if (said === undefined) throw new Error(`${answer.status} is not described: ${answer.text}`)
          judge(said, answer)
        }),
        { numRuns }
      )
      t.pass(`${numRuns} requests`)
    })
  }

  await t.test('other methods are refused, as the operations of the address say', async t => {
    for (const path of new Set(operations.map(each => each.path))) {
      const own = operations.filter(each => each.path === path)
      const taken = own.map(each => each.method)
      const allow = taken.includes('GET') ? [...taken, 'HEAD'] : taken
      const refusal = own[0]?.responses['405'] as Answer
      for (const method of METHODS.filter(each => ![...allow, 'CONNECT', 'HEAD'].includes(each))) {
        const filled = path.replace(/\{\w+\}/g, 'x')
        const answer = await send({ method, path: filled, query: '', headers: {}, body: undefined })
        t.equal(answer.status, 405, `${method} ${path}`)
        judge(refusal, answer)
        t.strictSame(new Set(String(answer.headers.allow).split(', ')), new Set(allow))
      }
    }
  })

  await t.test('the requests were many sorts of right and wrong', async t => {
    const told = [...seen]
    for (const status of [200, 400, 401, 403]) {
      t.ok(told.includes(`pushData ${status}`), `pushData ${status}`)
      t.ok(told.includes(`deleteData ${status}`), `deleteData ${status}`)
      t.ok(told.includes(`deleteDataByQuery ${status}`), `deleteDataByQuery ${status}`)
      t.ok(told.includes(`postEvents ${status}`), `postEvents ${status}`)
    }
    for (const status of [200, 401, 403, 404])
      t.ok(told.includes(`getDelivery ${status}`), `getDelivery ${status}`)
  })

  await t.test('all of it is worked on, and Seam is sent nothing but what its documents allow', async t => {
    await relay.settle()
    const calls = await onlyValidCalls(t, relay)
    t.ok(calls.some(({ status }) => status === 200))
    const waiting = await relay.store.db
      .selectFrom('deliveries')
      .select('id')
      .where('state', '=', 'received')
      .execute()
    t.strictSame(waiting, [])
  })

  async function send({ method, path, query, headers, body }: Request) {
    const reply = await pool.request({
      method: method as 'POST',
      path: query === '' ? path : `${path}?${query}`,
      headers,
      body: body ?? null
    })
    const text = await reply.body.text()
    const id = reply.headers['relay-delivery']
    if (typeof id === 'string' && ids.length < 20) ids.push(id)
    return { status: reply.statusCode, headers: reply.headers, text }
  }
})

/** A range stands for what Seam itself may say, which only who waits gets to hear. */
function answerFor(responses: Record<string, Answer>, status: number, waits: boolean): Answer | undefined {
  return responses[String(status)] ?? (waits ? responses[`${Math.floor(status / 100)}XX`] : undefined)
}

/** @throws Error where an answer is other than it is described */
function judge(
  said: Answer,
  { status, headers, text }: { status: number; headers: Record<string, unknown>; text: string }
) {
  if (status >= 500) throw new Error(`${status}: ${text}`)
  if (said.content === undefined && text === '') return
  const type = String(headers['content-type']).split(';')[0] ?? ''
  const media = said.content?.[type]
  if (media === undefined) throw new Error(`${status} is not described as ${type}`)
  const wrong = mistakes(media.schema, type.endsWith('json') ? JSON.parse(text) : text)
  if (wrong !== undefined) throw new Error(`${status}: ${wrong}: ${text}`)
  for (const name of Object.keys(said.headers ?? {})) {
    if (name === 'Preference-Applied' || (name === 'Relay-Delivery' && status !== 200)) continue
    if (headers[name.toLowerCase()] === undefined) throw new Error(`${status} has no ${name}`)
  }
}

t.test('an answer that is other than described does not get through', async t => {
  const [alive] = operations.filter(each => each.operationId === 'isAlive')
  const responses = alive?.responses ?? {}
  const right = {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    text: '{"status":"ok"}'
  }
  const said = answerFor(responses, 200, false) as Answer
  t.doesNotThrow(() => judge(said, right))
  for (const wrong of [
    { ...right, text: '{"status":"fine"}' },
    { ...right, text: '{}' },
    { ...right, headers: { 'content-type': 'text/html' } },
    { ...right, status: 503 }
  ]) {
    t.throws(() => judge(said, wrong))
  }
  t.throws(() => judge({ ...said, headers: { Allow: { schema: {} } } }, right), /has no Allow/)
  t.equal(answerFor(responses, 418, true), undefined)
  t.equal(answerFor({ '4XX': said }, 418, false), undefined, 'a range is for those who wait')
  t.equal(answerFor({ '4XX': said }, 418, true), said)
})

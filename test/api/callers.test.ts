import t from 'tap'
import { callersOf } from '../../src/api/callers.ts'
import { hashOfKey, newApiKey } from '../../src/model/caller.ts'
import { apiKeysOf } from '../../src/store/callers.ts'
import { openRelay } from '../open-relay.ts'
import { openServer } from '../open-server.ts'
import { eventually } from '../run-relay.ts'
import { callWith, env, KEY, serviceOf, storedCalls, storedKey } from './call.ts'
import { refusingStore } from './refusing-store.ts'

const body = { customer_key: 'acme' }
const SECOND = 1_000

t.test('who has no key, or a wrong one, is refused in Seam’s words and hears no more', async t => {
  const relay = await openRelay(t, { env })
  await storedKey(relay)
  for (const authorization of [
    undefined,
    '',
    'Bearer',
    `Basic ${KEY}`,
    KEY,
    'Bearer seam_relay_wrong',
    `Bearer ${KEY}x`
  ]) {
    const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
    for (const path of ['/customers/push_data', '/customers/delete_data']) {
      const reply = await relay.post(path, { headers, body: '{' })
      t.equal(reply.status, 401, `${authorization}`)
      t.match(reply.headers, { 'www-authenticate': 'Bearer', 'seam-request-id': /./ })
      t.strictSame(reply.body, {
        error: {
          type: 'unauthorized',
          message:
            'The API key is missing, not known, expired or revoked: send Authorization: Bearer seam_relay_…'
        },
        ok: false
      })
    }
    const events = await relay.post('/v1/events', { headers, body: '{' })
    t.match(events, {
      status: 401,
      body: { code: 'RELAY_KEY_UNKNOWN' },
      headers: { 'www-authenticate': 'Bearer' }
    })
  }
  const report = await callWith(relay.origin, 'wrong', 'GET', '/deliveries/x')
  t.match(report, { status: 401, body: { code: 'RELAY_KEY_UNKNOWN' } })
  t.strictSame(await storedCalls(relay), [])
})

t.test('where there is no key at all, the refusal says how to make one', async t => {
  const relay = await openRelay(t)
  const { status, body: told } = await serviceOf(relay, 'seam_relay_guessed').push(body)
  t.equal(status, 401)
  t.match(told, { error: { message: /seam-relay keys create.*RELAY_API_KEYS/ } })
})

t.test('each key of the environment is a caller of its own', async t => {
  const relay = await openRelay(t, { env: { RELAY_API_KEYS: `${KEY}, seam_relay_another` } })
  await serviceOf(relay).push(body)
  await serviceOf(relay, 'seam_relay_another').push(body)
  t.equal((await serviceOf(relay).delete({ customer_keys: ['acme'] })).status, 403)
  const [first, second] = await storedCalls(relay)
  t.match(first?.headers, { 'relay-caller': /^env-[\da-f]{8}$/, 'relay-workspace': 'default' })
  t.not(first?.headers['relay-caller'], second?.headers['relay-caller'])
  t.notOk(first?.headers['relay-customers'])
})

t.test('a key may only what its scopes say, and the refusal names the one that is missing', async t => {
  const relay = await openRelay(t)
  const stored = serviceOf(relay, await storedKey(relay))
  const { headers } = await stored.push(body)
  const id = headers['relay-delivery']
  const event = { type: 'guest.deleted', timestamp: '2027-01-10T12:00:00Z', data: { id: 1 } }
  const deeds = {
    push: [service => service.push(body), service => service.events(event)],
    delete: [
      service => service.delete({ space_keys: ['a'] }),
      service => service.delete({ customer_keys: [] }),
      service => service.deleteByQuery('space_keys=a')
    ],
    offboard: [service => service.delete({ customer_keys: ['acme'] })],
    read: [service => service.report(id)]
  } satisfies Record<string, ((service: typeof stored) => ReturnType<typeof stored.push>)[]>
  for (const scope of ['push', 'delete', 'offboard', 'read'] as const) {
    const service = serviceOf(relay, await storedKey(relay, { name: scope, scopes: [scope] }))
    for (const [needed, calls] of Object.entries(deeds)) {
      for (const call of calls) {
        const { status, body: told } = await call(service)
        if (needed === scope) t.equal(status, 200, `${scope} for ${needed}`)
        else {
          t.equal(status, 403, `${scope} for ${needed}`)
          t.match(JSON.stringify(told), `lacks the scope ${needed}`)
        }
      }
    }
    const both = await service.delete({ customer_keys: ['acme'], space_keys: ['a'] })
    t.equal(both.status, 403, 'whole customers and single keys ask for both')
  }
})

t.test('a key ends when it expires, and soon after it was revoked', async t => {
  const relay = await openRelay(t)
  const expiresAt = relay.clock.now + 10 * SECOND
  const dated = serviceOf(relay, await storedKey(relay, { name: 'dated', expiresAt }))
  const revoked = serviceOf(relay, await storedKey(relay, { name: 'revoked' }))
  t.equal((await dated.push(body)).status, 200)
  t.equal((await revoked.push(body)).status, 200)
  await apiKeysOf(relay.store).revoke('revoked', relay.clock.now)
  relay.clock.now += 5 * SECOND
  t.equal((await revoked.push(body)).status, 401)
  relay.clock.now = expiresAt - 1
  t.equal((await dated.push(body)).status, 200)
  relay.clock.now = expiresAt
  t.equal((await dated.push(body)).status, 401)
})

t.test('a new key works at once, also while the others are being looked up', async t => {
  const relay = await openRelay(t)
  const known = serviceOf(relay, await storedKey(relay))
  t.equal((await known.push(body)).status, 200)
  const fresh = serviceOf(relay, await storedKey(relay, { name: 'fresh' }))
  relay.clock.now += 5 * SECOND
  const replies = await Promise.all([known, fresh, fresh, known].map(service => service.push(body)))
  t.same(
    replies.map(each => each.status),
    [200, 200, 200, 200]
  )
})

t.test(
  'who comes while the keys are being read waits for it, and a key they lack is looked for once more',
  async t => {
    const relay = await openRelay(t)
    const known = await storedKey(relay)
    const kept = apiKeysOf(relay.store)
    const before = await kept.list()
    const fresh = await storedKey(relay, { name: 'fresh' })
    const { promise: gate, resolve: goOn } = Promise.withResolvers<void>()
    let readings = 0
    async function list() {
      readings += 1
      if (readings > 1) return kept.list()
      await gate
      return before
    }
    const callers = callersOf({ apiKeys: { ...kept, list }, environmentKeys: [], now: () => relay.clock.now })
    const asking = [known, known, fresh, fresh].map(key => callers.identify(`Bearer ${key}`))
    goOn()
    const names = (await Promise.all(asking)).map(each => each?.name)
    t.strictSame(names, ['test', 'test', 'fresh', 'fresh'])
    t.equal(readings, 2)
  }
)

t.test('when a key was last used is noted, once a minute at most', async t => {
  const relay = await openRelay(t)
  const keys = apiKeysOf(relay.store)
  const service = serviceOf(relay, await storedKey(relay))
  const noted = async () => (await keys.list())[0]?.lastUsedAt
  const began = relay.clock.now
  await service.push(body)
  await eventually(async () => ((await noted()) === began ? true : undefined), 'the first use')
  relay.clock.now = began + 59 * SECOND
  await service.push(body)
  relay.clock.now = began + 60 * SECOND
  await service.push(body)
  await eventually(async () => ((await noted()) === began + 60 * SECOND ? true : undefined), 'the next use')
})

t.test('a use that cannot be noted keeps nobody from being let in', async t => {
  const store = await refusingStore()
  const kept = apiKeysOf(store)
  const secret = newApiKey()
  const apiKeys = {
    ...kept,
    list: async () => [
      {
        id: 'key_1',
        name: 'kept',
        hash: hashOfKey(secret),
        workspaceId: undefined,
        customers: undefined,
        scopes: ['push' as const],
        strict: true,
        createdAt: 0,
        expiresAt: undefined,
        revokedAt: undefined,
        lastUsedAt: undefined
      }
    ]
  }
  const { app } = await openServer(t, {
    store,
    api: { callers: callersOf({ apiKeys, environmentKeys: [], now: Date.now }) }
  })
  const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
  const reply = await app.inject({ method: 'POST', url: '/customers/push_data', headers, payload: '{}' })
  t.equal(reply.statusCode, 400, 'it was let in and judged')
})

t.test('while the store does not answer, keys of the store are neither right nor wrong', async t => {
  const store = await refusingStore()
  const apiKeys = {
    ...apiKeysOf(store),
    async list() {
      await store.commit([])
      return []
    }
  }
  const { app } = await openServer(t, {
    store,
    api: { callers: callersOf({ apiKeys, environmentKeys: [], now: Date.now }) }
  })
  const headers = { authorization: 'Bearer seam_relay_unknown', 'content-type': 'application/json' }
  for (const [method, url] of [
    ['POST', '/customers/push_data'],
    ['POST', '/v1/events'],
    ['GET', '/deliveries/x']
  ] as const) {
    const reply = await app.inject({ method, url, headers, ...(method === 'POST' && { payload: '{}' }) })
    t.same([reply.statusCode, reply.headers['retry-after']], [503, '5'], url)
  }
})

t.test('a call is for the key’s workspace, or for the only one, or for that of the environment', async t => {
  const connections = (workspaces: string) =>
    `workspaces: [${workspaces}]\nconnections:\n  - { id: own, platform: standard, customer_key: acme, workspace: eu, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }\n`
  const eu = '{ id: eu, api_key: seam_test_eu }'
  const us = '{ id: us, api_key: seam_test_us }'
  for (const [written, seamKey, told, expected] of [
    [eu, undefined, undefined, 'eu'],
    [`${eu}, ${us}`, undefined, 'us', 'us'],
    [`${eu}, ${us}`, undefined, undefined, undefined],
    [`${eu}, ${us}`, undefined, 'elsewhere', undefined],
    [`${eu}, ${us}`, 'seam_test_own', undefined, 'default']
  ] as const) {
    const relay = await openRelay(t, {
      connections: connections(written),
      ...(seamKey !== undefined && { env: { SEAM_API_KEY: seamKey } })
    })
    const service = serviceOf(relay, await storedKey(relay, { workspaceId: told }))
    const reply = await service.push(body)
    if (expected === undefined) {
      t.equal(reply.status, 400)
      t.match(reply.body, { error: { type: 'invalid_input', message: /keys create --workspace <id>/ } })
    } else {
      t.equal(reply.status, 200)
      const [call] = await storedCalls(relay)
      t.equal(call?.headers['relay-workspace'], expected)
    }
  }
})

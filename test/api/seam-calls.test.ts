import { METHODS } from 'node:http'
import t from 'tap'
import { request } from 'undici'
import { openRelay } from '../open-relay.ts'
import { API_KEY, openServer } from '../open-server.ts'
import { callWith, env, KEY, serviceOf, storedCalls, storedKey } from './call.ts'
import { refusingStore } from './refusing-store.ts'

const stay = {
  reservation_key: 'r1',
  guest_key: 'g1',
  space_keys: ['s1'],
  starts_at: '2027-03-01T15:00:00Z',
  ends_at: '2027-03-03T10:00:00Z'
}
const whole = {
  customer_key: 'acme',
  spaces: [{ space_key: 's1', name: 'Loft' }],
  guests: [{ guest_key: 'g1', name: 'Ada' }],
  reservations: [stay]
}

t.test('what is pushed comes to Seam, and what is deleted goes from there', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const pushed = await service.push(whole)
  t.equal(pushed.status, 200)
  t.strictSame(pushed.body, { ok: true })
  t.match(pushed.headers, {
    'content-type': /^application\/json/,
    'seam-request-id': /^[\da-f-]{36}$/,
    'relay-delivery': /^[\da-f]{26}$/
  })
  await relay.settle()
  const { customer_key: _customer, ...lists } = whole
  t.strictSame(await relay.held('acme'), lists)

  t.equal((await service.delete({ reservation_keys: ['r1'] })).status, 200)
  await relay.settle()
  t.same((await relay.held('acme')).reservations ?? [], [])
  t.strictSame((await relay.held('acme')).spaces, whole.spaces)
})

t.test('a deletion may come with its keys in the query, as newer SDKs send it', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const spaces = ['a,b', 'c d', 'e+f', 'ü', 'kept'].map(key => ({ space_key: key, name: key }))
  await service.push({ ...whole, spaces: [...spaces, ...whole.spaces] })
  await relay.settle()
  const query = '_strict=true&guest_keys=&space_keys=a%2Cb&space_keys=c+d&space_keys=e%2Bf&space_keys=%C3%BC'
  const reply = await service.deleteByQuery(query)
  t.same([reply.status, reply.body], [200, { ok: true }])
  const [, call] = await storedCalls(relay)
  t.strictSame(call?.body, { guest_keys: [], space_keys: ['a,b', 'c d', 'e+f', 'ü'] })
  await relay.settle()
  const held = await relay.held('acme')
  t.same(
    held.spaces?.map(each => each.space_key),
    ['kept', 's1']
  )
  t.same(held.guests, whole.guests, 'an empty value is an empty list')
})

t.test('a query of 64 KiB is read', async t => {
  const relay = await openRelay(t, { env })
  const keys = Array.from({ length: 1_300 }, (_none, serial) => `${serial}-`.padEnd(36, 'k'))
  const query = keys.map(key => `reservation_keys=${key}`).join('&')
  t.ok(query.length > 64 * 1024)
  t.equal((await serviceOf(relay).deleteByQuery(query)).status, 200)
  const [call] = await storedCalls(relay)
  t.strictSame(call?.body, { reservation_keys: keys })
})

t.test('nothing is sent for a body that is empty, as Seam documents none as required', async t => {
  const relay = await openRelay(t, { env })
  for (const body of [undefined, '', '{}']) {
    t.equal((await callWith(relay.origin, KEY, 'POST', '/customers/delete_data', body)).status, 200)
  }
  t.equal((await serviceOf(relay).deleteByQuery('')).status, 200)
  const { status, body } = await callWith(relay.origin, KEY, 'POST', '/customers/push_data')
  t.equal(status, 400)
  t.match(body, { error: { message: 'customer_key is required' } })
  t.strictSame(
    (await storedCalls(relay)).map(each => each.body),
    [{}, {}, {}, {}]
  )
})

t.test('a bad body is refused in Seam’s words, at its place, and leaves nothing behind', async t => {
  const relay = await openRelay(t, { env })
  const reply = await serviceOf(relay).push({ customer_key: '', spaces: [{ space_key: 1 }] })
  t.equal(reply.status, 400)
  t.strictSame(reply.body, {
    error: {
      type: 'invalid_input',
      message:
        '3 Input Errors: customer_key must not be empty, spaces.0.name is required, spaces.0.space_key must be string',
      validation_errors: {
        _errors: [],
        customer_key: { _errors: ['must not be empty'] },
        spaces: {
          _errors: [],
          0: {
            _errors: [],
            name: { _errors: ['is required'] },
            space_key: { _errors: ['must be string'] }
          }
        }
      }
    },
    ok: false
  })
  t.match(reply.headers['seam-request-id'], /^[\da-f-]{36}$/)
  t.strictSame(await storedCalls(relay), [])
})

t.test('what cannot be read as JSON is refused in the envelope', async t => {
  const relay = await openRelay(t, { env })
  const json = 'application/json'
  for (const [body, headers, type, message] of [
    ['{', { 'content-type': json }, 'invalid_input', 'The body is not JSON in UTF-8'],
    [
      Buffer.from([0x22, 0xff, 0x22]),
      { 'content-type': json },
      'invalid_input',
      'The body is not JSON in UTF-8'
    ],
    [
      'null',
      { 'content-type': json },
      'invalid_input',
      'The body must be an object with customer_key and lists'
    ],
    [
      '[]',
      { 'content-type': json },
      'invalid_input',
      'The body must be an object with customer_key and lists'
    ],
    [
      '{}',
      { 'content-type': 'text/plain' },
      'invalid_content_type',
      'Send the body as JSON, uncompressed: content-type: application/json'
    ],
    ['{}', { 'content-type': 'nonsense' }, 'invalid_content_type', 'Send the body as JSON'],
    ['{}', {}, 'invalid_content_type', 'Send the body as JSON, uncompressed: content-type: application/json'],
    [
      '{}',
      { 'content-type': json, 'content-encoding': 'gzip' },
      'invalid_content_type',
      'Send the body as JSON, uncompressed: content-type: application/json'
    ]
  ] as const) {
    const reply = await relay.post('/customers/push_data', {
      headers: { authorization: `Bearer ${KEY}`, ...headers },
      body
    })
    t.equal(reply.status, 400)
    t.match(reply.body, { ok: false, error: { type, message } })
  }
  const spelled = ['application/json; charset=utf-8', 'APPLICATION/JSON', 'application/problem+json']
  for (const type of spelled) {
    const body = '\ufeff{"customer_key":"acme"}'
    const headers = { authorization: `Bearer ${KEY}`, 'content-type': type }
    t.equal((await relay.post('/customers/push_data', { headers, body })).status, 200, type)
  }
})

t.test('a body that is shorter than announced is refused in the envelope', async t => {
  const { app } = await openServer(t)
  const headers = {
    authorization: `Bearer ${API_KEY}`,
    'content-type': 'application/json',
    'content-length': '100'
  }
  const reply = await app.inject({ method: 'POST', url: '/customers/push_data', headers, payload: '{}' })
  t.equal(reply.statusCode, 400)
  t.match(reply.json(), {
    ok: false,
    error: { type: 'invalid_input', message: 'The request cannot be read' }
  })
})

t.test('a key that is too long for an index is refused, whatever the caller’s key', async t => {
  const relay = await openRelay(t, { env })
  const [longest, longer] = ['ü'.repeat(500), 'ü'.repeat(501)]
  const stay = (fields: object) => ({
    customer_key: 'acme',
    reservations: [{ reservation_key: 'r1', ...fields }]
  })
  for (const key of [KEY, await storedKey(relay, { strict: false })]) {
    const service = serviceOf(relay, key)
    for (const [reply, path] of [
      [await service.push({ customer_key: longer }), 'customer_key'],
      [await service.push(stay({ reservation_key: longer })), 'reservations.0.reservation_key'],
      [await service.push(stay({ space_keys: ['s1', longer] })), 'reservations.0.space_keys.1'],
      [await service.delete({ space_keys: [longer] }), 'space_keys.0']
    ] as const) {
      const message = `${path} must have at most 500 characters`
      t.match(reply, { status: 400, body: { ok: false, error: { type: 'invalid_input', message } } })
    }
    const taken = await service.push(
      stay({ reservation_key: longest, guest_key: longest, space_keys: [longest] })
    )
    t.equal(taken.status, 200)
  }
})

t.test('text that cannot be kept as it is is refused, whatever the key', async t => {
  const relay = await openRelay(t, { env })
  const stay = (fields: object) => ({
    customer_key: 'acme',
    reservations: [{ reservation_key: 'r1', ...fields }]
  })
  for (const key of [KEY, await storedKey(relay, { strict: false })]) {
    const service = serviceOf(relay, key)
    for (const [broken, what] of [
      ['\ud83d', 'half of a surrogate pair'],
      ['\0', 'the character U+0000']
    ] as const) {
      const message = `must be Unicode text without ${what}`
      const name = `must have names of Unicode text without ${what}`
      for (const [reply, told] of [
        [await service.push({ customer_key: broken }), `customer_key ${message}`],
        [await service.push(stay({ name: `x${broken}` })), `reservations.0.name ${message}`],
        [await service.push(stay({ space_keys: ['s1', broken] })), `reservations.0.space_keys.1 ${message}`],
        [
          await service.push(stay({ custom_metadata: { late: true, [broken]: null } })),
          `reservations.0.custom_metadata ${name}`
        ],
        [await service.delete({ space_keys: [broken] }), `space_keys.0 ${message}`]
      ] as const) {
        t.equal(reply.status, 400)
        t.match(reply.body, { ok: false, error: { type: 'invalid_input', message: told } })
      }
    }
    for (const [query, told] of [
      ['space_keys=%', 'The query is not percent-encoded UTF-8'],
      ['space_keys=50%25&space_keys=5%0x', 'The query is not percent-encoded UTF-8'],
      ['space_keys=%ff', 'The query is not percent-encoded UTF-8'],
      ['space_keys=%ED%A0%BD', 'The query is not percent-encoded UTF-8'],
      ['space_keys=a&space_keys=b%00', 'space_keys.1 must be Unicode text without the character U+0000']
    ] as const) {
      const reply = await service.deleteByQuery(query)
      t.match(reply, { status: 400, body: { error: { type: 'invalid_input', message: told } } }, query)
    }
  }
  t.strictSame(await storedCalls(relay), [])
  const escaped = '{"customer_key":"acme","guests":[{"guest_key":"g1","name":"\\ud83d\\ude00"}]}'
  t.equal((await serviceOf(relay).push(escaped)).status, 200, 'a whole pair may be escaped')
  t.equal((await serviceOf(relay).deleteByQuery('space_keys=50%25+%F0%9F%98%80')).status, 200)
})

t.test('keys in the query of a POST are refused, as they would not be read', async t => {
  const relay = await openRelay(t, { env })
  const post = (query: string, body?: unknown) =>
    callWith(relay.origin, KEY, 'POST', `/customers/delete_data?${query}`, body)
  for (const query of ['space_keys=a', 'customer_keys=acme', 'space_key=a', '_strict=true&guest_keys=']) {
    for (const body of [undefined, { space_keys: ['b'] }]) {
      t.match(
        await post(query, body),
        {
          status: 400,
          body: { error: { type: 'invalid_input', message: /^POST takes its keys from the body/ } }
        },
        query
      )
    }
  }
  t.strictSame(await storedCalls(relay), [])
  t.equal(
    (await post('_strict=true', { space_keys: ['b'] })).status,
    200,
    'what names no keys is passed over'
  )
})

t.test('a body that is no object is told what it must be', async t => {
  const service = serviceOf(await openRelay(t, { env }))
  t.match(await service.delete([]), {
    status: 400,
    body: { error: { message: 'The body must be an object with lists of keys' } }
  })
})

t.test('a body beside a query is refused, as it would not be read', async t => {
  const relay = await openRelay(t, { env })
  const reply = await callWith(relay.origin, KEY, 'DELETE', '/customers/delete_data', { space_keys: ['a'] })
  t.equal(reply.status, 400)
  t.match(reply.body, { error: { message: /^DELETE takes its keys from the query string/ } })
})

t.test('a body that is too large is refused in the envelope', async t => {
  const relay = await openRelay(t, { env: { ...env, RELAY_MAX_BODY_BYTES: '1024' } })
  const reply = await serviceOf(relay).push({ customer_key: 'x'.repeat(1024) })
  t.equal(reply.status, 413)
  t.match(reply.body, {
    ok: false,
    error: { type: 'payload_too_large', message: 'The body is larger than 1024 bytes; split it' }
  })
})

t.test('every other method is refused with those that are taken', async t => {
  const relay = await openRelay(t, { env })
  for (const [operation, allow] of [
    ['push_data', 'POST'],
    ['delete_data', 'POST, DELETE']
  ] as const) {
    for (const method of METHODS.filter(each => each !== 'CONNECT' && !allow.includes(each))) {
      const reply = await request(`${relay.origin}/customers/${operation}`, { method: method as 'PUT' })
      t.same([reply.statusCode, reply.headers.allow], [405, allow], `${method} ${operation}`)
      t.match(reply.headers['seam-request-id'], /./)
      const text = await reply.body.text()
      if (method !== 'HEAD') t.match(JSON.parse(text), { ok: false, error: { type: 'method_not_allowed' } })
    }
  }
})

t.test('the caller’s clock counts where it tells one, else ours', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const named = (name: string) => ({ customer_key: 'acme', spaces: [{ space_key: 's1', name }] })
  const at = (version: number) => ({ headers: { 'relay-version': String(version) } })
  await service.push(named('of the second'), at(2_000))
  await service.push(named('of the first, late'), at(1_000))
  await relay.settle()
  t.match(await relay.held('acme'), { spaces: [{ name: 'of the second' }] })
  await service.push(named('of now'))
  await relay.settle()
  t.match(await relay.held('acme'), { spaces: [{ name: 'of now' }] })
  const day = 24 * 3_600_000
  t.equal((await service.push(named('of tomorrow'), at(relay.clock.now + day))).status, 200)
  for (const version of [relay.clock.now + day + 1, -1, 1.5, 1e300, '', 'yesterday', '0x10']) {
    const { status, body } = await service.push(named('x'), { headers: { 'relay-version': `${version}` } })
    t.equal(status, 400, String(version))
    t.match(body, { error: { type: 'invalid_input', message: /^Relay-Version must be/ } })
  }
})

t.test('while the store cannot take it, a call is refused and to be repeated', async t => {
  const full = await openServer(t, { api: { maxQueued: 0 } })
  const headers = { authorization: 'Bearer seam_relay_of_the_test', 'content-type': 'application/json' }
  const call = {
    method: 'POST',
    url: '/customers/push_data',
    headers,
    payload: '{"customer_key":"a"}'
  } as const
  const turnedAway = await full.app.inject(call)
  t.same([turnedAway.statusCode, turnedAway.headers['retry-after']], [503, '1'])
  t.match(turnedAway.json(), { ok: false, error: { type: 'service_unavailable' } })

  const broken = await openServer(t, { store: await refusingStore() })
  const failed = await broken.app.inject(call)
  t.same([failed.statusCode, failed.headers['retry-after']], [503, '5'])
  t.match(failed.json(), { ok: false, error: { type: 'service_unavailable' } })
  t.match(failed.headers['seam-request-id'], /./)
  const mistaken = await openServer(t, {
    api: {
      onStored() {
        throw new Error('a mistake of ours')
      }
    }
  })
  t.equal((await mistaken.app.inject(call)).statusCode, 503)
})

t.test('what is logged tells of no person and no key', async t => {
  const relay = await openRelay(t, { env })
  const service = serviceOf(relay)
  const { headers } = await service.push(whole)
  await service.push({ customer_key: 5 })
  const [stored, refused] = relay.logged
    .map(line => JSON.parse(line))
    .filter(line => String(line.event).startsWith('call.'))
  t.match(stored, {
    event: 'call.stored',
    level: 30,
    deliveryId: headers['relay-delivery'],
    requestId: headers['seam-request-id'],
    callerId: /^env-[\da-f]{8}$/,
    operation: 'push_data',
    resources: 3,
    duplicate: false
  })
  t.match(refused, {
    event: 'call.refused',
    level: 30,
    callerId: /^env-/,
    status: 400,
    type: 'invalid_input'
  })
  t.notMatch(relay.logged.join(''), /Ada|seam_relay_/)
})

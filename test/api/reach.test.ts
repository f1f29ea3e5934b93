import t from 'tap'
import { openRelay } from '../open-relay.ts'
import { env, serviceOf, storedCalls, storedKey } from './call.ts'

const connections = `connections:
  - { id: lakeside, platform: standard, customer_key: lake, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= }, places: { "7": { key: the-loft } } }
  - { id: hillside, platform: standard, customer_key: hill, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }
`
const space = (customer_key: string, space_key: string) => ({
  customer_key,
  spaces: [{ space_key, name: 'Loft' }]
})

t.test('keys that are kept for another customer’s connection are refused to every caller', async t => {
  const relay = await openRelay(t, { env, connections })
  const service = serviceOf(relay)
  for (const [body, path] of [
    [space('hill', 'lakeside:1'), ['spaces', '0', 'space_key']],
    [space('hill', 'the-loft'), ['spaces', '0', 'space_key']],
    [space('somebody', 'hillside:'), ['spaces', '0', 'space_key']],
    [
      { customer_key: 'hill', reservations: [{ reservation_key: 'r', space_keys: ['a', 'lakeside:1'] }] },
      ['reservations', '0', 'space_keys', '1']
    ],
    [
      { customer_key: 'hill', reservations: [{ reservation_key: 'r', guest_key: 'lakeside:g' }] },
      ['reservations', '0', 'guest_key']
    ]
  ] as const) {
    const reply = await service.push(body)
    t.equal(reply.status, 400)
    t.match(reply.body, {
      error: {
        type: 'invalid_input',
        message: `${path.join('.')} is kept for another connection; choose another key`
      }
    })
    t.notMatch(JSON.stringify(reply.body), /lake/, 'nobody learns whose it is')
  }
  for (const body of [space('lake', 'lakeside:1'), space('hill', ':lakeside'), space('hill', 'seaside:1')]) {
    t.equal((await service.push(body)).status, 200)
  }
})

t.test('a caller that is limited to customers pushes for these alone', async t => {
  const relay = await openRelay(t)
  const limited = serviceOf(relay, await storedKey(relay, { customers: ['acme', 'globex'] }))
  t.equal((await limited.push(space('acme', 's1'))).status, 200)
  t.equal((await limited.push(space('globex', 's2'))).status, 200)
  const { status, body } = await limited.push(space('initech', 's3'))
  t.equal(status, 403)
  t.match(body, { error: { type: 'forbidden', message: /^This API key is limited to other customers/ } })
  const [call] = await storedCalls(relay)
  t.strictSame(JSON.parse(call?.headers['relay-customers'] ?? ''), ['acme', 'globex'])
})

t.test('a caller that is limited to customers reaches nothing of another’s by its key', async t => {
  const relay = await openRelay(t, { env })
  await serviceOf(relay).push({
    ...space('initech', 'theirs'),
    guests: [{ guest_key: 'guest', name: 'Ada' }]
  })
  await relay.settle()
  const limited = serviceOf(
    relay,
    await storedKey(relay, { customers: ['acme'], scopes: ['push', 'delete', 'offboard'] })
  )
  for (const [body, path] of [
    [space('acme', 'theirs'), 'spaces.0.space_key'],
    [
      { customer_key: 'acme', reservations: [{ reservation_key: 'r', guest_key: 'guest' }] },
      'reservations.0.guest_key'
    ],
    [
      { customer_key: 'acme', reservations: [{ reservation_key: 'r', space_keys: ['own', 'theirs'] }] },
      'reservations.0.space_keys.1'
    ]
  ] as const) {
    const reply = await limited.push(body)
    t.equal(reply.status, 400)
    t.match(reply.body, { error: { message: `${path} is taken; choose another key` } })
    t.notMatch(JSON.stringify(reply.body), /initech/)
  }
  const held = await relay.held('initech')
  for (const reply of [
    await limited.delete({ space_keys: ['theirs', 'nobody’s'], guest_keys: ['guest'] }),
    await limited.deleteByQuery('space_keys=theirs'),
    await limited.delete({ customer_keys: ['initech'] })
  ]) {
    t.same([reply.status, reply.body], [200, { ok: true }])
  }
  await relay.settle()
  t.strictSame(await relay.held('initech'), held)
  t.equal((await limited.push(space('acme', 'own'))).status, 200)
  await relay.settle()
  await limited.delete({ space_keys: ['own'] })
  await relay.settle()
  t.same((await relay.held('acme')).spaces ?? [], [])
})

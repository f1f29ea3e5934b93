import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import { retake } from '../../src/ingest/retake.ts'
import type { Connection } from '../../src/model/connection.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { storeRooms } from '../../src/store/rooms.ts'
import { openRelay, type TestRelay } from '../open-relay.ts'
import { calcomBody, keptRequests, signed, storedDeliveries } from './front-door.ts'

function retaken(
  relay: TestRelay,
  connectionId: string,
  mended: Partial<Connection> = {},
  known: Record<string, Platform> = platforms
) {
  const { rejected, deliveries } = storeRooms(relay.store)
  const connection = { ...relay.connection(connectionId), ...mended }
  return retake({ connection, platforms: known, rejected, deliveries })
}

const misconfigured = `connections:
  - { id: hmac, platform: calcom, customer_key: c, secrets: { signing_secret: a-mistyped-signing-secret } }
  - { id: ids, platform: standard, customer_key: c, secrets: { signing_secret: whsec_bWlzdHlwZWQtbWlzdHlwZWQtbWlzdHlwZWQ= } }
  - { id: basic, platform: hostaway, customer_key: c, secrets: { username: relay, password: a-mistyped-password }, api: { account_id: "1", api_key: k } }
  - { id: query, platform: mews, customer_key: c, secrets: { token: a-mistyped-token-of-mews } }
  - { id: both, platform: hospitable, customer_key: c, secrets: { signing_secret: a-mistyped-signing-secret, token: a-mistyped-token } }
  - { id: ranges, platform: calcom, customer_key: c, allow_from: [192.0.2.0/24], secrets: { signing_secret: a-mistyped-signing-secret } }
`

t.test(
  'once the secret is mended, what it refused is taken in with its bytes and the time it came',
  async t => {
    const relay = await openRelay(t, { connections: misconfigured })
    const rights: Record<string, Connection['secrets']> = {
      hmac: { signing_secret: ['the-old-secret', 'the-right-secret'] },
      ids: { signing_secret: ['whsec_cmlnaHQtcmlnaHQtcmlnaHQtcmlnaHQ='] },
      basic: { username: ['relay'], password: ['the-right-password'] },
      query: { token: ['the-right-token'] },
      both: { signing_secret: ['the-right-secret'], token: ['the-right-token'] }
    }
    const cameAt = relay.clock.now
    const bodies = new Map<string, string>()
    for (const [id, secrets] of Object.entries(rights)) {
      const body = `{ "of": "${id}" }`
      const { platform } = relay.connection(id)
      const first = Object.fromEntries(Object.entries(secrets).map(([name, list]) => [name, list.slice(-1)]))
      const proof = platforms[platform]?.verification.sign(Buffer.from(body), first, {
        now: cameAt,
        id: 'msg_1'
      })
      const token = proof?.token === undefined ? '' : `/${proof.token}`
      const reply = await relay.post(
        `/webhooks/${platform}/${id}${token}?${new URLSearchParams(proof?.query)}`,
        {
          body,
          headers: { 'content-type': 'application/json', ...proof?.headers }
        }
      )
      t.equal(reply.status, 401, id)
      bodies.set(id, body)
    }
    await keptRequests(relay, 5)
    relay.clock.now += 30 * 86_400_000

    for (const [id, secrets] of Object.entries(rights)) {
      t.strictSame((await retaken(relay, id)).taken, 0, `${id}: not with the old settings`)
      t.strictSame(await retaken(relay, id, { secrets }), { taken: 1, stillRefused: [] }, id)
      t.strictSame(await retaken(relay, id, { secrets }), { taken: 0, stillRefused: [] }, `${id}: not twice`)
    }
    t.strictSame(await keptRequests(relay, 0), [])
    const stored = await storedDeliveries(relay)
    t.equal(stored.length, 5)
    for (const row of stored) {
      t.equal(Buffer.from(row.body).toString(), bodies.get(row.connection_id))
      t.equal(row.received_at, cameAt)
      t.equal(row.state, 'received')
    }
    t.equal(stored.find(row => row.connection_id === 'ids')?.dedupe_key, 'msg_1')
    await relay.settle()
    t.ok(
      (await storedDeliveries(relay)).every(row => row.state !== 'received'),
      'and goes its way'
    )
  }
)

t.test('what is still wrong stays where it is, with its cause', async t => {
  const relay = await openRelay(t)
  await relay.post('/webhooks/calcom/demo-calcom', { body: '{}' })
  const authorization = `Basic ${Buffer.from('relay:guessed').toString('base64')}`
  await relay.post('/webhooks/hostaway/demo-hostaway', { body: '{}', headers: { authorization } })
  await relay.post('/webhooks/hostaway/demo-hostaway', { body: '{}' })
  await keptRequests(relay, 3)
  t.strictSame(await retaken(relay, 'demo-calcom'), { taken: 0, stillRefused: ['signature_missing'] })
  t.strictSame(await retaken(relay, 'demo-hostaway'), {
    taken: 0,
    stillRefused: ['credentials_wrong', 'credentials_missing']
  })
  t.equal((await keptRequests(relay, 3)).length, 3)
  t.strictSame(await storedDeliveries(relay), [])
})

t.test('an address range, an account and a content type can be mended as well', async t => {
  const relay = await openRelay(t, { connections: misconfigured })
  const secrets = { signing_secret: ['a-mistyped-signing-secret'] }
  const ranged = signed(relay, 'ranges', calcomBody())
  await relay.post(ranged.path, ranged)
  const foreign = signed(
    relay,
    'basic',
    JSON.stringify({ event: 'message.received', accountId: 2, data: {} })
  )
  await relay.post(foreign.path, foreign)
  const typed = signed(relay, 'ids', '{"type":"test.ping"}', { headers: { 'content-type': 'text/odd' } })
  t.equal((await relay.post(typed.path, typed)).status, 415)
  const packed = signed(relay, 'ids', 'not to be read', {
    id: 'msg_2',
    headers: { 'content-encoding': 'gzip' }
  })
  t.equal((await relay.post(packed.path, packed)).status, 415)
  await keptRequests(relay, 4)

  t.strictSame(await retaken(relay, 'ranges', { secrets }), {
    taken: 0,
    stillRefused: ['address_not_allowed']
  })
  t.strictSame((await retaken(relay, 'ranges', { secrets, allowFrom: ['127.0.0.1'] })).taken, 1)
  t.strictSame((await retaken(relay, 'basic')).stillRefused, ['foreign_account'])
  t.strictSame((await retaken(relay, 'basic', { api: { account_id: '2', api_key: 'k' } })).taken, 1)
  const standard = platforms.standard as Platform
  const wiser = { ...platforms, standard: { ...standard, mediaTypes: ['text/odd'] } }
  t.strictSame(await retaken(relay, 'ids', {}, wiser), { taken: 1, stillRefused: ['media_type'] })
})

t.test('one that cannot be judged now stays, and the others are taken in', async t => {
  const relay = await openRelay(t, { connections: misconfigured })
  const secrets = { signing_secret: ['the-right-secret'] }
  const calcom = platforms.calcom as Platform
  const { verification } = calcom
  for (const body of [calcomBody(), '{"triggerEvent":"BOOKING_PAID"}']) {
    const { headers } = verification.sign(Buffer.from(body), secrets, { now: relay.clock.now, id: 'm' })
    await relay.post('/webhooks/calcom/hmac', { body, headers: { ...headers } })
  }
  await keptRequests(relay, 2)
  const failing = (error: Error): Record<string, Platform> => ({
    ...platforms,
    calcom: {
      ...calcom,
      verification: {
        ...verification,
        verify(incoming, ...given) {
          if (Buffer.from(incoming.body).includes('BOOKING_PAID')) throw error
          return verification.verify(incoming, ...given)
        }
      }
    }
  })
  const passing = new RelayError('RELAY_PLATFORM_UNAVAILABLE', 'no certificate', { retryable: true })
  t.strictSame(await retaken(relay, 'hmac', { secrets }, failing(passing)), {
    taken: 1,
    stillRefused: ['cannot be verified now']
  })
  const mistake = new TypeError('a mistake in the adapter')
  await t.rejects(retaken(relay, 'hmac', { secrets }, failing(mistake)), mistake)
})

t.test('a repeat of what has come in meanwhile is taken in as the same delivery', async t => {
  const relay = await openRelay(t)
  const post = signed(relay, 'demo-standard', '{"type":"test.ping"}', {
    headers: { 'content-type': 'text/odd' }
  })
  await relay.post(post.path, post)
  await keptRequests(relay, 1)
  const right = signed(relay, 'demo-standard', '{"type":"test.ping"}')
  const { body } = await relay.post(right.path, right)
  const standard = { ...(platforms.standard as Platform), mediaTypes: ['text/odd'] }
  await retaken(relay, 'demo-standard', {}, { ...platforms, standard })
  t.strictSame(
    (await storedDeliveries(relay)).map(row => row.id),
    [body.delivery_id]
  )
  t.strictSame(await keptRequests(relay, 0), [])
})

t.test('a connection that has changed its platform, or whose platform is gone, takes nothing in', async t => {
  const relay = await openRelay(t)
  await relay.post('/webhooks/calcom/demo-calcom', { body: '{}' })
  await keptRequests(relay, 1)
  const nothing = { taken: 0, stillRefused: ['unknown_connection'] }
  t.strictSame(await retaken(relay, 'demo-calcom', { platform: 'standard' }), nothing)
  t.strictSame(await retaken(relay, 'demo-calcom', {}, {}), nothing)
  t.equal((await keptRequests(relay, 1)).length, 1)
})

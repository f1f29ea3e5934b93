import t from 'tap'
import { ownerrez } from '../../../src/platforms/ownerrez/ownerrez.ts'
import { openRelay } from '../../open-relay.ts'
import { incomingOf } from '../contract.ts'
import { booking, hold, reading, unread, webhook } from './bodies.ts'

const secrets = { username: ['orez-hook'], password: ['demo-password'] }
const header = 'Basic b3Jlei1ob29rOmRlbW8tcGFzc3dvcmQ='

async function verdict(authorization: string | undefined, using: Record<string, string[]> = secrets) {
  const signed = authorization === undefined ? {} : { headers: { authorization } }
  return ownerrez.verification.verify(incomingOf(unread, { body: '{}' }, signed), using)
}

t.test('the vector of Basic credentials verifies, and requests are signed so', async t => {
  t.strictSame(await verdict(header), { ok: true })
  t.strictSame(ownerrez.verification.sign(Buffer.from('{}'), secrets, { now: 0, id: 'x' }), {
    headers: { authorization: header }
  })
  t.strictSame(await verdict(undefined), { ok: false, cause: 'credentials_missing' })
  const other = `Basic ${Buffer.from('orez-hook:demo-passwort').toString('base64')}`
  t.strictSame(await verdict(other), { ok: false, cause: 'credentials_wrong' })
})

t.test('only the first colon divides user and password', async t => {
  const odd = `Basic ${Buffer.from('orez-hook:demo:password').toString('base64')}`
  t.strictSame(await verdict(odd, { ...secrets, password: ['demo:password'] }), { ok: true })
})

t.test('both passwords are right while one takes the other’s place', async t => {
  t.strictSame(await verdict(header, { ...secrets, password: ['new-password', 'demo-password'] }), {
    ok: true
  })
})

t.test('a delivery is known by its id, be it a number or a UUID', async t => {
  const idOf = (body: unknown) => ownerrez.deliveryId?.(incomingOf(unread, { body: JSON.stringify(body) }))
  t.equal(idOf({ id: '47af00f8-0000-4000-8000-00000000eb01' }), '47af00f8-0000-4000-8000-00000000eb01')
  t.equal(idOf({ id: 48151623 }), '48151623')
  t.equal(idOf({ id: null }), undefined)
  t.equal(idOf('no object'), undefined)
})

t.test('webhooks of another account are foreign; a test that names none is not', async t => {
  const own = (body: unknown, using = reading) =>
    ownerrez.isOwn?.(incomingOf(using, { body: JSON.stringify(body) }), using)
  t.equal(own({ user_id: 340000001 }), true)
  t.equal(own({ user_id: '340000001' }), true)
  t.equal(own({ user_id: 340000002 }), false)
  t.equal(own({ action: 'webhook_test' }), true)
  t.equal(own({ user_id: 340000002 }, unread), true, 'where the account is not known')
  const { user_id: _, ...api } = reading.api ?? {}
  t.equal(own({ user_id: 340000002 }, { ...reading, api }), true)
})

const connections = `
connections:
  - id: cabins
    platform: ownerrez
    customer_key: cabins
    secrets: { username: orez-hook, password: demo-password-0001 }
    time_zone: America/Denver
    country: US
`
const headers = {
  authorization: `Basic ${Buffer.from('orez-hook:demo-password-0001').toString('base64')}`,
  'content-type': 'application/json'
}

t.test('a hold that becomes a booking under the same id gets its guest in', async t => {
  const relay = await openRelay(t, { connections, platforms: { ownerrez } })
  const post = (body: object) =>
    relay.post('/webhooks/ownerrez/cabins', { headers, body: JSON.stringify(body) })
  const held = webhook(hold, { id: 'e0', action: 'entity_create' })
  t.equal((await post(held)).status, 200)
  await relay.settle()
  t.strictSame((await relay.held('cabins')).reservations ?? [], [])
  await post(webhook(booking, { id: 'e1' }))
  await relay.settle()
  const expected = [
    {
      reservation_key: 'cabins:17000001',
      name: 'HMDEMO1701',
      starts_at: '2026-03-12T21:00:00Z',
      ends_at: '2026-03-16T17:00:00Z',
      guest_key: 'cabins:620000001',
      space_keys: ['cabins:470001']
    }
  ]
  t.same((await relay.held('cabins')).reservations, expected)
  await post({ ...held, id: 'e0 again' })
  await relay.settle()
  t.same((await relay.held('cabins')).reservations, expected, 'and the hold told late takes nothing back')
})

t.test('a hold told late takes nothing back from a booking of the same second', async t => {
  const relay = await openRelay(t, { connections, platforms: { ownerrez } })
  const atOnce = webhook({ ...booking, updated_utc: hold.created_utc }, { id: 'e1' })
  for (const body of [atOnce, webhook(hold, { id: 'e0', action: 'entity_create' })]) {
    await relay.post('/webhooks/ownerrez/cabins', { headers, body: JSON.stringify(body) })
    await relay.settle()
  }
  t.match((await relay.held('cabins')).reservations, [{ reservation_key: 'cabins:17000001' }])
})

t.test('the answer comes at once and is no redirect, whatever the event', async t => {
  const relay = await openRelay(t, { connections, platforms: { ownerrez } })
  for (const body of [
    webhook(booking),
    { id: 'p', action: 'webhook_test' },
    { id: 'q', action: 'entity_new' }
  ]) {
    // Before any room of the relay has made a step.
    const reply = await relay.post('/webhooks/ownerrez/cabins', { headers, body: JSON.stringify(body) })
    t.equal(reply.status, 200)
    t.equal(reply.body.received, true)
  }
})

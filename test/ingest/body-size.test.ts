import { Readable } from 'node:stream'
import t from 'tap'
import { request } from 'undici'
import { openRelay } from '../open-relay.ts'
import { headOf, raw, rejectedCounts, signed, storedDeliveries, toldOf } from './front-door.ts'

const LIMIT = 5000

t.test('a body at the limit is taken in, one byte more is not', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_BODY_BYTES: `${LIMIT}` } })
  const fits = signed(relay, 'demo-calcom', ' '.repeat(LIMIT))
  const larger = signed(relay, 'demo-calcom', ' '.repeat(LIMIT + 1))

  t.equal((await relay.post(fits.path, fits)).status, 200)
  const refused = await relay.post(larger.path, larger)
  t.strictSame([refused.status, refused.body.code], [413, 'RELAY_BODY_TOO_LARGE'])
  t.match(refused.headers['content-type'], /^application\/problem\+json/)

  const chunked = async (post: typeof fits) => {
    const options = { method: 'POST' as const, headers: post.headers }
    const pieces = Readable.from(
      (function* () {
        for (let at = 0; at < post.body.byteLength; at += 999) yield post.body.subarray(at, at + 999)
      })()
    )
    return request(`${relay.origin}${post.path}`, { ...options, body: pieces })
  }
  t.equal((await chunked(fits)).statusCode, 200, 'in chunks too')
  t.equal((await chunked(larger)).statusCode, 413, 'in chunks too')

  t.strictSame(await rejectedCounts(relay, 2), { 'demo-calcom body_too_large': 2 })
  t.strictSame(
    (await storedDeliveries(relay)).map(row => row.body.byteLength),
    [LIMIT, LIMIT]
  )
})

t.test('a body that is announced as too large is refused before it comes', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_BODY_BYTES: `${LIMIT}` } })
  const told = await raw(
    relay.origin,
    headOf('POST', '/webhooks/calcom/demo-calcom', { 'content-length': LIMIT + 1 })
  )
  t.equal(told.status, 413)
  t.equal(told.headers.connection, 'close')
  t.equal(JSON.parse(told.body).code, 'RELAY_BODY_TOO_LARGE')
})

t.test('a chunked body without end is refused as soon as it is too large', async t => {
  const relay = await openRelay(t, { env: { RELAY_MAX_BODY_BYTES: `${LIMIT}` } })
  const chunk = `3e8\r\n${' '.repeat(1000)}\r\n`
  const head = headOf('POST', '/webhooks/calcom/demo-calcom', { 'transfer-encoding': 'chunked' })
  const told = await raw(relay.origin, head, ...Array(6).fill(chunk))
  t.equal(told.status, 413)
  t.equal(JSON.parse(told.body).code, 'RELAY_BODY_TOO_LARGE')
  t.equal(
    (await relay.post('/webhooks/calcom/demo-calcom', { body: '{}' })).status,
    401,
    'and the relay goes on'
  )
})

t.test('a body that does not keep to its own framing is no delivery', async t => {
  const relay = await openRelay(t)
  const path = '/webhooks/calcom/demo-calcom'
  const chunked = headOf('POST', path, { 'transfer-encoding': 'chunked' })
  const both = headOf('POST', path, { 'transfer-encoding': 'chunked', 'content-length': 2 })
  for (const text of [
    `${chunked}zz\r\n{}\r\n0\r\n\r\n`,
    `${chunked}2\r\n{}}\r\n0\r\n\r\n`,
    `${both}2\r\n{}\r\n0\r\n\r\n`
  ]) {
    const told = await raw(relay.origin, text)
    t.equal(told.status, 400)
    t.equal(told.headers['content-type'], 'application/problem+json')
    t.equal(JSON.parse(told.body).code, 'RELAY_BAD_REQUEST')
  }
  t.strictSame(await storedDeliveries(relay), [])
  t.equal(toldOf('HTTP/1.1 200 OK\r\na: b\r\n\r\nc').body, 'c')
})

import { createHmac } from 'node:crypto'
import { Value } from '@sinclair/typebox/value'
import fc from 'fast-check'
import t from 'tap'
import { timedHmac, toleranceSetting } from '../../src/platforms/timed-hmac.ts'
import type { Secrets } from '../../src/platforms/verify.ts'

const header = 'acme-signature'
const options = { header, members: ['v1', 'signature'] as [string, string], toleranceSeconds: 180 }
const timeFirst = timedHmac({ ...options, first: 'time' })
const bodyFirst = timedHmac({ ...options, first: 'body' })
const secrets: Secrets = { signing_secret: ['acme-test-secret-01'] }
const now = Date.parse('2027-02-11T08:30:05Z')
const seconds = now / 1000
const body = Buffer.from('{"name":"Zoë"}')

function signatureOf(signed: string | Buffer, secret = 'acme-test-secret-01'): string {
  return createHmac('sha256', secret).update(signed).digest('hex')
}
const right = signatureOf(`${seconds}.${body.toString()}`)

async function verdictOf(
  sent: string | undefined,
  { receivedAt = now, using = secrets, verification = timeFirst } = {}
) {
  const headers: Record<string, string> = sent === undefined ? {} : { [header]: sent }
  const verdict = await verification.verify(
    { connectionId: 'c', receivedAt, headers, query: {}, body },
    using
  )
  return verdict.ok ? 'ok' : verdict.cause
}

t.test('time and body are signed in the order of the platform, and the other order fails', async t => {
  const reversed = signatureOf(`${body.toString()}.${seconds}`)
  t.equal(await verdictOf(`t=${seconds},v1=${right}`), 'ok')
  t.equal(await verdictOf(`t=${seconds},v1=${reversed}`), 'signature_wrong')
  t.equal(await verdictOf(`t=${seconds},v1=${reversed}`, { verification: bodyFirst }), 'ok')
  t.equal(await verdictOf(`t=${seconds},v1=${right}`, { verification: bodyFirst }), 'signature_wrong')
  for (const verification of [timeFirst, bodyFirst]) {
    const { headers } = verification.sign(body, secrets, { now, id: '' })
    t.equal(await verdictOf(headers?.[header], { verification }), 'ok')
  }
})

t.test('one signature of several is enough, in any member that may hold one, in any order', async t => {
  const wrong = 'a'.repeat(64)
  t.equal(await verdictOf(`t=${seconds},v1=${wrong},v1=${right}`), 'ok')
  t.equal(await verdictOf(`v1=${right}, v1=${wrong} ,t=${seconds}`), 'ok')
  t.equal(await verdictOf(`t=${seconds},signature=${right.toUpperCase()}`), 'ok')
  t.equal(await verdictOf(`t=${seconds},v0=${right},v1=${wrong}`), 'signature_wrong')
})

t.test('a header that cannot be one is malformed, and none is missing', async t => {
  t.equal(await verdictOf(undefined), 'signature_missing')
  t.equal(await verdictOf(''), 'signature_missing')
  for (const sent of [
    right,
    `v1=${right}`,
    `t=${seconds}`,
    `t=${seconds},v1=`,
    `t=${seconds},v1=${right.slice(1)}`,
    `t=${seconds},v1=${right}=`,
    `t=,v1=${right}`,
    `t=1e9,v1=${right}`,
    `t=-1,v1=${right}`,
    `t=${seconds},v0=${right}`
  ]) {
    t.equal(await verdictOf(sent), 'signature_malformed', sent)
  }
  await fc.assert(fc.asyncProperty(fc.string(), async sent => (await verdictOf(sent)) !== 'ok'))
})

t.test('old and new secret pass while one takes the place of the other', async t => {
  const sent = `t=${seconds},v1=${right}`
  t.equal(await verdictOf(sent, { using: { signing_secret: ['another', 'acme-test-secret-01'] } }), 'ok')
  t.equal(await verdictOf(sent, { using: { signing_secret: ['acme-test-secret-01', 'another'] } }), 'ok')
  t.equal(await verdictOf(sent, { using: { signing_secret: ['another'] } }), 'signature_wrong')
  const { headers } = timeFirst.sign(body, {}, { now, id: '' })
  t.equal(await verdictOf(headers?.[header]), 'signature_wrong', 'nothing is signed right without a secret')
  t.equal(await verdictOf(sent, { using: {} }), 'signature_wrong')
})

t.test('a time outside the window is refused on either side, however right the signature', async t => {
  const sent = `t=${seconds},v1=${right}`
  t.equal(await verdictOf(sent, { receivedAt: now + 180_000 }), 'ok')
  t.equal(await verdictOf(sent, { receivedAt: now + 180_001 }), 'timestamp_outside_tolerance')
  t.equal(await verdictOf(sent, { receivedAt: now - 180_000 }), 'ok')
  t.equal(await verdictOf(sent, { receivedAt: now - 180_001 }), 'timestamp_outside_tolerance')
  t.equal(
    await verdictOf(sent, { receivedAt: now + 180_001, using: { signing_secret: ['another'] } }),
    'signature_wrong',
    'a stranger does not learn how wide it is'
  )
})

t.test('a connection can widen the window', async t => {
  const using = { ...secrets, tolerance_seconds: ['86400'] }
  const sent = `t=${seconds},v1=${right}`
  t.equal(await verdictOf(sent, { receivedAt: now + 86_400_000, using }), 'ok')
  t.equal(await verdictOf(sent, { receivedAt: now + 86_400_001, using }), 'timestamp_outside_tolerance')
  const odd = { ...secrets, tolerance_seconds: ['forever'] }
  t.equal(await verdictOf(sent, { receivedAt: now + 180_001, using: odd }), 'timestamp_outside_tolerance')
  const setting = toleranceSetting(180)
  t.strictSame(
    ['900', '0', '-1', '1.5', 'forever', ''].filter(value => Value.Check(setting, value)),
    ['900', '0']
  )
})

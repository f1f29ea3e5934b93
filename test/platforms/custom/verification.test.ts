import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import type { VerificationEntry } from '../../../src/platforms/custom/description.ts'
import { proofOf } from '../../../src/platforms/custom/verification.ts'
import { notification } from '../../../src/platforms/sns-samples.ts'
import { digestCredential, type Secrets } from '../../../src/platforms/verify.ts'
import { incomingOf } from '../contract.ts'
import { connectionOf, described } from './described.ts'

const now = Date.UTC(2027, 0, 10, 12)

/** Whether a request that is signed so passes, and one that is not. */
async function passes(entry: VerificationEntry, secrets: Secrets, body = '{}'): Promise<[boolean, boolean]> {
  const { verification } = proofOf(entry)
  const connection = connectionOf(described())
  const signed = verification.sign(Buffer.from(body), secrets, { now, id: 'msg_1' })
  const verdict = await verification.verify(incomingOf(connection, { body }, signed, now), secrets)
  const without = await verification.verify(incomingOf(connection, { body }, {}, now), secrets)
  return [verdict.ok, without.ok]
}

t.test('every scheme takes what it signs, with the secrets that it asks for', async t => {
  const whsec = `whsec_${Buffer.from('a key of thirty-two bytes, about').toString('base64')}`
  for (const [entry, secrets] of [
    [{ scheme: 'hmac', header: 'x-sign' }, { signing_secret: 'abc' }],
    [{ scheme: 'hmac', header: 'x-sign', key: 'hex' }, { signing_secret: 'ab01' }],
    [{ scheme: 'basic' }, { username: 'u', password: 'p' }],
    [{ scheme: 'header', header: 'X-Key' }, { value: 'v' }],
    [{ scheme: 'header', header: 'Authorization', prefix: 'Bearer ' }, { value: 'v' }],
    [{ scheme: 'token' }, { token: 'abc' }],
    [{ scheme: 'token', query: 'key' }, { token: 'abc' }],
    [{ scheme: 'standard_webhooks' }, { signing_secret: whsec }],
    [{ scheme: 'standard_webhooks', tolerance_seconds: '10' }, { signing_secret: whsec }]
  ] as [VerificationEntry, Record<string, string>][]) {
    t.ok(Value.Check(proofOf(entry).secrets, secrets), entry.scheme)
    const lists = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [name, [value]]))
    t.strictSame(await passes(entry, lists), [true, false], entry.scheme)
  }
})

t.test('keys are what the description says they are', async t => {
  const schema = (key: 'base64' | 'hex') => proofOf({ scheme: 'hmac', header: 'x', key }).secrets
  t.notOk(Value.Check(schema('hex'), { signing_secret: 'xyz' }))
  t.notOk(Value.Check(schema('base64'), { signing_secret: 'not base64!' }))
  t.notOk(Value.Check(proofOf({ scheme: 'standard_webhooks' }).secrets, { signing_secret: 'abc' }))
})

t.test('tolerance counts where time is signed', async t => {
  const whsec = `whsec_${Buffer.from('a key of thirty-two bytes, about').toString('base64')}`
  const secrets = { signing_secret: [whsec] }
  const connection = connectionOf(described())
  for (const [tolerance_seconds, ok] of [
    ['10', false],
    ['20', true]
  ] as const) {
    const { verification } = proofOf({ scheme: 'standard_webhooks', tolerance_seconds })
    const signed = verification.sign(Buffer.from('{}'), secrets, { now, id: 'm' })
    const verdict = await verification.verify(
      incomingOf(connection, { body: '{}' }, signed, now + 15_000),
      secrets
    )
    t.equal(verdict.ok, ok)
  }
})

t.test('Amazon SNS is believed for the topic of the connection alone', async t => {
  const platform = described({ verification: { scheme: 'sns' } })
  const connection = connectionOf(platform)
  const body = notification('{"a":1}', { connection, now, serial: 1 })
  t.strictSame(
    await passes({ scheme: 'sns' }, connection.secrets, body),
    [true, true],
    'all of it is in the body'
  )
  const { verification } = proofOf({ scheme: 'sns', tolerance_seconds: '60' })
  const late = incomingOf(connection, { body }, {}, now + 61_000)
  t.strictSame(await verification.verify(late, connection.secrets), {
    ok: false,
    cause: 'timestamp_outside_tolerance'
  })
  const other = { ...connection.secrets, topic_arn: ['arn:aws:sns:eu-central-1:111122223333:Other'] }
  t.equal((await verification.verify(incomingOf(connection, { body }, {}, now), other)).ok, false)
})

t.test('the value of a header counts as a whole, behind its prefix', async t => {
  const { verification } = proofOf({ scheme: 'header', header: 'Authorization', prefix: 'Bearer ' })
  const connection = connectionOf(described())
  const verdict = (text: string | undefined, value = ['old', 'new']) => {
    const headers: Record<string, string> = text === undefined ? {} : { authorization: text }
    return verification.verify(incomingOf(connection, { body: '', headers }), { value })
  }
  t.strictSame(verdict('Bearer old'), { ok: true })
  t.strictSame(verdict('Bearer new'), { ok: true })
  for (const text of ['Bearer ', 'old', undefined])
    t.strictSame(verdict(text), { ok: false, cause: 'credentials_missing' })
  t.strictSame(verdict('Bearer older'), { ok: false, cause: 'credentials_wrong' })
  const kept = incomingOf(connection, { body: '' })
  for (const [credential, ok] of [
    ['new', true],
    ['other', false]
  ] as const) {
    const credentialDigest = digestCredential(credential, 'salt')
    t.equal((await verification.verify({ ...kept, credentialDigest }, { value: ['old', 'new'] })).ok, ok)
  }
  t.equal((await verification.verify(kept, {})).ok, false)
  t.strictSame(verification.sign(Buffer.from(''), {}, { now, id: '1' }), {
    headers: { authorization: 'Bearer ' }
  })
})

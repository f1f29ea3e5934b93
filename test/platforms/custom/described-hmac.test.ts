import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { describedHmac } from '../../../src/platforms/custom/described-hmac.ts'
import type { VerificationEntry } from '../../../src/platforms/custom/description.ts'
import { incomingOf } from '../contract.ts'
import { connectionOf, described } from './described.ts'

const now = Date.UTC(2027, 0, 10, 12)
const secret = 'a key that signs a lot'
const body = '{"a":1}'

type Entry = VerificationEntry & { header: string }

function entry(more: Partial<Entry> = {}): Entry {
  return { scheme: 'hmac', header: 'X-Sign', ...more }
}

/** The cause of a refusal, or undefined. */
async function refusal(
  of: Entry,
  headers: Record<string, string>,
  more: { body?: string; receivedAt?: number; secrets?: string[] } = {}
): Promise<string | undefined> {
  const connection = connectionOf(described())
  const incoming = incomingOf(connection, { body: more.body ?? body, headers }, {}, more.receivedAt ?? now)
  const verdict = await describedHmac(of).verify(incoming, { signing_secret: more.secrets ?? [secret] })
  return verdict.ok ? undefined : verdict.cause
}

function signed(of: Entry, text = body): Record<string, string> {
  return (
    describedHmac(of).sign(Buffer.from(text), { signing_secret: [secret] }, { now, id: 'msg_1' }).headers ??
    {}
  )
}

t.test('without more, the body is signed with SHA-256 in hex', async t => {
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  t.equal(await refusal(entry(), { 'x-sign': signature }), undefined)
  t.equal(await refusal(entry(), { 'x-sign': signature.toUpperCase() }), undefined)
  t.strictSame(signed(entry()), { 'x-sign': signature })
})

t.test('a vector of RFC 4231 passes, with the key in hex', async t => {
  const of = entry({ key: 'hex' })
  const headers = { 'x-sign': 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7' }
  t.equal(await refusal(of, headers, { body: 'Hi There', secrets: ['0b'.repeat(20)] }), undefined)
})

t.test('everything that can be described is what is signed', async t => {
  const url = 'https://relay.example/webhooks/custom/heron'
  const of = entry({
    algorithm: 'sha512',
    encoding: 'base64url',
    key: 'base64',
    prefix: 'v0=',
    signed: 'v0:{id}:{timestamp}:{url}:{body}',
    timestamp: { header: 'X-Time', unit: 'milliseconds' },
    id: { header: 'X-Id' },
    url
  })
  const signature = createHmac('sha512', Buffer.from(secret, 'base64'))
    .update(`v0:m1:${now}:${url}:${body}`)
    .digest('base64url')
  const headers = { 'x-sign': `v0=${signature}`, 'x-time': String(now), 'x-id': 'm1' }
  t.equal(await refusal(of, headers), undefined)
  t.equal(await refusal(of, { ...headers, 'x-id': 'm2' }), 'signature_wrong')
  t.equal(await refusal(of, { ...headers, 'x-time': String(now + 1) }), 'signature_wrong')
  t.equal(await refusal({ ...of, url: `${url}2` }, headers), 'signature_wrong')
})

t.test('time and signature may stand in one header', async t => {
  const of = entry({
    member: 'v1',
    signed: '{timestamp}.{body}',
    timestamp: { header: 'x-sign', member: 't' },
    tolerance_seconds: '60'
  })
  const seconds = now / 1000
  const right = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  const wrong = '0'.repeat(64)
  t.strictSame(signed(of), { 'x-sign': `t=${seconds},v1=${right}` })
  for (const text of [`t=${seconds},v1=${wrong},v1=${right}`, `t=${seconds}; v0=${wrong}; v1=${right}`])
    t.equal(await refusal(of, { 'x-sign': text }), undefined)
  t.equal(await refusal(of, { 'x-sign': `v1=${right}` }), 'signature_missing')
  t.equal(await refusal(of, { 'x-sign': `t=${seconds},v0=${right}` }), 'signature_malformed')
  t.equal(await refusal(of, { 'x-sign': `t=soon,v1=${right}` }), 'signature_malformed')
})

t.test('a time outside of the tolerance is refused, early or late, and counts as of receipt', async t => {
  for (const unit of ['seconds', 'milliseconds', 'iso'] as const) {
    const of = entry({ signed: '{timestamp}{body}', timestamp: { header: 'x-time', unit } })
    const headers = signed(of)
    for (const [receivedAt, cause] of [
      [now + 300_000, undefined],
      [now - 300_000, undefined],
      [now + 300_001, 'timestamp_outside_tolerance'],
      [now - 301_000, 'timestamp_outside_tolerance']
    ] as const) {
      t.equal(await refusal(of, headers, { receivedAt }), cause, `${unit} ${receivedAt - now}`)
    }
  }
})

t.test('what is missing or misshapen is a no, and says which', async t => {
  const of = entry({
    signed: '{timestamp}.{id}.{body}',
    timestamp: { header: 'x-time' },
    id: { header: 'x-id' }
  })
  const headers = signed(of)
  for (const name of Object.keys(headers)) {
    const { [name]: _gone, ...rest } = headers
    t.equal(await refusal(of, rest), 'signature_missing', name)
  }
  for (const text of ['zz', headers['x-sign']?.slice(2), 'sha256=', ' ']) {
    t.equal(await refusal(of, { ...headers, 'x-sign': String(text) }), 'signature_malformed')
  }
  t.equal(await refusal(of, headers, { secrets: [] }), 'signature_wrong')
})

t.test('without a secret a signature is made that fits nobody', async t => {
  const { headers = {} } = describedHmac(entry()).sign(Buffer.from(body), {}, { now, id: 'm' })
  t.equal(await refusal(entry(), headers), 'signature_wrong')
  const incoming = incomingOf(connectionOf(described()), { body, headers })
  t.equal((await describedHmac(entry()).verify(incoming, {})).ok, false, 'nor anybody where there is none')
})

t.test('the evidence is every header that proves something, once', async t => {
  const of = entry({
    signed: '{timestamp}{id}{body}',
    timestamp: { header: 'X-SIGN', member: 't' },
    id: { header: 'X-Id' }
  })
  t.strictSame(describedHmac(of).evidence, ['x-sign', 'x-id'])
})

const fixed = fc.string({ unit: fc.constantFrom('.', ':', '|', 'v0', '\n', ' '), maxLength: 4 })
const placeholders = fc.shuffledSubarray(['timestamp', 'id', 'url'], { maxLength: 3 })
const anyEntry = fc
  .record({
    algorithm: fc.constantFrom<'sha1' | 'sha256' | 'sha512'>('sha1', 'sha256', 'sha512'),
    encoding: fc.constantFrom<'hex' | 'base64' | 'base64url'>('hex', 'base64', 'base64url'),
    prefix: fc.constantFrom('', 'sha256=', 'v1,'),
    member: fc.constantFrom(undefined, 'v1'),
    unit: fc.constantFrom<'seconds' | 'milliseconds' | 'iso'>('seconds', 'milliseconds', 'iso'),
    names: placeholders,
    bodyAt: fc.nat({ max: 3 }),
    fixed: fc.array(fixed, { minLength: 5, maxLength: 5 })
  })
  .map(({ names, bodyAt, fixed: texts, unit, member, prefix, ...same }): Entry => {
    const parts = names.toSpliced(bodyAt, 0, 'body')
    return {
      scheme: 'hmac',
      header: 'x-sign',
      ...same,
      // A prefix with a comma would divide a header of members.
      prefix: member === undefined ? prefix : '',
      ...(member !== undefined && { member }),
      signed: parts.map((name, index) => `${texts[index]}{${name}}`).join('') + texts[4],
      ...(names.includes('timestamp') && { timestamp: { header: 'x-time', unit } }),
      ...(names.includes('id') && { id: { header: 'x-id' } }),
      ...(names.includes('url') && { url: 'https://relay.example/x' })
    }
  })

t.test('whatever is described, what is signed verifies, and no other body does', async () => {
  await fc.assert(
    fc.asyncProperty(anyEntry, fc.string({ minLength: 1 }), fc.nat(), async (of, text, at) => {
      const headers = signed(of, text)
      if ((await refusal(of, headers, { body: text })) !== undefined) throw new Error('it is refused')
      const bytes = Buffer.from(text)
      bytes.writeUInt8((bytes.readUInt8(at % bytes.length) ^ 1) & 0xff, at % bytes.length)
      const incoming = incomingOf(connectionOf(described()), { body: '', headers }, {}, now)
      const verdict = await describedHmac(of).verify(
        { ...incoming, body: bytes },
        { signing_secret: [secret] }
      )
      if (verdict.ok) throw new Error('a changed body verified')
      if ((await refusal(of, headers, { body: text, secrets: ['another'] })) !== 'signature_wrong')
        throw new Error('another key verified')
    })
  )
})

t.test('headers of any text are a no', async () => {
  const text = fc.oneof(fc.string(), fc.constantFrom('', 't=,v1=', 'v1', '='.repeat(300), '__proto__'))
  await fc.assert(
    fc.asyncProperty(
      anyEntry,
      fc.record({ 'x-sign': text, 'x-time': text, 'x-id': text }),
      async (of, headers) => {
        if ((await refusal(of, headers)) === undefined) throw new Error('a stranger came in')
      }
    )
  )
})

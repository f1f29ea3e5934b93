import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import type { Incoming } from '../../src/model/delivery.ts'
import { standardWebhooks } from '../../src/platforms/standard-webhooks.ts'
import {
  basicAuth,
  digestCredential,
  hmac,
  type Secrets,
  sameText,
  sharedToken,
  type Verification
} from '../../src/platforms/verify.ts'
import { accepted, at, body, rejected, request, requestSigned } from './signed-request.ts'

t.test('texts are the same or not, whatever their lengths', async t => {
  t.equal(sameText('a', 'a'), true)
  t.equal(sameText('a', 'b'), false)
  t.equal(sameText('a', 'aa'), false)
  t.equal(sameText('', ''), true)
})

t.test('a keyed hash over the body', async t => {
  const sha256 = hmac({
    header: 'x-signature',
    algorithm: 'sha256',
    encoding: 'hex',
    optionalPrefix: 'sha256='
  })
  const secrets = { signing_secret: ['old', 'new'] }
  const hex = (secret: string) => createHmac('sha256', secret).update(body).digest('hex')
  const verify = (signature: string | undefined, changes: Partial<Incoming> = {}) =>
    sha256.verify(
      request({ headers: signature === undefined ? {} : { 'x-signature': signature }, ...changes }),
      secrets
    )

  t.test('passes with any of the secrets, in either letter case, with and without the prefix', async t => {
    for (const secret of secrets.signing_secret) {
      t.strictSame(verify(hex(secret)), accepted)
      t.strictSame(verify(hex(secret).toUpperCase()), accepted)
      t.strictSame(verify(`sha256=${hex(secret)}`), accepted)
    }
  })

  t.test('fails with another secret or another body', async t => {
    t.strictSame(verify(hex('other')), rejected('signature_wrong'))
    t.strictSame(verify(hex('old'), { body: Buffer.from('{"id":2}') }), rejected('signature_wrong'))
    t.strictSame(
      sha256.verify(request({ headers: { 'x-signature': hex('') } }), {}),
      rejected('signature_wrong'),
      'no secret is not an empty secret'
    )
  })

  t.test('says whether a signature is missing or malformed', async t => {
    t.strictSame(verify(undefined), rejected('signature_missing'))
    t.strictSame(verify(''), rejected('signature_missing'))
    for (const signature of [
      'sha256=',
      'abc',
      hex('old').slice(2),
      `${hex('old')}00`,
      'z'.repeat(64),
      `v1=${hex('old')}`
    ]) {
      t.strictSame(verify(signature), rejected('signature_malformed'))
    }
  })

  t.test('comes in every algorithm and encoding, under a name of its own', async t => {
    for (const algorithm of ['sha1', 'sha256', 'sha512'] as const) {
      for (const encoding of ['hex', 'base64'] as const) {
        const scheme = hmac({ header: 'x-sig', algorithm, encoding, secret: 'api_key' })
        const own = { api_key: ['k'] }
        const signed = scheme.sign(body, own, at)
        t.equal(signed.headers?.['x-sig'], createHmac(algorithm, 'k').update(body).digest(encoding))
        t.strictSame(scheme.verify(requestSigned(signed), own), accepted)
        t.strictSame(scheme.needs, ['api_key'])
        t.strictSame(scheme.evidence, ['x-sig'])
      }
    }
    const base64 = hmac({ header: 'x-sig', algorithm: 'sha256', encoding: 'base64' })
    t.strictSame(
      base64.verify(request({ headers: { 'x-sig': 'not base64!' } }), secrets),
      rejected('signature_malformed')
    )
  })

  t.test('without a secret, what is signed does not verify', async t => {
    t.strictSame(sha256.verify(requestSigned(sha256.sign(body, {}, at)), {}), rejected('signature_wrong'))
  })
})

t.test('HTTP Basic', async t => {
  const scheme = basicAuth()
  const secrets = { username: ['relay'], password: ['old', 'n:ew ü'] }
  const verify = (authorization: string | undefined, using: Secrets = secrets) =>
    scheme.verify(request({ headers: authorization === undefined ? {} : { authorization } }), using)
  const basic = (pair: string, encoding: BufferEncoding = 'base64') =>
    `Basic ${Buffer.from(pair).toString(encoding)}`

  t.test('passes with any of the passwords, colons and umlauts included', async t => {
    t.strictSame(verify(basic('relay:old')), accepted)
    t.strictSame(verify(basic('relay:n:ew ü')), accepted)
    t.strictSame(verify(basic('relay:old').replace('Basic', 'BASIC')), accepted)
    t.strictSame(verify(basic('relay:old', 'base64url')), accepted)
    t.strictSame(scheme.verify(requestSigned(scheme.sign(body, secrets, at)), secrets), accepted)
  })

  t.test('fails with a wrong user or password, and where the connection has none', async t => {
    t.strictSame(verify(basic('relay:wrong')), rejected('credentials_wrong'))
    t.strictSame(verify(basic('other:old')), rejected('credentials_wrong'))
    t.strictSame(verify(basic(':')), rejected('credentials_wrong'))
    const incomplete: Secrets[] = [{}, { username: ['relay'] }, { password: ['old'] }]
    for (const using of incomplete) {
      t.strictSame(verify(basic('relay:old'), using), rejected('credentials_wrong'))
      t.strictSame(
        scheme.verify(requestSigned(scheme.sign(body, using, at)), using),
        rejected('credentials_wrong')
      )
    }
  })

  t.test('what is no Basic header is missing', async t => {
    for (const header of [
      undefined,
      '',
      'Basic',
      'Basic ',
      'Bearer cmVsYXk6b2xk',
      'Basic !!',
      basic('no colon')
    ]) {
      t.strictSame(verify(header), rejected('credentials_missing'))
    }
  })
})

t.test('a shared token', async t => {
  const secrets = { token: ['old-token', 'new-token'] }
  const inAddress = sharedToken()
  const inQuery = sharedToken({ query: 'Token' })

  t.test('is the last part of the address', async t => {
    t.strictSame(inAddress.verify(request({ token: 'new-token' }), secrets), accepted)
    t.strictSame(inAddress.verify(request({ token: 'wrong' }), secrets), rejected('credentials_wrong'))
    t.strictSame(inAddress.verify(request({ token: 'x' }), {}), rejected('credentials_wrong'))
    t.strictSame(inAddress.verify(request(), secrets), rejected('credentials_missing'))
    t.strictSame(inAddress.verify(request({ token: '' }), { token: [''] }), rejected('credentials_missing'))
    t.strictSame(
      inAddress.verify(request({ query: { token: ['old-token'] } }), secrets),
      rejected('credentials_missing'),
      'the query does not count where the platform has no parameter of its own'
    )
    t.equal(inAddress.secretQuery, undefined)
  })

  t.test('or the platform’s own query parameter, in any letter case', async t => {
    for (const name of ['Token', 'token', 'TOKEN']) {
      t.strictSame(inQuery.verify(request({ query: { [name]: ['old-token'] } }), secrets), accepted)
    }
    t.strictSame(inQuery.verify(request({ token: 'old-token' }), secrets), accepted)
    t.strictSame(inQuery.secretQuery, ['Token'])
  })

  t.test('given twice, is refused even where both are right', async t => {
    const requests: Partial<Incoming>[] = [
      { query: { Token: ['old-token', 'old-token'] } },
      { query: { Token: ['old-token'], token: ['old-token'] } },
      { query: { Token: ['old-token'] }, token: 'old-token' }
    ]
    for (const twice of requests) {
      t.strictSame(inQuery.verify(request(twice), secrets), rejected('credentials_missing'))
    }
  })

  t.test('is put where the platform would put it', async t => {
    t.strictSame(inAddress.sign(body, secrets, at), { token: 'old-token' })
    t.strictSame(inQuery.sign(body, secrets, at), { query: { Token: 'old-token' } })
    t.strictSame(
      inAddress.verify(requestSigned(inAddress.sign(body, {}, at)), {}),
      rejected('credentials_missing')
    )
  })
})

t.test('a credential of a kept request', async t => {
  const secrets = { token: ['right'] }
  const scheme = sharedToken()

  t.test('is compared by its digest, without being known', async t => {
    const verify = (value: string, using: Secrets) =>
      scheme.verify(request({ credentialDigest: digestCredential(value, 'salt') }), using)
    t.strictSame(verify('right', secrets), accepted)
    t.strictSame(verify('new', { token: ['right', 'new'] }), accepted)
    t.strictSame(verify('wrong', secrets), rejected('credentials_wrong'))
    t.strictSame(verify('right', {}), rejected('credentials_wrong'))
  })

  t.test('counts before one that the request carries', async t => {
    const incoming = request({ token: 'right', credentialDigest: digestCredential('wrong', 'salt') })
    t.strictSame(scheme.verify(incoming, secrets), rejected('credentials_wrong'))
  })

  t.test('has another digest with another salt', async t => {
    t.not(digestCredential('right', 'a').hash, digestCredential('right', 'b').hash)
    t.match(digestCredential('right', 'a'), { salt: 'a', hash: /^[0-9a-f]{64}$/ })
  })
})

t.test('whatever a stranger sends is a verdict', async t => {
  const schemes: Verification[] = [
    hmac({ header: 'signature', algorithm: 'sha256', encoding: 'base64' }),
    standardWebhooks({ prefixes: ['webhook'] }),
    basicAuth(),
    sharedToken({ query: 'token' })
  ]
  const secrets = {
    signing_secret: ['whsec_c29tZSBzZWNyZXQ='],
    username: ['relay'],
    password: ['a long password'],
    token: ['a long token']
  }
  const names = ['signature', 'webhook-id', 'webhook-timestamp', 'webhook-signature', 'authorization']
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('v1,', 'v1,AA==', '1767225600', 'Basic Og==')
  )
  const stranger = fc.record({
    headers: fc.dictionary(fc.constantFrom(...names), text),
    query: fc.dictionary(fc.constantFrom('token', 'Token'), fc.array(text)),
    token: fc.option(text, { nil: undefined }),
    body: fc.uint8Array()
  })
  await fc.assert(
    fc.asyncProperty(stranger, fc.constantFrom(...schemes), async (sent, scheme) => {
      const verdict = await scheme.verify(request(sent), secrets)
      return !verdict.ok
    }),
    { numRuns: 500 }
  )
  t.pass('and it is no')
})

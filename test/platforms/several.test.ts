import t from 'tap'
import type { RejectionCause } from '../../src/model/rejection.ts'
import { eitherConfigured, everyConfigured } from '../../src/platforms/several.ts'
import {
  basicAuth,
  digestCredential,
  hmac,
  type Secrets,
  sharedToken,
  type Verification
} from '../../src/platforms/verify.ts'
import { accepted, at, body, rejected, request, requestSigned } from './signed-request.ts'

t.test('every scheme has to say yes', async t => {
  const signature = hmac({ header: 'signature', algorithm: 'sha256', encoding: 'hex' })
  const token = sharedToken({ query: 'Token' })
  const pathToken = sharedToken()
  const scheme = everyConfigured(signature, pathToken)
  const both = { signing_secret: ['s'], token: ['t'] }
  const signed = scheme.sign(body, both, at)

  t.test('each that has its secrets must say yes', async t => {
    t.strictSame(await scheme.verify(requestSigned(signed), both), accepted)
    t.strictSame(
      await scheme.verify(requestSigned(signed, { token: undefined }), both),
      rejected('credentials_missing')
    )
    t.strictSame(
      await scheme.verify(requestSigned(signed, { headers: {} }), both),
      rejected('signature_missing')
    )
    t.strictSame(
      await scheme.verify(requestSigned(signed, { token: 'x' }), both),
      rejected('credentials_wrong')
    )
  })

  t.test('one that has none is not asked', async t => {
    t.strictSame(await scheme.verify(request({ token: 't' }), { token: ['t'] }), accepted)
    t.strictSame(
      await scheme.verify(request({ headers: signed.headers ?? {} }), { signing_secret: ['s'], token: [] }),
      accepted
    )
  })

  t.test('none at all accepts nothing', async t => {
    const none: Secrets[] = [{}, { token: [] }]
    for (const secrets of none) {
      t.strictSame(await scheme.verify(requestSigned(signed), secrets), rejected('credentials_missing'))
    }
  })

  t.test('sign with all that have their secrets', async t => {
    t.match(signed, { headers: { signature: /^[0-9a-f]{64}$/ }, token: 't' })
    t.strictSame(scheme.sign(body, { token: ['t'] }, at), { headers: {}, query: {}, token: 't' })
    t.strictSame(everyConfigured(token).sign(body, both, at), { headers: {}, query: { Token: 't' } })
  })

  t.test('tell what each of them tells', async t => {
    const all = everyConfigured(signature, token)
    t.strictSame(all.evidence, ['signature'])
    t.strictSame(all.secretQuery, ['Token'])
    t.strictSame(all.needs, [])
    t.equal(all.description, `${signature.description}; and/or ${token.description}`)
    t.equal(all.credential?.(request({ query: { token: ['t'] } }), {}), 't')
    t.equal(all.credential?.(request(), {}), undefined)
  })

  t.test('a kept request passes by its evidence and the digest of its credential', async t => {
    const kept = request({ headers: signed.headers ?? {}, credentialDigest: digestCredential('t', 'salt') })
    t.strictSame(await scheme.verify(kept, both), accepted)
    t.strictSame(await scheme.verify({ ...kept, headers: {} }, both), rejected('signature_missing'))
  })

  t.test('a scheme that has to wait for its verdict is waited for, beside one that need not', async t => {
    const slow = (verdict: { ok: true } | { ok: false; cause: RejectionCause }): Verification => ({
      description: 'slow',
      needs: ['token'],
      evidence: [],
      verify: async () => verdict,
      sign: () => ({})
    })
    const both = { token: ['t'] }
    const said = (scheme: Verification) =>
      everyConfigured(sharedToken(), scheme).verify(request({ token: 't' }), both)
    t.strictSame(await said(slow({ ok: true })), accepted)
    t.strictSame(await said(slow({ ok: false, cause: 'signature_wrong' })), rejected('signature_wrong'))
  })
})

t.test('one of the schemes has to say yes', async t => {
  const scheme = eitherConfigured(basicAuth(), sharedToken({ query: 'token' }))
  const secrets = { username: ['apaleo'], password: ['s3cret-01'], token: ['t'] }
  const authorization = 'Basic YXBhbGVvOnMzY3JldC0wMQ=='

  t.test('one scheme that says yes is enough', async t => {
    t.strictSame(scheme.verify(request({ headers: { authorization } }), secrets), { ok: true })
    t.strictSame(scheme.verify(request({ query: { token: ['t'] } }), secrets), { ok: true })
    t.strictSame(scheme.verify(request({ token: 't', headers: { authorization: 'Basic YTpi' } }), secrets), {
      ok: true
    })
  })

  t.test('a scheme whose secrets the connection lacks is not asked', async t => {
    const { username, password, token } = secrets
    t.match(scheme.verify(request({ token: 't' }), { username, password }), { cause: 'credentials_missing' })
    t.match(scheme.verify(request({ headers: { authorization } }), { token, username }), {
      cause: 'credentials_missing'
    })
    t.match(scheme.verify(request(), {}), { ok: false, cause: 'credentials_missing' })
  })

  t.test('of two refusals the more telling one is told', async t => {
    t.match(scheme.verify(request({ token: 'x' }), secrets), { cause: 'credentials_wrong' })
    t.match(scheme.verify(request(), secrets), { cause: 'credentials_missing' })
  })

  t.test('it waits only for a scheme that has to be waited for', async t => {
    const slow: Verification = {
      ...hmac({ header: 's', algorithm: 'sha1', encoding: 'hex', secret: 'token' }),
      verify: async () => ({ ok: true })
    }
    const verdict = eitherConfigured(slow, sharedToken()).verify(request(), secrets)
    t.type(verdict, Promise)
    t.strictSame(await verdict, { ok: true })
  })

  t.test('what it keeps and hides is what its schemes keep and hide', async t => {
    t.strictSame(scheme.secretQuery, ['token'])
    t.strictSame(eitherConfigured(hmac({ header: 's', algorithm: 'sha1', encoding: 'hex' })).evidence, ['s'])
    t.equal(scheme.credential?.(request({ headers: { authorization } }), {}), 'apaleo:s3cret-01')
    t.equal(scheme.credential?.(request({ token: 't' }), {}), 't')
    t.equal(scheme.credential?.(request(), {}), undefined)
    t.strictSame(scheme.sign(new Uint8Array(), secrets, { now: 0, id: 'm' }), {
      headers: { authorization },
      query: { token: 't' }
    })
  })
})

t.test('where the proof of one is part of the body, that body is sent', async t => {
  const sealing: Verification = {
    description: 'sealed',
    needs: ['token'],
    evidence: [],
    verify: () => ({ ok: true }),
    sign: text => ({ body: Buffer.from(`sealed ${Buffer.from(text)}`) })
  }
  const secrets = { username: ['relay'], password: ['p'], token: ['t'] }
  for (const schemes of [
    [sealing, basicAuth()],
    [basicAuth(), sealing]
  ]) {
    const signed = eitherConfigured(...schemes).sign(body, secrets, at)
    t.equal(String(signed.body), `sealed ${body}`)
    t.match(signed.headers, { authorization: /^Basic / })
  }
  t.notOk('body' in eitherConfigured(sealing, basicAuth()).sign(body, { ...secrets, token: [] }, at))
})

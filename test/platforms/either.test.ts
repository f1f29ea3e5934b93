import t from 'tap'
import type { Incoming } from '../../src/model/delivery.ts'
import { eitherConfigured } from '../../src/platforms/either.ts'
import { basicAuth, hmac, sharedToken, type Verification } from '../../src/platforms/verify.ts'

const scheme = eitherConfigured(basicAuth(), sharedToken({ query: 'token' }))
const secrets = { username: ['apaleo'], password: ['s3cret-01'], token: ['t'] }
const authorization = 'Basic YXBhbGVvOnMzY3JldC0wMQ=='

function incoming(sent: Partial<Incoming> = {}): Incoming {
  return { connectionId: 'c', receivedAt: 0, headers: {}, query: {}, body: new Uint8Array(), ...sent }
}

t.test('one scheme that says yes is enough', async t => {
  t.strictSame(scheme.verify(incoming({ headers: { authorization } }), secrets), { ok: true })
  t.strictSame(scheme.verify(incoming({ query: { token: ['t'] } }), secrets), { ok: true })
  t.strictSame(scheme.verify(incoming({ token: 't', headers: { authorization: 'Basic YTpi' } }), secrets), {
    ok: true
  })
})

t.test('a scheme whose secrets the connection lacks is not asked', async t => {
  const { username, password, token } = secrets
  t.match(scheme.verify(incoming({ token: 't' }), { username, password }), { cause: 'credentials_missing' })
  t.match(scheme.verify(incoming({ headers: { authorization } }), { token, username }), {
    cause: 'credentials_missing'
  })
  t.match(scheme.verify(incoming(), {}), { ok: false, cause: 'credentials_missing' })
})

t.test('of two refusals the more telling one is told', async t => {
  t.match(scheme.verify(incoming({ token: 'x' }), secrets), { cause: 'credentials_wrong' })
  t.match(scheme.verify(incoming(), secrets), { cause: 'credentials_missing' })
})

t.test('it waits only for a scheme that has to be waited for', async t => {
  const slow: Verification = {
    ...hmac({ header: 's', algorithm: 'sha1', encoding: 'hex', secret: 'token' }),
    verify: async () => ({ ok: true })
  }
  const verdict = eitherConfigured(slow, sharedToken()).verify(incoming(), secrets)
  t.type(verdict, Promise)
  t.strictSame(await verdict, { ok: true })
})

t.test('what it keeps and hides is what its schemes keep and hide', async t => {
  t.strictSame(scheme.secretQuery, ['token'])
  t.strictSame(eitherConfigured(hmac({ header: 's', algorithm: 'sha1', encoding: 'hex' })).evidence, ['s'])
  t.equal(scheme.credential?.(incoming({ headers: { authorization } }), {}), 'apaleo:s3cret-01')
  t.equal(scheme.credential?.(incoming({ token: 't' }), {}), 't')
  t.equal(scheme.credential?.(incoming(), {}), undefined)
  t.strictSame(scheme.sign(new Uint8Array(), secrets, { now: 0, id: 'm' }), {
    headers: { authorization },
    query: { token: 't' }
  })
})

import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import type { Incoming } from '../../src/model/delivery.ts'
import { headerOrToken, headerOrTokenSecrets } from '../../src/platforms/header-or-token.ts'
import { digestCredential, type Secrets } from '../../src/platforms/verify.ts'

const scheme = headerOrToken()
const at = { now: 0, id: 'm' }

function verdict(secrets: Secrets, sent: Partial<Incoming> = {}) {
  const incoming = {
    connectionId: 'c',
    receivedAt: 0,
    headers: {},
    query: {},
    body: new Uint8Array(),
    ...sent
  }
  return scheme.verify(incoming, secrets)
}

const byHeader = { header: ['X-Door-Token'], value: ['old', 'new'] }
const ok = { ok: true }
const missing = { ok: false, cause: 'credentials_missing' }
const wrong = { ok: false, cause: 'credentials_wrong' }

t.test('the agreed header must hold one of the values', async t => {
  t.strictSame(verdict(byHeader, { headers: { 'x-door-token': 'new' } }), ok)
  t.strictSame(verdict(byHeader, { headers: { 'x-door-token': 'old' } }), ok)
  t.strictSame(verdict(byHeader, { headers: { 'x-door-token': 'new ' } }), wrong)
  t.strictSame(verdict(byHeader, { headers: { 'x-door-token': '' } }), missing)
  t.strictSame(verdict(byHeader, { headers: { 'x-other': 'new' } }), missing)
  t.strictSame(verdict(byHeader), missing)
})

t.test('a token in the address proves nothing to a connection that has none', async t => {
  t.strictSame(verdict(byHeader, { token: 'new' }), missing)
  t.strictSame(verdict({}, { token: '', headers: { '': '' } }), missing)
  t.strictSame(verdict({ header: ['x-door-token'] }, { headers: { 'x-door-token': 'x' } }), missing)
  t.strictSame(verdict({ value: ['new'] }, { headers: { 'x-door-token': 'new' } }), missing)
})

t.test('with a token alone, the address has to hold it', async t => {
  t.strictSame(verdict({ token: ['t'] }, { token: 't' }), ok)
  t.strictSame(verdict({ token: ['t'] }, { token: 'u' }), wrong)
  t.strictSame(verdict({ token: ['t'] }, { headers: { 'x-door-token': 't' } }), missing)
})

t.test('with both, either will do, so that one can take the other’s place', async t => {
  const both = { ...byHeader, token: ['t'] }
  t.strictSame(verdict(both, { token: 't' }), ok)
  t.strictSame(verdict(both, { headers: { 'x-door-token': 'new' } }), ok)
  t.strictSame(verdict(both, { headers: { 'x-door-token': 'x' } }), wrong)
  t.strictSame(verdict(both), missing)
})

t.test('a kept request is verified by the digest of its token, or of what stood in the header', async t => {
  const incoming: Incoming = {
    connectionId: 'c',
    receivedAt: 0,
    headers: {},
    query: {},
    body: new Uint8Array()
  }
  t.equal(scheme.credential?.({ ...incoming, token: 't' }, byHeader), 't')
  t.equal(scheme.credential?.({ ...incoming, headers: { 'x-door-token': 'new' } }, byHeader), 'new')
  const credentialDigest = digestCredential('t', 'salt')
  t.strictSame(verdict({ token: ['t'] }, { credentialDigest }), ok)
  t.strictSame(verdict(byHeader, { credentialDigest }), wrong)
  t.strictSame(verdict(byHeader, { credentialDigest: digestCredential('new', 'salt') }), ok)
})

t.test('it signs with what is whole', async t => {
  const body = new Uint8Array()
  const nothing = { headers: {}, query: {} }
  t.strictSame(scheme.sign(body, byHeader, at), { ...nothing, headers: { 'x-door-token': 'old' } })
  t.strictSame(scheme.sign(body, { token: ['t'] }, at), { ...nothing, token: 't' })
  t.strictSame(scheme.sign(body, { header: ['x-door-token'] }, at), nothing)
  t.strictSame(scheme.sign(body, { value: ['new'] }, at), nothing)
})

t.test('its settings are a header, a token, or both, and nothing else', async t => {
  const schema = headerOrTokenSecrets({ header: 'its name', value: 'what it holds' })
  t.match(schema.properties, { header: { description: 'its name' }, value: { description: 'what it holds' } })
  for (const right of [
    { token: 't' },
    { header: 'x', value: 'v' },
    { header: 'x', value: 'v', token: 't' }
  ]) {
    t.equal(Value.Check(schema, right), true)
  }
  for (const wrong of [{}, { token: '' }, { token: 't', signing_secret: 's' }]) {
    t.equal(Value.Check(schema, wrong), false)
  }
})

import t from 'tap'
import { type ClientCredentials, clientCredentials } from '../../src/platforms/oauth.ts'
import type { StandInResponse } from '../../src/platforms/samples.ts'
import { testApi } from './api.ts'

const grant: ClientCredentials = {
  origin: 'https://login.example.com',
  path: '/token',
  clientId: 'client_id',
  clientSecret: 'client_secret'
}
const settings = { client_id: 'id', client_secret: 'secret' }

async function fetched(reply: StandInResponse, changes: Partial<ClientCredentials> = {}, using = settings) {
  const api = testApi(() => reply, using)
  const token = await clientCredentials({ ...grant, ...changes }).fetch(api)
  return { token, requests: api.requests }
}

const given = (expires_in?: unknown) => ({ status: 200, body: { access_token: 'token', expires_in } })

t.test('the credentials go out as a form', async t => {
  const { token, requests } = await fetched(given(60))
  t.strictSame(token, { token: 'token', expiresInMs: 60_000 })
  t.match(requests, [
    {
      method: 'POST',
      path: '/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: { grant_type: 'client_credentials', client_id: 'id', client_secret: 'secret' }
    }
  ])
})

t.test('a platform’s further members go along', async t => {
  const { requests } = await fetched(given(), { extra: { scope: 'reservations.read' } })
  t.match(requests, [{ body: { grant_type: 'client_credentials', scope: 'reservations.read' } }])
})

t.test('a token whose life is not told lives as long as the platform documents, else an hour', async t => {
  t.equal((await fetched(given())).token.expiresInMs, 3_600_000)
  t.equal((await fetched(given(), { defaultLifeMs: 5000 })).token.expiresInMs, 5000)
})

t.test('a life may be told as a text, or as none', async t => {
  t.equal((await fetched(given('3600'))).token.expiresInMs, 3_600_000)
  t.equal((await fetched(given('60'))).token.expiresInMs, 60_000)
  t.equal((await fetched(given(null), { defaultLifeMs: 5000 })).token.expiresInMs, 5000)
})

t.test('no token is an error that names the settings and not their values', async t => {
  for (const reply of [
    { status: 401 },
    { status: 302 },
    { status: 200, body: {} },
    { status: 200, body: { access_token: '' } },
    given('soon')
  ]) {
    await t.rejects(fetched(reply), {
      code: 'RELAY_PLATFORM_UNAUTHORIZED',
      retryable: true,
      message: `the platform gave no token (status ${reply.status}); check client_id and client_secret in the connection’s api`
    })
  }
})

t.test('settings that are missing are sent empty, for the platform to refuse', async t => {
  const api = testApi(() => given())
  await clientCredentials(grant).fetch(api)
  t.match(api.requests, [{ body: { client_id: '', client_secret: '' } }])
})

t.test('the statuses that renew are handed on', async t => {
  t.strictSame(clientCredentials(grant).renewOn, [])
  t.strictSame(clientCredentials({ ...grant, renewOn: [403] }).renewOn, [403])
})

t.test('a token that has ended is renewed once, and then the platform has refused', async t => {
  let issued = 0
  const api = testApi(request => {
    if (request.path === '/token') {
      issued += 1
      return { status: 200, body: { access_token: `token ${issued}` } }
    }
    return { status: request.headers.authorization === 'Bearer token 2' ? 200 : 403, body: { ok: true } }
  }, settings)
  const bearer = clientCredentials({ ...grant, renewOn: [403] })
  const request = { method: 'GET', origin: 'https://api.example.com', path: '/thing', bearer } as const
  t.strictSame(await api.request(request), { status: 200, body: { ok: true } })
  t.equal(issued, 2)
  t.strictSame(await api.request(request), { status: 200, body: { ok: true } }, 'and kept from then on')
  t.equal(issued, 2)

  const refusing = testApi(({ path }) => (path === '/token' ? given() : { status: 401 }), settings)
  await t.rejects(refusing.request(request), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
})

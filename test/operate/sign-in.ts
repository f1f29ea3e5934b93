import t from 'tap'
import { storedKey } from '../api/call.ts'
import type { TestEngine } from '../engines.ts'
import { openRelay } from '../open-relay.ts'
import { openBrowser } from './browser.ts'
import { ask, openOperated, TOKEN } from './operator.ts'

const SESSION = '/dashboard/session'
const HOUR_MS = 3_600_000

export function operatorSignIn(engine: TestEngine): void {
  t.test(`${engine.name}: whoever signs in is known by a cookie, at every relay on the store`, async t => {
    const relay = await openOperated(t, { engine })
    const browser = openBrowser(relay)
    t.equal((await browser.send('GET', SESSION)).status, 204, 'nobody is signed in')
    t.equal((await browser.send('GET', '/api/v1/me')).status, 401)

    const signedIn = await browser.send('POST', SESSION, { body: { token: TOKEN } })
    t.equal(signedIn.status, 204)
    t.match(
      signedIn.headers['set-cookie'],
      /^relay_session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/
    )
    t.equal(signedIn.headers['cache-control'], 'no-store')
    const told = await browser.send('GET', SESSION)
    t.match(told, {
      status: 200,
      body: {
        name: 'RELAY_ADMIN_TOKEN',
        may: 'admin',
        csrf: /^[0-9a-f]{64}$/,
        expires_at: '2027-01-11T00:00:00.000Z'
      }
    })
    const other = await openOperated(t, { store: relay.store })
    const there = openBrowser(other)
    for (const [name, value] of browser.cookies) there.cookies.set(name, value)
    t.match(await there.send('GET', '/api/v1/me'), { status: 200, body: { may: 'admin' } })

    const [held = ''] = [...browser.cookies.values()]
    const kept = JSON.stringify(await relay.store.db.selectFrom('sessions').selectAll().execute())
    t.notOk(kept.includes(held) || kept.includes(TOKEN), 'the store knows neither the cookie nor the token')
    t.match((await ask(relay, '/audit')).body.data, [
      { action: 'sign_in', actor: 'env-admin', target: 'dashboard', detail: {} }
    ])

    const headers = { 'x-csrf-token': told.body.csrf }
    const ended = await browser.send('DELETE', SESSION, { headers })
    t.equal(ended.status, 204)
    t.match(ended.headers['set-cookie'], /^relay_session=; Max-Age=0;/)
    t.equal((await there.send('GET', '/api/v1/me')).status, 401, 'and is known nowhere any more')
    t.equal((await browser.send('DELETE', SESSION)).status, 204, 'twice is no error')
    t.notOk(relay.logged.some(line => line.includes(held) || line.includes(TOKEN)))
  })

  t.test(`${engine.name}: a session ends after twelve hours, with its key, and with the token`, async t => {
    const relay = await openOperated(t, { engine })
    const key = await storedKey(relay, { id: 'key_on_call', name: 'on call', scopes: ['operate'] })
    const chief = openBrowser(relay)
    const onCall = openBrowser(relay)
    await chief.signIn(TOKEN)
    await onCall.signIn(key)
    t.match((await onCall.send('GET', SESSION)).body, { name: 'on call', may: 'operate' })

    const mended = await openOperated(t, {
      store: relay.store,
      env: { RELAY_ADMIN_TOKEN: 'another-token-since-then' }
    })
    const elsewhere = openBrowser(mended)
    for (const [name, value] of chief.cookies) elsewhere.cookies.set(name, value)
    t.equal((await elsewhere.send('GET', '/api/v1/me')).status, 401, 'the token was changed')

    await relay.store.db.updateTable('api_keys').set({ revoked_at: relay.clock.now }).execute()
    relay.clock.now += 5_000
    t.equal((await onCall.send('GET', '/api/v1/me')).status, 401, 'the key was revoked')
    t.equal((await onCall.send('GET', SESSION)).status, 204)

    relay.clock.now += 12 * HOUR_MS - 5_001
    t.equal((await chief.send('GET', '/api/v1/me')).status, 200)
    relay.clock.now += 1
    t.equal((await chief.send('GET', '/api/v1/me')).status, 401)
    relay.clock.now += 1
    while ((await relay.relay.steps.pruneOnce()) === 'busy');
    t.strictSame(await relay.store.db.selectFrom('sessions').selectAll().execute(), [], 'and is forgotten')
  })
}

export function signInAlone(): void {
  t.test('what another page makes a browser send is refused', async t => {
    const relay = await openOperated(t)
    const browser = openBrowser(relay)
    const csrf = await browser.signIn(TOKEN)
    const { host } = new URL(relay.origin)
    const forged: [string, Record<string, string>][] = [
      ['no CSRF token', {}],
      ['one of another session', { 'x-csrf-token': await openBrowser(relay).signIn(TOKEN) }],
      ['a foreign origin', { 'x-csrf-token': csrf, origin: 'https://evil.example' }],
      ['a foreign port', { 'x-csrf-token': csrf, origin: 'http://127.0.0.1:1' }],
      ['no origin at all', { 'x-csrf-token': csrf, origin: 'null' }],
      ['a neighbour', { 'x-csrf-token': csrf, 'sec-fetch-site': 'same-site' }],
      ['somebody else', { 'x-csrf-token': csrf, 'sec-fetch-site': 'cross-site' }]
    ]
    for (const [what, headers] of forged) {
      for (const [method, path] of [
        ['POST', '/api/v1/pauses'],
        ['DELETE', SESSION]
      ] as const) {
        const { status, body } = await browser.send(method, path, {
          headers,
          ...(method === 'POST' && { body: {} })
        })
        t.match({ status, body }, { status: 403, body: { code: 'RELAY_KEY_FORBIDDEN' } }, `${what}: ${path}`)
      }
    }
    for (const site of ['same-site', 'cross-site']) {
      const headers = { 'sec-fetch-site': site }
      t.equal((await browser.send('GET', '/api/v1/me', { headers })).status, 403, `reading, ${site}`)
      t.equal((await browser.send('GET', SESSION, { headers })).status, 403)
    }
    t.equal((await browser.send('GET', '/api/v1/me', { headers: { 'sec-fetch-site': 'none' } })).status, 200)

    const headers = { 'x-csrf-token': csrf, origin: `http://${host}` }
    const done = await browser.send('POST', '/api/v1/pauses', {
      headers,
      body: { of: 'connection', connection: 'demo-hospitable' }
    })
    t.equal(done.status, 201, 'the dashboard itself may')
    t.match(await ask(relay, '/audit').then(({ body }) => body.data[0]), {
      action: 'pause',
      actor: 'env-admin'
    })
    const bearer = { authorization: `Bearer ${TOKEN}`, 'sec-fetch-site': 'cross-site' }
    t.equal(
      (await browser.send('GET', '/api/v1/me', { headers: bearer })).status,
      200,
      'a token is no cookie'
    )
    t.equal((await browser.send('GET', '/api/v1/me', { headers: { authorization: 'Bearer x' } })).status, 401)
  })

  t.test('nobody is signed in by another page, nor into a session that somebody else has chosen', async t => {
    const relay = await openOperated(t)
    const browser = openBrowser(relay)
    for (const [name, value] of Object.entries({
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site'
    })) {
      const headers = { [name]: value }
      t.equal((await browser.send('POST', SESSION, { headers, body: { token: TOKEN } })).status, 403)
    }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    t.match(await browser.send('POST', SESSION, { headers: form, body: { token: TOKEN } }), {
      status: 415,
      body: { code: 'RELAY_MEDIA_TYPE' }
    })
    browser.cookies.set('relay_session', 'chosen-by-somebody-else')
    await browser.signIn(TOKEN)
    const first = String(browser.cookies.get('relay_session'))
    t.not(first, 'chosen-by-somebody-else')
    await browser.signIn(TOKEN)
    t.not(browser.cookies.get('relay_session'), first)
    browser.cookies.set('relay_session', first)
    t.equal((await browser.send('GET', '/api/v1/me')).status, 401, 'the one before has ended')
  })

  t.test('a token that is wrong or may not is refused, and one address may not try for long', async t => {
    const relay = await openOperated(t, { env: { RELAY_TRUST_PROXY: '1' } })
    const from = (address: string) => openBrowser(relay, { 'x-forwarded-for': address })
    const service = await storedKey(relay, { scopes: ['push'] })
    t.match(await from('192.0.2.1').send('POST', SESSION, { body: { token: service } }), {
      status: 403,
      body: { detail: /none of the scopes/ }
    })
    for (const body of [
      {},
      { token: '' },
      { token: 1 },
      { token: TOKEN, more: 1 },
      { token: 'x'.repeat(513) }
    ]) {
      t.equal((await from('192.0.2.1').send('POST', SESSION, { body })).status, 400)
    }
    const tried = async (address: string, token = 'wrong') =>
      (await from(address).send('POST', SESSION, { body: { token } })).status
    for (let count = 0; count < 5; count += 1) t.equal(await tried('2001:db8:1:2::1'), 401)
    const turnedAway = await from('2001:db8:1:2:3:4:5:6').send('POST', SESSION, { body: { token: TOKEN } })
    t.match(turnedAway, { status: 429, body: { code: 'RELAY_TOO_MANY_ATTEMPTS' } })
    t.equal(turnedAway.headers['retry-after'], '1')
    t.equal(await tried('2001:db8:1:3::1'), 401, 'another network')
    t.equal(await tried('::1'), 401)
    t.equal(await tried('192.0.2.9', TOKEN), 204)
    relay.clock.now += 1_000
    t.equal(await tried('2001:db8:1:2::1'), 401)
    relay.clock.now += 1_999
    t.equal(await tried('2001:db8:1:2::1', TOKEN), 429, 'each time for longer')
    relay.clock.now += 1
    t.equal(await tried('2001:db8:1:2::1', TOKEN), 204)
    t.equal(await tried('2001:db8:1:2::1'), 401, 'who knew it may mistype again')
  })

  t.test('behind a proxy that ends TLS the cookie is kept to https and to this host', async t => {
    const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'relay.example' }
    const relay = await openOperated(t, { env: { RELAY_TRUST_PROXY: '1' } })
    const browser = openBrowser(relay, { ...proxied, origin: 'https://relay.example' })
    const { headers } = await browser.send('POST', SESSION, { body: { token: TOKEN } })
    t.match(headers['set-cookie'], /^__Host-relay_session=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    t.equal((await browser.send('GET', '/api/v1/me')).status, 200)

    const untrusting = await openRelay(t, {
      env: { RELAY_ADMIN_TOKEN: TOKEN, RELAY_PUBLIC_URL: 'https://relay.example' }
    })
    const other = openBrowser(untrusting, { ...proxied, origin: 'https://relay.example' })
    const plain = await other.send('POST', SESSION, { body: { token: TOKEN } })
    t.match(
      plain.headers['set-cookie'],
      /^relay_session=.*HttpOnly; SameSite=Strict$/,
      'nobody vouches for https'
    )
    t.equal(
      (await other.send('GET', '/api/v1/me')).status,
      200,
      'the address in the browser is the one of the settings'
    )
    const evil = openBrowser(untrusting, { origin: 'https://evil.example' })
    t.equal((await evil.send('POST', SESSION, { body: { token: TOKEN } })).status, 403)
  })
}

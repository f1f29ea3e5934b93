import { once } from 'node:events'
import { connect } from 'node:net'
import { brotliCompressSync } from 'node:zlib'
import t from 'tap'
import { openServer } from '../open-server.ts'

const page = '<!doctype html><title>The page</title>'
const script = 'export const answer = 42'

t.test('one page is served for every address of the dashboard, and asked for again each time', async t => {
  const folder = t.testdir({ 'index.html': page, assets: { 'main-1a2b.js': script } })
  const { app } = await openServer(t, { dashboard: { folder } })
  for (const url of [
    '/dashboard',
    '/dashboard/',
    '/dashboard/reservations/lakeside:1',
    '/dashboard/a/b?c=d'
  ]) {
    const reply = await app.inject({ url })
    t.equal(reply.statusCode, 200, url)
    t.equal(reply.body, page)
    t.match(reply.headers, { 'content-type': /^text\/html/, 'cache-control': 'no-cache', etag: /./ })
    const headers = { 'if-none-match': String(reply.headers.etag) }
    t.equal((await app.inject({ url, headers })).statusCode, 304)
    t.equal((await app.inject({ url, method: 'HEAD' })).statusCode, 200)
  }
  const reply = await app.inject('/')
  t.equal(reply.statusCode, 302)
  t.equal(reply.headers.location, '/dashboard')
})

t.test(
  'what the page is made of is kept by browsers, and comes compressed to those that can read it',
  async t => {
    const folder = t.testdir({
      'index.html': page,
      assets: { 'main-1a2b.js': script, 'main-1a2b.js.br': brotliCompressSync(script) },
      'secret.txt': 'not for everybody'
    })
    const { app } = await openServer(t, { dashboard: { folder } })
    const url = '/dashboard/assets/main-1a2b.js'
    const reply = await app.inject(url)
    t.equal(reply.body, script)
    t.match(reply.headers, {
      'content-type': /^(?:text|application)\/javascript/,
      'cache-control': 'public, max-age=31536000, immutable'
    })
    const compressed = await app.inject({ url, headers: { 'accept-encoding': 'gzip, br' } })
    t.equal(compressed.headers['content-encoding'], 'br')
    t.strictSame(compressed.rawPayload, brotliCompressSync(script))
    for (const name of ['none.js', '..%2Findex.html', '..%2f..%2fpackage.json', '.hidden']) {
      const lost = await app.inject(`/dashboard/assets/${name}`)
      t.equal(lost.statusCode, 404, name)
      t.match(lost.json(), { code: 'RELAY_NOT_FOUND' })
    }
    t.notMatch((await app.inject('/dashboard/secret.txt')).body, /everybody/)
  }
)

t.test('a policy lets nothing run, load or leave but by the relay’s own files', async t => {
  const folder = t.testdir({ 'index.html': page, assets: { 'main-1a2b.js': script } })
  const { app } = await openServer(t, { dashboard: { folder } })
  for (const url of ['/', '/dashboard', '/dashboard/deliveries', '/dashboard/assets/main-1a2b.js']) {
    const { headers } = await app.inject(url)
    const content = String(headers['content-security-policy'])
    t.match(content, /^default-src 'none'; script-src 'self'; style-src 'self'; /, url)
    t.notMatch(content, /unsafe|https?:|\*/)
    for (const directive of ["base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"])
      t.ok(content.split('; ').includes(directive), directive)
    t.match(headers, {
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': /camera=\(\)/
    })
  }
})

t.test('other methods are refused', async t => {
  const { app } = await openServer(t, { dashboard: { folder: t.testdir({ 'index.html': page }) } })
  for (const url of ['/', '/dashboard', '/dashboard/deliveries', '/dashboard/assets/main-1a2b.js']) {
    const reply = await app.inject({ url, method: 'POST' })
    t.equal(reply.statusCode, 405, url)
    t.equal(reply.headers.allow, 'GET, HEAD')
  }
})

t.test('a dashboard that was not built says how to build it', async t => {
  const { app } = await openServer(t, { dashboard: { folder: t.testdir({}) } })
  for (const url of ['/dashboard', '/dashboard/deliveries']) {
    const reply = await app.inject(url)
    t.equal(reply.statusCode, 404)
    t.match(reply.json(), { code: 'RELAY_NOT_FOUND', detail: /npm run build/ })
  }
})

t.test('a browser that has opened a connection to no purpose does not hold up the end', async t => {
  const { app, listen } = await openServer(t)
  const socket = connect(Number(new URL(await listen()).port), '127.0.0.1')
  await once(app.server, 'connection')
  const closed = once(socket, 'close')
  await app.close()
  await closed
  t.equal(socket.bytesRead, 0)
})

import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import t, { type Test } from 'tap'
import { health } from '../../src/cli/health.ts'
import { settingOf } from '../../src/config/settings.ts'
import { health as healthRoutes } from '../../src/observe/health.ts'
import { bin, spawnNode, within } from '../run-relay.ts'
import { demoRelay } from './demo-relay.ts'
import { run } from './terminal.ts'

t.test('a relay that turns is well, and one that takes requests is ready', async t => {
  const { origin } = await demoRelay(t)
  const { port } = new URL(origin)
  const well = (path: string) => ({ code: 0, out: `${origin}${path} answered 200\n`, err: '' })
  t.same(await run(['health'], { PORT: port }), well('/livez'))
  t.same(await run(['health', '--ready'], { PORT: port }), well('/readyz'))
  t.same(await run(['health', '--url', `${origin}/`], { PORT: '1' }), well('/livez'))
})

t.test('a relay that is about to stop turns, and is not ready', async t => {
  const origin = await relayRoutes(t, { isDraining: true })
  t.equal((await run(['health', '--url', origin])).code, 0)
  t.same(await run(['health', '--ready', '--url', origin]), {
    code: 1,
    out: `${origin}/readyz answered 503, RELAY_DRAINING: The relay is about to stop; send to another one, or repeat after it is back.\n`,
    err: ''
  })
})

t.test('a relay whose store does not answer turns, and is not ready', async t => {
  const origin = await relayRoutes(t, { ping: () => Promise.reject(new Error('gone')) })
  t.equal((await run(['health', '--url', origin])).code, 0)
  const { code, out } = await run(['health', '--ready', '--url', origin])
  t.equal(code, 1)
  t.match(out, 'answered 503, RELAY_STORE_UNAVAILABLE: ')
})

t.test('where something else answers, only its status is told', async t => {
  const origin = await listening(
    t,
    (_request, reply) => void reply.writeHead(302, { location: '/' }).end('Ada')
  )
  t.same(await run(['health', '--url', origin]), { code: 1, out: `${origin}/livez answered 302\n`, err: '' })
})

t.test('one that does not answer is not waited for', async t => {
  const url = await listening(t, () => undefined)
  const said: string[] = []
  const code = await health({ url, env: {}, say: line => void said.push(line), timeoutMs: 50 })
  t.equal(code, 1)
  t.strictSame(said, [`${url}/livez does not answer: nothing within 50 ms`])
})

t.test('an address at which nobody listens is named, whatever stands for it in HOST', async t => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as AddressInfo
  await new Promise(closed => gone.close(closed))
  for (const [HOST, host] of [
    ['0.0.0.0', '127.0.0.1'],
    ['', '127.0.0.1'],
    ['::', '[::1]'],
    ['::1', '[::1]'],
    ['127.0.0.2', '127.0.0.2']
  ] as const) {
    const { code, out } = await run(['health'], { HOST, PORT: String(port) })
    t.equal(code, 1)
    t.match(out, `http://${host}:${port}/livez does not answer: E`, HOST)
  }
  t.match((await run(['health', '--url', 'nowhere'])).out, /^nowhere\/livez does not answer: /)
})

t.test('an address that cannot be asked is told with the reason', async t => {
  const reasonFor = async (url: string) => {
    const { code, out } = await run(['health', '--url', url])
    t.equal(code, 1)
    return out.trim().replace(`${url}/livez does not answer: `, '')
  }
  t.equal(await reasonFor('http://127.0.0.1:6000'), 'bad port')
  t.equal(await reasonFor('postgres://relay.test'), 'unknown scheme')
  t.match(await reasonFor('http://ada@relay.test'), 'includes credentials')
})

t.test('without HOST and PORT it asks where a relay listens without them', async t => {
  const asked = t.capture(globalThis, 'fetch', async () => new Response('{}'))
  await run(['health'])
  const [address] = asked().map(({ args }) => args[0])
  t.equal(address, `http://${settingOf('HOST').default}:${settingOf('PORT').default}/livez`)
})

t.test('a port that the system chose has to be told', async t => {
  t.same(await run(['health'], { PORT: '0' }), {
    code: 2,
    out: '',
    err: 'seam-relay: health: PORT=0 takes any free port; say with --url where it is\n'
  })
})

t.test('it is answered with help, as the other commands are', async t => {
  t.match(await run(['health', '--help']), { code: 0, out: 'Usage: seam-relay health [options]' })
  t.match(await run(['health', '--live']), { code: 2, err: "error: unknown option '--live'" })
  t.match((await run(['--help'])).out, /^ {2}health \[options\] /m)
})

t.test('it loads neither the platforms nor what reads the settings', async t => {
  const hook = `import { registerHooks } from 'node:module'
    registerHooks({ load(url, context, next) { console.error(url); return next(url, context) } })`
  const child = spawnNode(['--import', `data:text/javascript,${encodeURIComponent(hook)}`, bin, 'health'], {
    cwd: t.testdir(),
    env: { PORT: '1' }
  })
  child.stdin.end()
  let loaded = ''
  child.stderr.on('data', chunk => {
    loaded += chunk
  })
  t.same(await within(once(child, 'close'), 'its end'), [1, null])
  t.match(loaded, '/cli/health.')
  t.notMatch(loaded, /typebox|\/platforms\/|\/config\//)
})

/** The probes of a relay, without the rest of it. @returns their origin */
async function relayRoutes(t: Test, { isDraining = false, ping = async () => undefined }): Promise<string> {
  const app = fastify()
  t.teardown(() => app.close())
  await app.register(healthRoutes, { store: { ping }, isDraining: () => isDraining })
  return app.listen({ host: '127.0.0.1', port: 0 })
}

async function listening(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

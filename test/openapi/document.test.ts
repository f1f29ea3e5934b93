import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { parse } from 'yaml'
import { openServer } from '../open-server.ts'
import { document, type Media, mistakes, operations } from './described.ts'

t.test('every operation says what it is, who may call it, and by which unique name', t => {
  t.strictSame(
    new Set(operations.map(({ method, path }) => `${method} ${path}`)),
    new Set([
      'POST /webhooks/{platform}/{connectionId}',
      'POST /webhooks/{platform}/{connectionId}/{token}',
      'POST /customers/push_data',
      'POST /customers/delete_data',
      'DELETE /customers/delete_data',
      'GET /deliveries/{id}',
      'POST /v1/events',
      'GET /api/v1/deliveries',
      'GET /api/v1/deliveries/{id}',
      'GET /api/v1/rejected',
      'GET /api/v1/rejected/{id}',
      'GET /api/v1/rejection-causes',
      'POST /api/v1/rejected/retake',
      'GET /api/v1/resources',
      'GET /api/v1/resources/{workspace}/{customer}/{kind}/{key}',
      'GET /api/v1/resources/{workspace}/{customer}/{kind}/{key}/life',
      'GET /api/v1/customers',
      'GET /api/v1/customers/{workspace}/{customer}',
      'GET /api/v1/workspaces',
      'POST /api/v1/customers/{workspace}/{customer}/push-again',
      'GET /api/v1/dead-letters',
      'POST /api/v1/dead-letters/revive',
      'POST /api/v1/replays/plan',
      'POST /api/v1/replays',
      'GET /api/v1/jobs',
      'GET /api/v1/jobs/{id}',
      'POST /api/v1/jobs/{id}/cancel',
      'GET /api/v1/connections',
      'GET /api/v1/connections/{id}',
      'POST /api/v1/connections/{id}/sample',
      'POST /api/v1/pauses',
      'GET /api/v1/pauses',
      'DELETE /api/v1/pauses/{id}',
      'GET /api/v1/attempts',
      'GET /api/v1/attempts/{id}',
      'GET /api/v1/counts',
      'GET /api/v1/backlog',
      'GET /api/v1/performance',
      'GET /api/v1/me',
      'GET /api/v1/search',
      'GET /api/v1/audit',
      'GET /api/v1/tail',
      'GET /dashboard',
      'POST /dashboard/session',
      'GET /dashboard/session',
      'DELETE /dashboard/session',
      'GET /livez',
      'GET /readyz',
      'GET /metrics',
      'GET /openapi.json',
      'GET /docs'
    ])
  )
  t.equal(new Set(operations.map(each => each.operationId)).size, operations.length)
  const tags = document.tags.map((each: { name: string }) => each.name)
  for (const each of operations) {
    t.ok(each.summary && each.description, each.operationId)
    t.ok(each.tags.length === 1 && tags.includes(each.tags[0]), each.operationId)
    t.ok(Array.isArray(each.security), `${each.operationId} says whether it asks for a key`)
    t.ok(
      Object.keys(each.responses).some(status => status.startsWith('2')),
      `${each.operationId} can succeed`
    )
    t.ok(each.responses['405'], `${each.operationId} says what becomes of other methods`)
    const asksForKey = /^\/(?:(?:api\/v1|customers|deliveries|v1)\/|metrics$)/.test(each.path)
    t.equal(each.security.length > 0, asksForKey, each.operationId)
    const provesItself = each.path.startsWith('/webhooks') || each.operationId === 'beginSession'
    t.equal(each.responses['401'] !== undefined, asksForKey || provesItself, each.operationId)
  }
  t.end()
})

t.test('every request and every answer has an example, and each example is right', t => {
  for (const { operationId, requestBody, responses, parameters } of operations) {
    for (const media of Object.values(requestBody?.content ?? {})) check(`${operationId} request`, media)
    for (const [status, { content = {} }] of Object.entries(responses)) {
      for (const media of Object.values(content)) check(`${operationId} ${status}`, media)
    }
    for (const { in: place, name, schema, example } of parameters) {
      if (place !== 'path') continue
      t.equal(mistakes(schema, example), undefined, `${operationId} ${name}`)
    }
  }
  t.end()

  function check(name: string, { schema, examples = {}, example }: Media) {
    const all = [
      ...Object.values(examples).map(each => each.value),
      ...(example === undefined ? [] : [example])
    ]
    t.not(all.length, 0, `${name} has an example`)
    for (const value of all) t.equal(mistakes(schema, value), undefined, name)
  }
})

t.test('the headers that a caller may send and get stand where they belong', t => {
  for (const each of operations.filter(({ path }) => path.startsWith('/customers/'))) {
    const sent = each.parameters.filter(parameter => parameter.in === 'header').map(({ name }) => name)
    t.strictSame(sent, ['Relay-Version', 'Prefer', 'Idempotency-Key'], each.operationId)
    t.hasProps(each.responses['200']?.headers ?? {}, [
      'seam-request-id',
      'Relay-Delivery',
      'Preference-Applied'
    ])
    for (const status of ['400', '409', '413', '422', '4XX']) {
      const { headers = {} } = each.responses[status] ?? {}
      t.hasProps(headers, ['seam-request-id', 'Relay-Delivery', 'Preference-Applied'], `${status} of Seam`)
    }
    t.hasProps(each.responses['503']?.headers ?? {}, ['seam-request-id', 'Retry-After'])
    t.hasProps(each.responses['405']?.headers ?? {}, ['seam-request-id', 'Allow'])
  }
  t.end()
})

t.test(
  'every route of the server is described, but for the sandbox, refused methods and the pages’ parts',
  async t => {
    const { app } = await openServer(t)
    const routes: string[] = []
    app.addHook('onRoute', ({ method, url }) => {
      const isRefused = Array.isArray(method)
      const isPart = /^\/(?:docs\/.*|dashboard\/(?:\*|assets\/.*))?$/.test(url)
      if (isRefused || method === 'HEAD' || isPart) return
      routes.push(`${method} ${url.replace(/:(\w+)/g, '{$1}')}`)
    })
    await app.ready()
    t.strictSame(new Set(routes), new Set(operations.map(({ method, path }) => `${method} ${path}`)))
  }
)

t.test('the relay serves the document that is checked in', async t => {
  const { app } = await openServer(t)
  const reply = await app.inject('/openapi.json')
  t.match(reply.headers['content-type'], /^application\/json/)
  t.strictSame(reply.json(), parse(readFileSync('openapi/relay.yaml', 'utf8')))
  t.equal((await app.inject('/openapi.json')).body, reply.body, 'again and again')
})

t.test('the page for people loads nothing from elsewhere, and a policy forbids it', async t => {
  const { app } = await openServer(t)
  for (const address of ['/docs', '/docs/']) {
    const page = await app.inject(address)
    t.equal(page.statusCode, 200)
    t.match(page.headers['content-type'], /^text\/html/)
    const policy = String(page.headers['content-security-policy'])
    t.match(policy, "default-src 'self'")
    t.notMatch(policy, /https?:|\*|unsafe-eval|script-src/)
    const links = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link]) => `${link}`)
    t.ok(links.length > 4)
    t.notMatch(page.body, /<script(?![^>]*\bsrc=)/, 'no script within the page')
    for (const link of links) {
      const { origin, pathname } = new URL(link, `http://relay${address}`)
      t.equal(origin, 'http://relay')
      t.equal((await app.inject(pathname)).statusCode, 200, pathname)
    }
  }
  const start = await app.inject('/docs/static/swagger-initializer.js')
  t.match(start.headers['content-type'], /^text\/javascript/)
  t.match(start.body, 'validatorUrl: null', 'nobody outside is asked whether the document is valid')
})

t.test('the page reads the document at its one address, wherever the relay stands', async t => {
  const { app } = await openServer(t)
  const { body: start } = await app.inject('/docs/static/swagger-initializer.js')
  for (const base of ['http://relay', 'https://example.com/behind/a/path']) {
    let asked = ''
    runInNewContext(start, {
      URL,
      document: { currentScript: { src: `${base}/docs/static/swagger-initializer.js` } },
      SwaggerUIBundle: ({ url }: { url: string }) => {
        asked = url
      }
    })
    t.equal(asked, `${base}/openapi.json`)
  }
  for (const url of ['/docs/json', '/docs/yaml'])
    t.match((await app.inject(url)).json(), { status: 404, code: 'RELAY_NOT_FOUND' }, url)
})

t.test('readers of YAML 1.1, to whom 16:00 is a number and no is a flag, read the same', t => {
  const text = readFileSync('openapi/relay.yaml', 'utf8')
  t.strictSame(parse(text, { version: '1.1' }), parse(text))
  t.end()
})

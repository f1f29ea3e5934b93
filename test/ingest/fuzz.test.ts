import { once } from 'node:events'
import { METHODS } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import t from 'tap'
import { errorCodes } from '../../src/errors.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { openServer } from '../open-server.ts'
import { toldOf } from './front-door.ts'

const names = [
  'webhooks',
  'WEBHOOKS',
  'livez',
  'readyz',
  'calcom',
  'mews',
  'hostaway',
  'standard',
  'demo-calcom',
  'demo-mews',
  'demo-hostaway',
  'demo-standard'
]
const oddities = [
  '__proto__',
  'constructor',
  'toString',
  '..',
  '.',
  '*',
  '%',
  '%zz',
  '%00',
  '%2F',
  '%2e%2e',
  '%E0%A4%A',
  '%F0%9F%8F%A0',
  ';',
  ':',
  '::1',
  '@',
  '#',
  '\\',
  '"',
  "'",
  '<script>',
  'i'.repeat(600)
]

const segment = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...names) },
  { weight: 2, arbitrary: fc.constantFrom(...oddities) },
  { weight: 1, arbitrary: fc.webSegment() },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'grapheme-ascii', maxLength: 20 }).map(text => text.replace(/[\s?]/g, ''))
  }
)
const addressed = fc.constantFrom(...Object.keys(platforms)).map(name => `/webhooks/${name}/demo-${name}`)
const path = fc.oneof(
  { weight: 3, arbitrary: addressed },
  { weight: 1, arbitrary: fc.tuple(addressed, segment).map(([first, last]) => `${first}/${last}`) },
  { weight: 3, arbitrary: fc.array(segment, { maxLength: 6 }).map(parts => `/${parts.join('/')}`) }
)
const query = fc.oneof(
  fc.constant(''),
  fc.webQueryParameters().map(text => `?${text}`),
  fc.constantFrom(
    '?',
    '??',
    '?Token=',
    '?Token=a&token=b',
    '?__proto__[x]=1&__proto__=2',
    '?a=%',
    '?a[]=1&a[b]=2',
    '?%00=%00'
  )
)
/** A header value may hold any of these; Node refuses the others before they are sent. */
const headerValue = fc.oneof(
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map(code => String.fromCharCode(code)),
    maxLength: 60
  }),
  fc.string({
    unit: fc.integer({ min: 0x80, max: 0xff }).map(code => String.fromCharCode(code)),
    maxLength: 20
  }),
  fc.constantFrom(
    '',
    'application/json',
    'text/xml',
    'no media type',
    'gzip',
    'Basic',
    'Basic !!',
    'Basic Og==',
    'v1,',
    'v1,AAAA v2,',
    '0'.repeat(64),
    '99999999999999',
    '-1',
    'NaN'
  )
)
const headerName = fc.constantFrom(
  'content-type',
  'content-encoding',
  'authorization',
  'x-cal-signature-256',
  'webhook-id',
  'webhook-timestamp',
  'webhook-signature',
  'svix-signature',
  'signature',
  'x-forwarded-for',
  'accept-version',
  'cookie',
  '__proto__',
  'constructor',
  'x-http-method-override'
)
const headers = fc.dictionary(headerName, headerValue, { maxKeys: 6, noNullPrototype: true })
const body = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
  fc.json({ maxDepth: 3 }).map(text => Buffer.from(text)),
  fc.constantFrom('', '{', 'null', '[]', '{"__proto__":{"x":1}}', '\0').map(text => Buffer.from(text))
)

function checkRefusal(text: string): void {
  const problem = JSON.parse(text)
  if (!Object.hasOwn(errorCodes, problem.code)) throw new Error(`no code of ours: ${text}`)
  const members = Object.keys(problem).join()
  if (members !== 'type,title,status,detail,code,request_id')
    throw new Error(`not a problem document: ${members}`)
}

t.test('whatever a stranger sends, the answer is no 5xx and a refusal is a problem document', async t => {
  const server = await openServer(t)
  const property = fc.asyncProperty(
    fc.constantFrom(...METHODS, 'POST', 'POST', 'POST'),
    path,
    query,
    headers,
    body,
    async (method, path, query, headers, payload) => {
      // Injection reads addresses as a browser does: some are none to it, and `/../livez` is `/livez`.
      const read = URL.parse(`${path}${query}`, 'http://relay')
      fc.pre(read !== null)
      const asksForHealth = [path, read.pathname].some(each => /^\/+(?:livez|readyz)/.test(each))
      const reply = await server.app.inject({
        method: method as 'POST',
        url: `${path}${query}`,
        headers,
        payload
      })
      if (reply.statusCode >= 500) throw new Error(`answered ${reply.statusCode}: ${reply.body}`)
      if (reply.statusCode === 200 && !asksForHealth) throw new Error('was taken in')
      if (reply.statusCode >= 400 && method !== 'HEAD') checkRefusal(reply.body)
    }
  )
  await fc.assert(property, { numRuns: 1000 })
  t.equal((await server.app.inject('/readyz')).statusCode, 200)
})

t.test('whatever a platform signs, it is taken in', async t => {
  const server = await openServer(t)
  const connectionIds = Object.keys(platforms).map(name => `demo-${name}`)
  const serial = { last: 0 }
  const property = fc.asyncProperty(fc.constantFrom(...connectionIds), body, async (id, bytes) => {
    const connection = server.connection(id)
    const platform = platforms[connection?.platform ?? '']
    serial.last += 1
    const proof = platform?.verification.sign(bytes, connection?.secrets ?? {}, {
      now: server.clock.now,
      id: `m${serial.last}`
    })
    const token = proof?.token === undefined ? '' : `/${proof.token}`
    const reply = await server.app.inject({
      method: 'POST',
      url: `/webhooks/${platform?.name}/${id}${token}`,
      query: { ...proof?.query },
      headers: { ...proof?.headers },
      payload: Buffer.from(proof?.body ?? bytes)
    })
    if (reply.statusCode !== 200) throw new Error(`answered ${reply.statusCode}: ${reply.body}`)
  })
  await fc.assert(property, { numRuns: 500 })
  t.pass()
})

/** What is said over a connection that the client ends at once. */
async function exchange(port: number, bytes: Uint8Array): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  await once(socket, 'connect')
  socket.end(bytes)
  await closed
  return Buffer.concat(chunks).toString('latin1')
}

const wellFormed = fc
  .tuple(fc.constantFrom('POST', 'GET', 'PUT', 'BREW', 'post'), path, query, body)
  .map(([method, path, query, body]) => {
    const head = `${method} ${path}${query} HTTP/1.1\r\nhost: relay\r\nconnection: close\r\ncontent-length: ${body.byteLength}\r\n\r\n`
    return Buffer.concat([Buffer.from(head), body])
  })
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat(8),
  put: fc.uint8Array({ maxLength: 8 })
})
const malformed = fc.tuple(wellFormed, fc.array(edit, { maxLength: 4 })).map(([bytes, edits]) =>
  edits.reduce((told, { at, cut, put }) => {
    const start = Math.floor(at * told.byteLength)
    return Buffer.concat([told.subarray(0, start), put, told.subarray(start + cut)])
  }, bytes)
)

t.test('bytes that are hardly HTTP are answered in an orderly way, or not at all', async t => {
  const server = await openServer(t, { requestTimeoutMs: 2_000 })
  const port = Number(new URL(await server.listen()).port)
  const property = fc.asyncProperty(fc.oneof(malformed, fc.uint8Array({ maxLength: 200 })), async bytes => {
    const text = await exchange(port, bytes)
    if (text === '') return
    const { status, headers, body } = toldOf(text)
    if (!(status >= 200 && status < 500)) throw new Error(`answered: ${text}`)
    if (headers['content-type']?.startsWith('application/problem+json') && body !== '') {
      checkRefusal(body.slice(0, Number(headers['content-length'])))
    }
  })
  await fc.assert(property, { numRuns: 700 })
  t.equal((await server.app.inject('/readyz')).statusCode, 200)
  t.notOk(
    server.logged.some(line => JSON.parse(line).level >= 50),
    'nothing of it is an error of ours'
  )
})

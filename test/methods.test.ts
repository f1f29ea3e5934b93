import { METHODS } from 'node:http'
import Fastify from 'fastify'
import t from 'tap'
import { refuseOtherMethods } from '../src/methods.ts'

/** Each is answered before its body is looked at, so that it may be anything. */
const body = { headers: { 'content-type': 'application/unknown' }, payload: 'x'.repeat(2 * 1024 * 1024) }

function open(t: Tap) {
  const app = Fastify()
  t.teardown(() => app.close())
  refuseOtherMethods(app, 100)
  app.register(async scope => {
    scope.get('/here', async () => ({}))
    scope.route({ method: ['PUT', 'DELETE'], url: '/here/:name', handler: async () => ({}) })
  })
  return app
}

type Tap = Pick<typeof t, 'teardown'>

t.test('every method that Node can read is refused but those that an address takes', async t => {
  const app = open(t)
  for (const method of METHODS.filter(each => each !== 'CONNECT')) {
    const reply = await app.inject({ method: method as 'PUT', url: '/here?q=/there', ...body })
    if (method === 'GET' || method === 'HEAD') t.equal(reply.statusCode, 200)
    else t.same([reply.statusCode, reply.headers.allow], [405, 'GET, HEAD'], method)
  }
})

t.test('an address with a part that varies is known by any of its names', async t => {
  const app = open(t)
  for (const url of ['/here/a', '/here/b%20c/', '/here/d?e=f']) {
    const reply = await app.inject({ method: 'GET', url })
    t.same([reply.statusCode, reply.headers.allow], [405, 'PUT, DELETE'], url)
  }
})

t.test('what is no address is not there, whatever the method and the body', async t => {
  const app = open(t)
  for (const [method, url] of [
    ['POST', '/there'],
    ['PROPFIND', '/there'],
    ['GET', '/here/a/b'],
    ['POST', '//here']
  ] as const) {
    const reply = await app.inject({ method: method as 'PUT', url, ...body })
    t.same([reply.statusCode, reply.headers.allow], [404, undefined], `${method} ${url}`)
  }
})

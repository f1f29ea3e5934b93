import { METHODS } from 'node:http'
import Fastify from 'fastify'
import t from 'tap'
import { refuseOthers } from '../src/methods.ts'

t.test('every method that Node can read is refused but those that are taken', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/here', async () => ({}))
  refuseOthers(app, '/here', ['GET', 'HEAD'])
  for (const method of METHODS.filter(each => each !== 'CONNECT')) {
    const reply = await app.inject({ method: method as 'PUT', url: '/here' })
    if (method === 'GET' || method === 'HEAD') t.equal(reply.statusCode, 200)
    else t.same([reply.statusCode, reply.headers.allow], [405, 'GET, HEAD'], method)
  }
})

import fastify from 'fastify'
import t from 'tap'
import type { StandIn } from '../../src/platforms/samples.ts'
import { sandbox } from '../../src/sandbox/sandbox.ts'
import { openSandbox } from './open-sandbox.ts'

/** Plays an API that shows the request, gives bookings by id, and issues tokens that it remembers. */
const standIn: StandIn = (request, world, settings) => {
  if (request.path === '/echo') return { status: 200, headers: { 'x-played': 'yes' }, body: request }
  if (request.path === '/settings') return { status: 200, body: settings }
  if (request.path === '/token') {
    world.set('token', 't1')
    return { status: 201 }
  }
  if (request.path === '/logout') {
    world.delete('token')
    return { status: 204 }
  }
  if (request.path === '/text') return { status: 200, body: 'plain' }
  const entity = world.get(request.path.slice(1))
  return entity === undefined ? { status: 404, body: { error: 'gone' } } : { status: 200, body: entity }
}

const options = { platforms: { acme: { standIn }, mute: {} }, settingsOf: (name: string) => ({ name }) }
const accountOf = (id: string) => ({ platform: 'acme', settings: { id } })
const at = '/sandbox/platforms/acme'

t.test('a stand-in sees the request as its platform would', async t => {
  const { app } = await openSandbox(t, options)
  const echo = await app.inject({
    method: 'PATCH',
    url: `${at}/echo?id=1&id=2&name=a+b`,
    headers: { 'x-key': 'k', 'content-type': 'application/json; charset=utf-8' },
    payload: '{"a":1}'
  })
  t.equal(echo.headers['x-played'], 'yes')
  t.match(echo.json(), {
    method: 'PATCH',
    path: '/echo',
    query: { id: ['1', '2'], name: ['a b'] },
    headers: { 'x-key': 'k' },
    body: { a: 1 }
  })
  t.same((await app.inject(`${at}/settings`)).json(), { name: 'acme' })
})

t.test('an account sees what its platform knows, and has settings of its own', async t => {
  const { app } = await openSandbox(t, { ...options, accountOf })
  await app.inject({ method: 'PUT', url: at, payload: { entities: { 'bookings/1': { id: 1 } } } })
  for (const id of ['north', 'south']) {
    t.same((await app.inject(`/sandbox/connections/${id}/settings`)).json(), { id })
    t.same((await app.inject(`/sandbox/connections/${id}/bookings/1`)).json(), { id: 1 })
  }
})

t.test('a form is read as one, an unreadable body as none', async t => {
  const { app } = await openSandbox(t, options)
  const bodyOf = async (type: string, payload: string) =>
    (
      await app.inject({ method: 'POST', url: `${at}/echo`, headers: { 'content-type': type }, payload })
    ).json().body
  t.same(await bodyOf('application/x-www-form-urlencoded', 'grant_type=a&scope=b+c'), {
    grant_type: 'a',
    scope: 'b c'
  })
  t.equal(await bodyOf('application/json', '{'), undefined)
  t.equal(await bodyOf('application/json', ''), undefined)
})

t.test('the path comes as it was written', async t => {
  const { app } = await openSandbox(t, options)
  await app.inject({ method: 'PUT', url: at, payload: { entities: { 'bookings/a%2Fb': { id: 'a/b' } } } })
  t.same((await app.inject(`${at}/bookings/a%2Fb`)).json(), { id: 'a/b' })
})

t.test('the root of its address is the platform’s, where slashes at the end do not count too', async t => {
  const { app } = await openSandbox(t, { ...options, accountOf })
  const inRelay = fastify({ routerOptions: { ignoreTrailingSlash: true } })
  t.teardown(() => inRelay.close())
  await inRelay.register(sandbox, { ...options, accountOf, seamPrefix: '/sandbox', apiKeys: [] })
  for (const server of [app, inRelay]) {
    await server.inject({ method: 'PUT', url: at, payload: { entities: { '': { root: true } } } })
    t.same((await server.inject(`${at}/`)).json(), { root: true })
    t.same((await server.inject(`${at}/?page=1`)).json(), { root: true })
    t.same((await server.inject(at)).json(), { entities: { '': { root: true } } })
    t.same((await server.inject('/sandbox/connections/north/?page=1')).json(), { root: true })
  }
})

t.test('what a platform knows is told, changed, and taken back', async t => {
  const { app } = await openSandbox(t, options)
  const tell = (entities: object) => app.inject({ method: 'PUT', url: at, payload: { entities } })
  t.same((await tell({ 'bookings/1': { id: 1 }, 'bookings/2': { id: 2 } })).json(), {
    entities: { 'bookings/1': { id: 1 }, 'bookings/2': { id: 2 } }
  })
  await tell({ 'bookings/1': null, 'bookings/2': { id: 2, moved: true } })
  t.equal((await app.inject(`${at}/bookings/1`)).statusCode, 404)
  t.same((await app.inject(`${at}/bookings/2`)).json(), { id: 2, moved: true })
  t.same((await app.inject('/sandbox/platforms/other')).json(), { entities: {} }, 'each platform for itself')
  t.same((await app.inject({ method: 'DELETE', url: at })).json(), { entities: {} })
  t.same((await app.inject(at)).json(), { entities: {} })
  t.equal((await app.inject({ method: 'PUT', url: at, payload: { entity: {} } })).statusCode, 400)
})

t.test('answers without a body and with text are sent as they are', async t => {
  const { app } = await openSandbox(t, options)
  const token = await app.inject({ method: 'POST', url: `${at}/token` })
  t.equal(token.statusCode, 201)
  t.equal(token.body, '')
  const text = await app.inject(`${at}/text`)
  t.equal(text.body, 'plain')
  t.match(text.headers['content-type'], 'text/plain')
})

t.test('a platform that is not played is not found', async t => {
  const { app } = await openSandbox(t, options)
  for (const name of ['mute', 'nobody', 'constructor']) {
    t.equal((await app.inject(`/sandbox/platforms/${name}/echo`)).statusCode, 404)
  }
  t.equal((await app.inject('/sandbox/connections/nobody/echo')).statusCode, 404)
})

t.test('what a platform knows outlives the process, what its stand-in wrote too', async t => {
  const stateFile = `${t.testdir()}/sandbox.db`
  const first = await openSandbox(t, { ...options, stateFile })
  const entities = { 'bookings/1': { id: 1 }, 'bookings/2': { id: 2 } }
  await first.app.inject({ method: 'PUT', url: at, payload: { entities } })
  await first.app.inject({ method: 'PUT', url: '/sandbox/platforms/other', payload: { entities: { a: 1 } } })
  await first.app.inject({ method: 'PUT', url: at, payload: { entities: { 'bookings/2': null } } })
  await first.app.inject({ method: 'POST', url: `${at}/token` })
  await first.app.close()

  const second = await openSandbox(t, { ...options, stateFile })
  t.same((await second.app.inject(at)).json(), { entities: { 'bookings/1': { id: 1 }, token: 't1' } })
  await second.app.inject({ method: 'POST', url: `${at}/logout` })
  await second.app.inject({ method: 'DELETE', url: '/sandbox/platforms/other' })
  await second.app.close()

  const third = await openSandbox(t, { ...options, stateFile })
  t.same((await third.app.inject(at)).json(), { entities: { 'bookings/1': { id: 1 } } })
  t.same((await third.app.inject('/sandbox/platforms/other')).json(), { entities: {} })
})

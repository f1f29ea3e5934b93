import t from 'tap'
import { standIn } from '../../../src/platforms/guesty/stand-in.ts'

const settings = { client_id: 'client', client_secret: 'secret' }
const credentials = { grant_type: 'client_credentials', scope: 'open-api', ...settings }
const entity = {
  _id: 'r1',
  status: 'confirmed',
  guest: { fullName: 'Mara', email: 'x' },
  notes: { keyCode: '1' }
}

function ask(
  world: Map<string, unknown>,
  path: string,
  query: Record<string, string[]> = {},
  bearer?: string
) {
  const headers: Record<string, string> = bearer === undefined ? {} : { authorization: bearer }
  return standIn({ method: 'GET', path, query, headers, body: undefined }, world, settings)
}

function tokenOf(world: Map<string, unknown>, form: unknown) {
  return standIn(
    { method: 'POST', path: '/oauth2/token', query: {}, headers: {}, body: form },
    world,
    settings
  )
}

t.test('a token is given for the right credentials and scope only', async t => {
  const world = new Map<string, unknown>()
  t.match(tokenOf(world, credentials), {
    status: 200,
    body: { access_token: 'open-api-token-1', expires_in: 86400 }
  })
  t.match(tokenOf(world, credentials), { body: { access_token: 'open-api-token-2' } })
  for (const wrong of [
    { client_id: 'x' },
    { client_secret: 'x' },
    { scope: 'x' },
    { grant_type: 'password' }
  ]) {
    t.equal(tokenOf(world, { ...credentials, ...wrong }).status, 401)
  }
  t.equal(tokenOf(world, undefined).status, 401)
})

t.test('only a bearer that was given is let in, and 403 tells that it has ended', async t => {
  const world = new Map<string, unknown>([['reservations/r1', entity]])
  const path = '/v1/reservations/r1'
  t.equal(ask(world, path).status, 401)
  t.equal(ask(world, path, {}, 'Bearer open-api-token-1').status, 401)
  tokenOf(world, credentials)
  t.equal(ask(world, path, {}, 'Bearer open-api-token-1').status, 200)
  t.equal(ask(world, path, {}, 'Basic open-api-token-1').status, 401)
  t.equal(ask(world, path, {}, 'Bearer').status, 401)
  world.set('expired-token', 'open-api-token-1')
  t.equal(ask(world, path, {}, 'Bearer open-api-token-1').status, 403)
})

t.test('what is not asked for is not shown, and notes only by Reservations v3', async t => {
  const world = new Map<string, unknown>([['reservations/r1', entity]])
  tokenOf(world, credentials)
  const get = (path: string, query: Record<string, string[]> = {}) =>
    ask(world, path, query, 'Bearer open-api-token-1')
  t.strictSame(get('/v1/reservations/r1').body, { _id: 'r1' })
  t.strictSame(
    get('/v1/reservations/r1', { fields: ['_id status guest.fullName guest.email notes.keyCode'] }).body,
    {
      _id: 'r1',
      status: 'confirmed',
      guest: { fullName: 'Mara', email: 'x' }
    }
  )
  t.strictSame(get('/v1/reservations-v3', { 'reservationIds[]': ['r1', 'r2'] }).body, [
    { _id: 'r1', notes: { keyCode: '1' } }
  ])
  t.equal(get('/v1/reservations-v3').status, 400)
  t.equal(get('/v1/reservations-v3', { 'reservationIds[]': Array.from({ length: 11 }, String) }).status, 400)
  t.equal(get('/v1/listings/l1').status, 404)
  t.equal(get('/v1/owners').status, 404)
})

t.test('it can only be read', async t => {
  const world = new Map<string, unknown>([['reservations/r1', entity]])
  tokenOf(world, credentials)
  const headers = { authorization: 'Bearer open-api-token-1' }
  const request = { method: 'POST', path: '/v1/reservations/r1', query: {}, headers, body: {} }
  t.equal(standIn(request, world, settings).status, 404)
})

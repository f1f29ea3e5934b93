import t from 'tap'
import { only, readEntity } from '../../src/platforms/read-entity.ts'
import type { StandInResponse } from '../../src/platforms/samples.ts'
import { testApi } from './api.ts'

function answered(reply: StandInResponse, id?: string) {
  const api = testApi(() => reply)
  return readEntity(api, 'Acme', { method: 'GET', origin: 'https://acme.example', path: '/stays/1' }, id)
}

t.test('an entity is answered as it is', async t => {
  t.strictSame(await answered({ status: 200, body: { id: 1 } }), { id: 1 })
})

t.test('what is gone is undefined and no error', async t => {
  for (const status of [404, 410]) t.equal(await answered({ status }), undefined)
})

t.test('refused credentials may be mended', async t => {
  await t.rejects(answered({ status: 401 }), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
})

t.test('what may not be read is a refusal of that alone, which says where to look', async t => {
  await t.rejects(answered({ status: 403 }), {
    code: 'RELAY_PLATFORM_REFUSED',
    message: 'Acme answered 403 and no entity; check what the connection’s api may read'
  })
})

t.test('any other refusal stays one, a redirect too', async t => {
  for (const status of [302, 400, 422]) {
    await t.rejects(answered({ status }), { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  }
})

t.test('an answer that is no entity is trouble that passes, never a sign that something is gone', async t => {
  for (const body of [undefined, null, [], 'a page', 7]) {
    await t.rejects(answered({ status: 200, body }), { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true })
  }
})

t.test('an answer about something else is trouble that passes', async t => {
  for (const body of [{ id: 1 }, { _id: '1' }, { Id: 1 }, { id: null }, {}]) {
    t.strictSame(await answered({ status: 200, body }, '1'), body)
  }
  for (const body of [{ id: 2 }, { _id: '2' }, { Id: '2' }]) {
    await t.rejects(answered({ status: 200, body }, '1'), {
      code: 'RELAY_PLATFORM_UNAVAILABLE',
      retryable: true
    })
  }
})

t.test('only what is named is kept', async t => {
  t.strictSame(only(['id', 'name'], { id: 1, notes: 'secret wish' }), { id: 1 })
})

import { Value } from '@sinclair/typebox/value'
import t from 'tap'
import { mews } from '../../../src/platforms/mews/mews.ts'
import { incomingOf } from '../contract.ts'
import { connection, ids, message, withApi } from './world.ts'

const body = message(['ServiceOrderUpdated', ids.reservation])
const secrets = { token: ['mews_test_token_01'] }

async function verdict(query: Record<string, string[]>, using: Record<string, string[]> = secrets) {
  return mews.verification.verify({ ...incomingOf(connection, { body }), query }, using)
}

t.test('the token agreed with Mews is accepted', async t => {
  t.strictSame(await verdict({ Token: ['mews_test_token_01'] }), { ok: true })
})

t.test('another token is refused', async t => {
  t.strictSame(await verdict({ Token: ['mews_test_token_02'] }), { ok: false, cause: 'credentials_wrong' })
})

t.test('no token is refused', async t => {
  t.strictSame(await verdict({}), { ok: false, cause: 'credentials_missing' })
})

t.test('a token given twice is refused, even if one of them is right', async t => {
  const refused = { ok: false, cause: 'credentials_missing' }
  t.strictSame(await verdict({ Token: ['a', 'mews_test_token_01'] }), refused)
  t.strictSame(await verdict({ Token: ['a'], token: ['mews_test_token_01'] }), refused)
})

t.test('the letter case of the parameter does not matter', async t => {
  t.strictSame(await verdict({ token: ['mews_test_token_01'] }), { ok: true })
  t.strictSame(await verdict({ TOKEN: ['mews_test_token_01'] }), { ok: true })
})

t.test('two tokens are valid while support exchanges them', async t => {
  const both = { token: ['mews_test_token_02', 'mews_test_token_01'] }
  t.strictSame(await verdict({ Token: ['mews_test_token_01'] }, both), { ok: true })
  t.strictSame(await verdict({ Token: ['mews_test_token_02'] }, both), { ok: true })
})

t.test('the parameter is known to carry a secret', async t => {
  t.strictSame(mews.verification.secretQuery, ['Token'])
})

t.test('the very same body is legitimate later, so no delivery has an id', async t => {
  t.equal(mews.deliveryId, undefined)
})

t.test('the token identifies the partner, the ids in the body the property', async t => {
  const own = (told: unknown, using = connection) =>
    mews.isOwn?.(incomingOf(using, { body: JSON.stringify(told) }), using)
  const { enterprise, integration } = ids
  t.equal(own({ EnterpriseId: enterprise, IntegrationId: integration, Events: [] }), true)
  t.equal(own({ EnterpriseId: enterprise.toUpperCase(), IntegrationId: integration.toUpperCase() }), true)
  t.equal(own({ EnterpriseId: ids.other, IntegrationId: integration, Events: [] }), false)
  t.equal(own({ EnterpriseId: enterprise, IntegrationId: ids.other, Events: [] }), false)
  t.equal(own({ Action: 'IntegrationCreated', Data: { Enterprise: { Id: ids.other } } }), false)
  t.equal(own({ Action: 'IntegrationEnabled', Data: { Integration: { Id: ids.other } } }), false)
  t.equal(own({ Action: 'IntegrationEnabled', Data: { Integration: { Id: integration } } }), true)
  t.equal(own({ Events: [] }), true, 'what the body does not tell is not held against it')
  t.equal(own('no object'), true, 'nor a body that cannot be read')
})

t.test('a connection that names no property takes messages of every property', async t => {
  const body = message()
  const using = { ...connection, api: { client_token: 'c', access_token: 'a' } }
  t.equal(mews.isOwn?.(incomingOf(using, { body }), using), true)
  const without = { ...connection, api: undefined }
  t.equal(mews.isOwn?.(incomingOf(without, { body }), without), true)
})

t.test('PIN codes are asked for with true or false and nothing else', async t => {
  const fits = (pin_codes: string) =>
    mews.api !== undefined && Value.Check(mews.api, withApi({ pin_codes }).api)
  t.equal(fits('true'), true)
  t.equal(fits('false'), true)
  t.equal(fits('yes'), false)
})

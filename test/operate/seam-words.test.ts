import t, { type Test } from 'tap'
import { request } from 'undici'
import { serviceOf, storedKey } from '../api/call.ts'
import type { TestRelay } from '../open-relay.ts'
import { fakeSeam, listsOf, ok, refusal } from '../seam/fake-seam.ts'
import { act, ask, KEY, openOperated, TOKEN } from './operator.ts'

const GUEST = '/resources/default/acme/guest/g1'
const guest = {
  guest_key: 'g1',
  name: 'Ada Lovelace',
  email_address: 'ada@example.com',
  phone_number: '+12125550101'
}

const connections = `
connections:
  - { id: lake, platform: standard, customer_key: lake, secrets: { signing_secret: whsec_cmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQgcmlnaHQ= } }
`

const BEGINNING = 'Seam push_data: invalid_input: '
const SAID = `Guest ADA LOVELACE: invalid email "ada@example.com", '+12125550101' is taken`
const MASKED = `Guest A…: invalid email "…@example.com", '…01' is taken`

/** Seam has refused a guest in words that quote what it was sent. */
async function openRefused(t: Test, said = SAID) {
  const seam = await fakeSeam(t)
  seam.respond = call => (listsOf(call).guests === undefined ? ok : refusal(400, 'invalid_input', said))
  const env = { SEAM_API_KEY: 'seam_key', SEAM_ENDPOINT: seam.endpoint }
  const relay = await openOperated(t, { connections, env })
  const service = serviceOf(relay, KEY)
  await service.push({ customer_key: 'acme', guests: [guest] })
  await relay.settle()
  return { relay, seam, service }
}

/** Wherever an operator reads why Seam refused the guest. */
async function words(relay: TestRelay, query = '') {
  const read = async (path: string) => (await ask(relay, `${path}${query}`)).body
  const [attempt] = (await read('/attempts')).data
  const [delivery] = (await read('/deliveries')).data
  const [told] = (await read(`/deliveries/${delivery.id}`)).changes
  const life: { type: string; error: string }[] = (await read(`${GUEST}/life`)).data
  return {
    resource: (await read(GUEST)).reason,
    resources: (await read('/resources')).data[0].reason,
    group: (await read('/dead-letters')).data[0]?.cause,
    attempts: attempt.error,
    attempt: (await read(`/attempts/${attempt.id}`)).error,
    delivery: told.calls[0].error,
    life: life.find(each => each.type === 'sent')?.error
  }
}

t.test('words of Seam that quote whom they refuse are masked, wherever they stand', async t => {
  const { relay } = await openRefused(t)
  const all = (text: string) => ({
    resource: text,
    resources: text,
    group: text,
    attempts: text,
    attempt: text,
    delivery: text,
    life: text
  })
  t.strictSame(await words(relay), all(`${BEGINNING}${MASKED}`))
  t.strictSame(await words(relay, '?reveal=true'), all(`${BEGINNING}${SAID}`))
  const found = (await ask(relay, '/search?q=lovelace')).body.data
  t.match(found, [{ resource: { reason: `${BEGINNING}${MASKED}` } }])
  const tail = await request(`${relay.origin}/api/v1/tail`, {
    headers: { authorization: `Bearer ${TOKEN}`, 'last-event-id': `${relay.clock.now - 600_000}` }
  })
  const happened = await tail.body.text()
  t.match(happened, /Guest A…: invalid email/)
  t.notMatch(happened, /lovelace|ada@|0101/i)
})

t.test('none of them reach the log', async t => {
  const { relay } = await openRefused(t)
  const log = relay.logged.join('')
  t.match(log, /resource\.buried/)
  t.notMatch(log, /lovelace|ada@example|invalid email/i)
})

t.test('what Seam said of something that is otherwise by now is not shown but for its type', async t => {
  const { relay, seam, service } = await openRefused(t)
  seam.respond = () => ok
  await service.push({ customer_key: 'acme', guests: [{ ...guest, name: 'Grace Hopper' }] })
  await relay.settle()
  const failed = async (query = '') => (await ask(relay, `/attempts?failed=true${query}`)).body.data[0].error
  t.equal(await failed(), `${BEGINNING}…`)
  t.equal(await failed('&reveal=true'), `${BEGINNING}${SAID}`)
})

t.test('of calls that carried very much, nothing is shown but the type either', async t => {
  const { relay } = await openRefused(t)
  const { db } = relay.store
  const failed = async () =>
    (await ask(relay, '/attempts?failed=true')).body.data.map((each: { error: string }) => each.error)
  t.strictSame(await failed(), [`${BEGINNING}${MASKED}`])
  const [call] = await db.selectFrom('attempts').selectAll().where('error', 'is not', null).execute()
  const newer = `${call?.id}~`
  await db
    .insertInto('attempts')
    .values({ ...(call as NonNullable<typeof call>), id: newer })
    .execute()
  const carried = Array.from({ length: 5_000 }, (_each, at) => ({
    attempt_id: newer,
    workspace_id: 'default',
    kind: 'guest' as const,
    key: `other${at}`,
    revision: 1
  }))
  await db.insertInto('attempt_resources').values(carried).execute()
  t.strictSame(await failed(), [`${BEGINNING}…`, `${BEGINNING}…`])
})

t.test('what a customer waits for is told without what Seam was sent', async t => {
  const { relay, seam, service } = await openRefused(t)
  seam.respond = () => refusal(500, 'internal_server_error', 'Ada Lovelace broke it')
  await service.push({ customer_key: 'acme', guests: [{ ...guest, name: 'Ada Byron' }] })
  while ((await relay.relay.steps.translateOnce()) === 'busy');
  relay.clock.now += 60_000
  await relay.relay.steps.syncOnce()
  const error = async (query = '') => (await ask(relay, `/customers/default/acme${query}`)).body.error
  t.equal(await error(), 'Seam push_data: internal_server_error: …')
  t.equal(await error('?reveal=true'), 'Seam push_data: internal_server_error: Ada Lovelace broke it')
})

t.test('a customer that is not taken off is told of in Seam’s words', async t => {
  const { relay, seam } = await openRefused(t)
  seam.respond = () => refusal(400, 'invalid_input', 'acme has open invoices; ask ada@example.com')
  const mayOffboard = await storedKey(relay, { scopes: ['offboard'] })
  await serviceOf(relay, mayOffboard).delete({ customer_keys: ['acme'] })
  while ((await relay.relay.steps.translateOnce()) === 'busy');
  relay.clock.now += 60_000
  await relay.relay.steps.syncOnce()
  t.match((await ask(relay, '/attempts')).body.data, [
    { error: 'Seam delete_data: invalid_input: acme has open invoices; ask …@example.com' }
  ])
})

t.test('a refused deletion quotes nobody', async t => {
  const { relay, seam, service } = await openRefused(t)
  seam.respond = call =>
    call.operation === 'push_data' ? ok : refusal(400, 'invalid_input', 'guest g1 is in use')
  await service.push({ customer_key: 'acme', guests: [{ ...guest, name: 'Grace Hopper' }] })
  await relay.settle()
  await service.delete({ guest_keys: ['g1'] })
  await relay.settle()
  t.equal((await ask(relay, GUEST)).body.reason, 'Seam delete_data: invalid_input: guest g1 is in use')
})

t.test('why Seam refused something is told whole, however long it is', async t => {
  const long = `${'guests.0.name is too long; '.repeat(9)}shorten it`
  const { relay } = await openRefused(t, long)
  t.same(new Set(Object.values(await words(relay))), new Set([`${BEGINNING}${long}`]))
})

t.test('groups that read the same with people masked are revived together', async t => {
  const { relay, seam, service } = await openRefused(t)
  seam.respond = call => refusal(400, 'invalid_input', `${(call.body.guests as { name: string }[])[0]?.name}`)
  for (const [at, name] of ['Grace Hopper', 'Gerda Holm'].entries()) {
    await service.push({ customer_key: 'acme', guests: [{ guest_key: `g${at + 2}`, name }] })
    await relay.settle()
  }
  const { data } = (await ask(relay, '/dead-letters')).body
  const same = data.filter((each: { cause: string }) => each.cause === `${BEGINNING}G…`)
  t.equal(same.length, 2)
  t.equal(same[0].group, same[1].group)
  const job = await act(relay, 'POST', '/dead-letters/revive', { of: 'refused', group: same[0].group })
  t.equal(job.status, 202)
  seam.respond = () => ok
  await relay.settle()
  t.match((await ask(relay, `/jobs/${job.body.id}`)).body, { done: 2 })
})

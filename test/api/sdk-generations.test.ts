import type { SeamHttpApiError, SeamHttpInvalidInputError } from '@seamapi/http'
import t from 'tap'
import { openStore } from '../../src/store/store.ts'
import { tamed } from '../ingest/front-door.ts'
import { openRelay } from '../open-relay.ts'
import { env, KEY, serviceOf, storedCalls, storedKey } from './call.ts'
import { failureOf, generations, isStored, reservationsAtSeam, stay, wentWell } from './sdk-generations.ts'

for (const { name, open, ApiError, InvalidInputError, UnauthorizedError } of generations) {
  t.test(`${name}: what is pushed comes to Seam, and what is deleted goes`, async t => {
    const relay = await openRelay(t, { env })
    const { customers } = open(relay.origin)
    await customers.pushData(stay)
    t.match(await reservationsAtSeam(relay), [
      { reservation_key: 'r1', guest_key: 'ada', space_keys: ['cabin'] }
    ])
    await customers.pushData({
      ...stay,
      reservations: [{ ...stay.reservations[0], ends_at: '2027-07-04T10:00:00Z' }]
    } as typeof stay)
    t.match(await reservationsAtSeam(relay), [{ ends_at: '2027-07-04T10:00:00Z' }])
    await customers.deleteData({ reservation_keys: ['r1'], guest_keys: ['ada'], space_keys: [] })
    t.strictSame(await reservationsAtSeam(relay), [])
    const { guests = [], spaces } = await relay.held('lakeside')
    t.strictSame(guests, [])
    t.match(spaces, [{ space_key: 'cabin' }])
    await wentWell(t, relay)
  })

  t.test(`${name}: a comma and a space are part of a key, and an empty list takes nothing`, async t => {
    const relay = await openRelay(t, { env })
    const { customers } = open(relay.origin)
    const hut = { space_key: 'a,b c', name: 'Hut' }
    await customers.pushData({ ...stay, spaces: [...stay.spaces, hut] } as typeof stay)
    await relay.settle()
    t.match(await relay.held('lakeside'), { spaces: [hut, ...stay.spaces], reservations: stay.reservations })
    await customers.deleteData({ reservation_keys: ['r1'], space_keys: ['a,b c'], guest_keys: [] })
    await relay.settle()
    const { reservations, spaces, guests } = await relay.held('lakeside')
    t.equal(reservations, undefined)
    t.match(spaces, stay.spaces)
    t.equal(spaces?.length, 1)
    t.match(guests, stay.guests)
  })

  t.test(`${name}: an endpoint may end in a slash`, async t => {
    const relay = await openRelay(t, { env })
    await open(`${relay.origin}/`).customers.pushData(stay)
    t.equal((await reservationsAtSeam(relay)).length, 1)
  })

  t.test(`${name}: a wrong field is told as an invalid input, with its message`, async t => {
    const relay = await openRelay(t, { env })
    const { customers } = open(relay.origin)
    const empty = await failureOf(customers.pushData({ ...stay, customer_key: '' }))
    t.type(empty, InvalidInputError)
    const { statusCode, code, requestId, message } = empty as SeamHttpInvalidInputError
    t.match({ statusCode, code }, { statusCode: 400, code: 'invalid_input' })
    t.match(message, /customer_key must not be empty/)
    t.ok(
      relay.logged.some(line => JSON.parse(line).requestId === requestId),
      'its request id is in the log'
    )
    t.strictSame((empty as SeamHttpInvalidInputError).getValidationErrorMessages('customer_key'), [
      'must not be empty'
    ])
    const blank = await failureOf(customers.pushData({ customer_key: ' ' }))
    t.type(blank, InvalidInputError)
    t.match(blank, { statusCode: 400, code: 'invalid_input', requestId: /^[\da-f-]{36}$/ })
    t.strictSame((blank as SeamHttpInvalidInputError).getValidationErrorMessages('customer_key'), [
      'must not begin or end with white space'
    ])
    const soon = { ...stay, reservations: [{ ...stay.reservations[0], starts_at: 'soon' }] }
    const nested = await failureOf(customers.pushData(soon))
    t.type(nested, InvalidInputError)
    t.match((nested as Error).message, /^reservations\.0\.starts_at must /)
    const unknown = await failureOf(customers.deleteData({ customer_key: ['lakeside'] }))
    t.type(unknown, InvalidInputError)
    t.match((unknown as SeamHttpInvalidInputError).getValidationErrorMessages('customer_key'), [
      /leave it out/
    ])
    t.strictSame(await storedCalls(relay), [], 'nothing of it is kept')
  })

  t.test(`${name}: a key that is not known is told as unauthorized`, async t => {
    const relay = await openRelay(t, { env })
    const { customers } = open(relay.origin, 'seam_relay_of_nobody')
    for (const call of [customers.pushData(stay), customers.deleteData({ guest_keys: ['ada'] })]) {
      const failure = await failureOf(call)
      t.type(failure, UnauthorizedError)
      t.match((failure as SeamHttpApiError).requestId, /^[\w-]{36}$/)
    }
  })

  t.test(`${name}: what a key may not do is told as forbidden, with the scope that it lacks`, async t => {
    const relay = await openRelay(t, { env })
    const onlyPush = open(relay.origin, await storedKey(relay, { scopes: ['push'] }))
    await refused(onlyPush.customers.deleteData({ guest_keys: ['ada'] }), 403, 'forbidden', /scope delete/)
    await refused(
      open(relay.origin).customers.deleteData({ customer_keys: ['lakeside'] }),
      403,
      'forbidden',
      /scope offboard/
    )
    const limited = open(relay.origin, await storedKey(relay, { customers: ['riverside'] }))
    await refused(limited.customers.pushData(stay), 403, 'forbidden', /customer/)

    async function refused(call: PromiseLike<unknown>, status: number, code: string, message: RegExp) {
      const failure = await failureOf(call)
      t.type(failure, ApiError)
      t.match(failure, { statusCode: status, code, message, requestId: /^[\da-f-]{36}$/ })
    }
  })

  t.test(`${name}: a used idempotency key, and one that is under way, are told apart`, async t => {
    const relay = await openRelay(t, { env })
    const { customers } = open(relay.origin, KEY, { 'idempotency-key': 'k1', prefer: 'wait=60' })
    const first = customers.pushData(stay)
    // The newest SDK sends when it is asked for the outcome.
    const waiting = failureOf(first)
    await isStored(relay)
    const meanwhile = await failureOf(customers.pushData(stay))
    t.type(meanwhile, ApiError)
    t.match(meanwhile, { statusCode: 409, code: 'idempotency_key_in_use' })
    await relay.settle()
    t.equal(await waiting, undefined)
    t.equal(
      await failureOf(customers.pushData(stay)),
      undefined,
      'the same once more is answered as the first was'
    )
    const other = await failureOf(customers.pushData({ customer_key: 'riverside' }))
    t.type(other, ApiError)
    t.match(other, { statusCode: 422, code: 'idempotency_key_reused' })
    t.equal((await storedCalls(relay)).length, 1)
  })

  t.test(`${name}: with Prefer: wait, a refusal of Seam comes back in Seam’s own words`, async t => {
    const relay = await openRelay(t, { env })
    await relay.misbehave({ refuse_keys: ['r1'] })
    const waiting = failureOf(open(relay.origin, KEY, { prefer: 'wait=60' }).customers.pushData(stay))
    await isStored(relay)
    await relay.settle()
    const failure = await waiting
    t.type(failure, InvalidInputError)
    t.match(failure, { statusCode: 400, code: 'invalid_input', message: /reservation_key is refused/ })
  })

  t.test(
    `${name}: while the store cannot commit, the call fails as unavailable and nothing is lost`,
    async t => {
      const store = tamed(await openStore('file::memory:'))
      const relay = await openRelay(t, { env, store })
      t.teardown(() => store.close())
      store.refuse(new Error('disk full'))
      const failure = await failureOf(open(relay.origin).customers.pushData(stay))
      t.type(failure, ApiError)
      t.match(failure, { statusCode: 503, code: 'service_unavailable' })
      const { headers } = await serviceOf(relay).push(stay)
      t.equal(headers['retry-after'], '5')
      store.refuse(undefined)
      await open(relay.origin).customers.pushData(stay)
      t.equal((await reservationsAtSeam(relay)).length, 1)
    }
  )
}

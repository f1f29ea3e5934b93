import {
  SeamHttp,
  SeamHttpApiError,
  SeamHttpInvalidInputError,
  SeamHttpUnauthorizedError
} from '@seamapi/http'
import {
  SeamHttpApiError as FirstApiError,
  SeamHttpInvalidInputError as FirstInvalidInputError,
  Seam
} from 'seam'
import t from 'tap'
import { openRelay } from '../open-relay.ts'
import { env, KEY } from './call.ts'

const stay = {
  reservation_key: 'r1',
  guest_key: 'g1',
  space_keys: ['s1'],
  starts_at: '2027-03-01T15:00:00Z',
  ends_at: '2027-03-03T10:00:00Z'
}
const whole = {
  customer_key: 'acme',
  spaces: [
    { space_key: 's1', name: 'Loft' },
    { space_key: 'a,b c', name: 'Hut' }
  ],
  guests: [{ guest_key: 'g1', name: 'Ada' }],
  reservations: [stay]
}

t.test('the SDK that deletes by POST works without a change but its endpoint', async t => {
  const relay = await openRelay(t, { env })
  const seam = new Seam({ apiKey: KEY, endpoint: relay.origin })
  await seam.customers.pushData(whole)
  await relay.settle()
  t.match(await relay.held('acme'), { reservations: [stay] })
  await seam.customers.deleteData({ reservation_keys: ['r1'], space_keys: ['a,b c'] })
  await relay.settle()
  t.match(await relay.held('acme'), { reservations: undefined, spaces: [{ space_key: 's1' }] })

  const refused: unknown = await seam.customers.pushData({ customer_key: ' ' }).catch(error => error)
  if (!(refused instanceof FirstInvalidInputError)) return t.fail('it is another error')
  t.strictSame(refused.getValidationErrorMessages('customer_key'), ['must not begin or end with white space'])
  t.match(refused, { statusCode: 400, code: 'invalid_input', requestId: /^[\da-f-]{36}$/ })
  const forbidden = await seam.customers.deleteData({ customer_keys: ['acme'] }).catch(error => error)
  t.ok(forbidden instanceof FirstApiError)
  t.match(forbidden, { statusCode: 403, code: 'forbidden', message: /scope offboard/ })
})

t.test('so does the SDK that deletes by DELETE', async t => {
  const relay = await openRelay(t, { env })
  const seam = new SeamHttp({ apiKey: KEY, endpoint: relay.origin })
  await seam.customers.pushData(whole)
  await relay.settle()
  t.match(await relay.held('acme'), { reservations: [stay] })
  await seam.customers.deleteData({ reservation_keys: ['r1'], space_keys: ['a,b c'], guest_keys: [] })
  await relay.settle()
  t.match(await relay.held('acme'), {
    reservations: undefined,
    spaces: [{ space_key: 's1' }],
    guests: whole.guests
  })

  const refused: unknown = await seam.customers.pushData({ customer_key: ' ' }).catch(error => error)
  if (!(refused instanceof SeamHttpInvalidInputError)) return t.fail('it is another error')
  t.strictSame(refused.getValidationErrorMessages('customer_key'), ['must not begin or end with white space'])
  const forbidden = await seam.customers.deleteData({ customer_keys: ['acme'] }).catch(error => error)
  t.ok(forbidden instanceof SeamHttpApiError)
  t.match(forbidden, { statusCode: 403, code: 'forbidden', requestId: /^[\da-f-]{36}$/ })

  const stranger = new SeamHttp({ apiKey: 'seam_relay_wrong', endpoint: relay.origin })
  const unknown = await stranger.customers.pushData(whole).catch(error => error)
  t.ok(unknown instanceof SeamHttpUnauthorizedError)
})

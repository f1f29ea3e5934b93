import t from 'tap'
import { RelayError } from '../../src/errors.ts'
import {
  goneOnceAsked,
  type PlatformApi,
  unauthorized,
  unavailable,
  wanted
} from '../../src/platforms/api.ts'

const api: PlatformApi = {
  settings: {},
  readingTime: () => 0,
  request: async () => ({ status: 200, body: {} })
}
const refused = new RelayError('RELAY_PLATFORM_REFUSED')

t.test('what is wanted is answered as it is', async t => {
  t.equal(await wanted(api, async () => 'a code'), 'a code')
})

t.test('what the platform refuses is done without', async t => {
  for (const error of [refused, unauthorized('no')]) {
    t.equal(await wanted(api, () => Promise.reject(error)), undefined)
  }
})

t.test('what may be had later is waited for, until it has been asked for often enough', async t => {
  const trouble = unavailable('not now')
  const asking = () => Promise.reject(trouble)
  await t.rejects(wanted(api, asking), trouble)
  t.equal(await wanted({ ...api, goesWithout: error => error === trouble }, asking), undefined)
})

t.test('a mistake is none of the platform’s', async t => {
  const mistake = new TypeError('a mistake in the adapter')
  const asking = () => Promise.reject(mistake)
  await t.rejects(wanted({ ...api, goesWithout: () => true }, asking), mistake)
})

t.test('what a webhook says is on is gone only once the platform has been asked often enough', async t => {
  const again = { code: 'RELAY_PLATFORM_REFUSED', retryable: true, message: 'not known' }
  t.throws(() => goneOnceAsked(api, 'not known'), again)
  t.strictSame(goneOnceAsked({ ...api, goesWithout: () => true }, 'not known'), { gone: true })
})

import fc from 'fast-check'
import t from 'tap'
import { backoffMs, retryInMs } from '../src/backoff.ts'

const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

t.test('delays double up to the schedule’s longest', async t => {
  const delays = [1, 2, 3, 4, 5, 50].map(attempt => backoffMs({ firstMs: 100, maxMs: 1_000 }, attempt, 0.5))
  t.same(delays, [100, 200, 400, 800, 1_000, 1_000])
})

t.test('chance moves a delay by a fifth at most, and never past it', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), anyRandom, (attempt, random) => {
      const delay = backoffMs({ firstMs: 1_000, maxMs: 60_000 }, attempt, random)
      const planned = Math.min(1_000 * 2 ** (attempt - 1), 60_000)
      return delay >= planned * 0.8 && delay <= planned * 1.2
    })
  )
})

t.test('a longer Retry-After is kept in full', async t => {
  t.equal(backoffMs({ firstMs: 100, maxMs: 1_000 }, 1, 0.5, 90_000), 90_000)
  t.equal(backoffMs({ firstMs: 100, maxMs: 1_000 }, 5, 0.5, 10), 1_000)
})

t.test('what cannot get better is buried at once', async t => {
  t.equal(retryInMs({ mayPass: false, retryAfterMs: undefined }, 1, 0.5), undefined)
})

t.test('what can get better is tried for more than a day, then buried', async t => {
  const error = { mayPass: true, retryAfterMs: undefined }
  let total = 0
  let attempt = 1
  for (;;) {
    const wait = retryInMs(error, attempt, 0)
    if (wait === undefined) break
    total += wait
    attempt += 1
  }
  t.ok(total > 24 * 3_600_000, 'longer than any platform’s own outage should last')
  t.equal(retryInMs({ mayPass: true, retryAfterMs: 7_200_000 }, 1, 0.5), 7_200_000)
})

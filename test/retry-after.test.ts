import t from 'tap'
import { retryAfterMs } from '../src/retry-after.ts'

const now = Date.UTC(2027, 0, 10, 12)

t.test('seconds are milliseconds from now, parts of a second rounded up', t => {
  t.equal(retryAfterMs('0', now), 0)
  t.equal(retryAfterMs('120', now), 120_000)
  t.equal(retryAfterMs(' 1.0001 ', now), 1001)
  t.equal(retryAfterMs(['7', '9'], now), 7_000)
  t.end()
})

t.test('an HTTP date in any of its three forms is told from now, and one in the past is no wait', t => {
  for (const [form, wait] of [
    ['Sun, 10 Jan 2027 12:00:30 GMT', 30_000],
    ['Sunday, 10-Jan-27 12:00:30 GMT', 30_000],
    ['Sun Jan 10 12:00:30 2027', 30_000],
    ['Sun, 10 Jan 2027 11:59:30 GMT', 0]
  ] as const) {
    t.equal(retryAfterMs(form, now), wait, form)
  }
  t.end()
})

t.test('what is no wait is none', t => {
  const headers = [undefined, '', '  ', [], 'soon', '-5', '10s', '1e3', 'Sunday', '2027-01-10', `${10 ** 10}`]
  for (const header of headers) t.equal(retryAfterMs(header, now), undefined, String(header))
  t.end()
})

import t from 'tap'
import { doneShare, progressInWords } from '../../src/dashboard/progress.ts'

const NOW = Date.UTC(2027, 5, 20)
const job = {
  state: 'running' as const,
  total: 1200,
  done: 412,
  rate_per_second: 35.2,
  estimated_end_at: new Date(NOW + 22_000).toISOString()
}

t.test('how far work has come is said with counts and an estimate', async t => {
  t.equal(progressInWords(job, NOW), '412 of 1,200, 35 a second, about 22 s left')
  t.equal(
    progressInWords({ ...job, rate_per_second: 0.5 }, NOW + 21_500),
    '412 of 1,200, 0.5 a second, nearly done'
  )
  t.equal(progressInWords({ ...job, total: null, rate_per_second: null, estimated_end_at: null }, NOW), '412')
  t.equal(progressInWords({ ...job, rate_per_second: 0 }, NOW), '412 of 1,200, about 22 s left')
  t.equal(
    progressInWords({ ...job, state: 'cancelled' }, NOW),
    '412 of 1,200',
    'what is over has nothing left'
  )
})

t.test('a bar is full at the end, and of unknown length before anything is counted', async t => {
  t.equal(doneShare({ total: 4, done: 1 }), 0.25)
  t.equal(doneShare({ total: 4, done: 5 }), 1)
  t.equal(doneShare({ total: 0, done: 0 }), 1)
  t.equal(doneShare({ total: null, done: 3 }), undefined)
})

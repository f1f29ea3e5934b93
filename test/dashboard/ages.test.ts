import t from 'tap'
import { age, clockTime, count, dayOf, lasted, share, some, spell } from '../../src/dashboard/ages.ts'

const NOW = Date.UTC(2027, 5, 20, 21, 4, 12)
const berlin = { timeZone: 'Europe/Berlin' }

t.test('spans of time are said in the unit that a reader would choose', async t => {
  t.strictSame([-3, 0, 42, 89, 90, 720, 5400, 10_800, 130_000, 432_000].map(spell), [
    '0 s',
    '0 s',
    '42 s',
    '89 s',
    '2 min',
    '12 min',
    '2 h',
    '3 h',
    '2 days',
    '5 days'
  ])
  t.strictSame([180, 1400, 12_300, 120_000].map(lasted), ['180 ms', '1.4 s', '12 s', '2 min'])
})

t.test('an age looks back and ahead', async t => {
  t.equal(age(NOW - 2_000, NOW), 'just now')
  t.equal(age(NOW - 720_000, NOW), '12 min ago')
  t.equal(age(NOW + 7_200_000, NOW), 'in 2 h')
})

t.test('a time is the reader’s, with the day where it is another one, and the year likewise', async t => {
  t.equal(clockTime(NOW, NOW, berlin), '23:04:12')
  t.equal(clockTime(NOW + 3_600_000, NOW, berlin), '21 Jun 00:04', 'by then it is tomorrow in Berlin')
  t.equal(clockTime(Date.UTC(2026, 0, 2, 3, 4), NOW, berlin), '2 Jan 2026 04:04')
  t.match(clockTime(NOW, NOW), /^\d\d:\d\d:12$/)
  t.equal(dayOf(NOW, berlin), 'Sunday 20 June 2027')
  t.match(dayOf(NOW), /2027$/)
})

t.test('numbers have their separators, and nouns their number', async t => {
  t.equal(count(12_408), '12,408')
  t.equal(some(1, 'delivery', 'deliveries'), '1 delivery')
  t.equal(some(1200, 'call'), '1,200 calls')
})

t.test('a share is 100 % only where nothing failed', async t => {
  t.strictSame(
    [share(0, 0), share(3, 3), share(9_999, 10_000), share(1, 3)],
    ['–', '100 %', '99.9 %', '33.3 %']
  )
})

import t from 'tap'
import { changed, filterIn, fromLocal, inWords, searchOf, toLocal } from '../../src/dashboard/filters.ts'

t.test('filters stand in the address, and nothing else is taken from there', async t => {
  const filter = filterIn('?state=dead&connection=lakeside&state=held&strange=1&booking=%20', [
    'connection',
    'state',
    'booking'
  ])
  t.strictSame(filter, { connection: 'lakeside', state: 'dead' })
  t.equal(searchOf(filter), '?connection=lakeside&state=dead')
  t.equal(searchOf({ a: '', b: undefined, c: false }), '')
  t.equal(searchOf({ q: '<img src=x>&' }), '?q=%3Cimg+src%3Dx%3E%26')
  t.strictSame(filterIn(searchOf({ q: 'a&b=c' }), ['q']), { q: 'a&b=c' }, 'there and back')
})

t.test('one of them is changed, or taken out', async t => {
  const filter = { connection: 'lakeside', state: 'dead' }
  t.strictSame(changed(filter, 'state', 'held'), { connection: 'lakeside', state: 'held' })
  t.strictSame(changed(filter, 'state', ''), { connection: 'lakeside' })
})

t.test('times are written in the reader’s zone and sent as instants', async t => {
  const instant = '2027-06-20T08:15:00.000Z'
  t.equal(fromLocal(toLocal(instant)), instant)
  t.equal(toLocal(undefined), '')
  t.equal(toLocal('yesterday'), '')
  t.equal(fromLocal(''), '')
  t.equal(fromLocal('soon'), '')
})

t.test('what is about to be replayed is said in words', async t => {
  t.equal(inWords({}), 'all deliveries')
  t.equal(
    inWords({
      connection: 'lakeside',
      state: 'dead',
      type: 'reservation.created',
      booking: '48211',
      text: '0197',
      since: '2027-06-01',
      until: '2027-06-02'
    }),
    'deliveries of lakeside, that are dead, with the event reservation.created, of the booking 48211, whose id begins with 0197, since 2027-06-01, before 2027-06-02'
  )
  t.equal(inWords({ ids: 'a,b' }), 'deliveries with 2 chosen ids')
  t.equal(inWords({ ids: 'a' }), 'deliveries with the id a')
  t.equal(inWords({ strange: '1' }), 'deliveries strange 1')
})

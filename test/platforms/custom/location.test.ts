import t from 'tap'
import { clockMs, foundAt, shownPlace, typeAt, valueAt } from '../../../src/platforms/custom/location.ts'

const source = {
  entry: { kind: 'made', at: null, inner: { list: [{ id: 7 }] } },
  body: { kind: 'batch', account: 'a1' },
  headers: { 'x-event': 'booking' },
  query: { event: ['saved', 'other'] }
}

t.test('a path of names leads into objects and lists, and to nothing that is not theirs', async t => {
  t.equal(valueAt(source.entry, 'inner.list.0.id'), 7)
  for (const path of ['inner.list.1.id', 'kind.length', 'inner.toString', '__proto__', 'kind.x', 'at.x'])
    t.equal(valueAt(source.entry, path), undefined, path)
})

t.test('a place is in the entry, else in the body around it, in a header or in the address', async t => {
  t.equal(foundAt({ body: 'kind' }, source), 'made')
  t.equal(foundAt({ body: 'account' }, source), 'a1')
  t.equal(foundAt({ header: 'X-Event' }, source), 'booking')
  t.equal(foundAt({ query: 'event' }, source), 'saved')
  t.equal(foundAt({ query: 'none' }, source), undefined)
  t.equal(shownPlace({ body: 'data.type' }), 'body data.type')
})

t.test('the name of an event may have several parts, all of which have to be there', async t => {
  t.equal(typeAt({ body: 'kind' }, source), 'made')
  t.equal(
    typeAt([{ header: 'x-event' }, { query: 'event' }, { body: 'inner.list.0.id' }], source),
    'booking.saved.7'
  )
  t.equal(typeAt([{ header: 'x-event' }, { body: 'gone' }], source), undefined)
})

t.test('a clock is ISO with a zone, or seconds or milliseconds', async t => {
  const ms = Date.UTC(2027, 0, 10, 10)
  for (const value of [
    '2027-01-10T10:00:00Z',
    '2027-01-10T11:00:00+01:00',
    ms,
    String(ms),
    ms / 1000,
    String(ms / 1000)
  ])
    t.equal(clockMs(value), ms, String(value))
  t.equal(clockMs(ms / 1000 + 0.25), ms + 250)
  for (const value of [
    '2027-01-10T10:00:00',
    '2027-01-10',
    'soon',
    '',
    '12',
    12,
    -ms,
    ms * 1000,
    Number.NaN,
    null,
    undefined,
    true,
    {}
  ])
    t.equal(clockMs(value), undefined, String(value))
})

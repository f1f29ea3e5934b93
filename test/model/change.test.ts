import t from 'tap'
import {
  cancelled,
  merge,
  notPushed,
  remove,
  stays,
  upsertGuest,
  upsertPlace
} from '../../src/model/change.ts'

const stay = { id: 'b1', places: ['p1'], guest: null, start: null, end: null }

t.test('a booking consists of the stays that are named', async t => {
  t.strictSame(stays('b1', 5, [stay]), { change: 'stays', bookingId: 'b1', version: 5, stays: [stay] })
})

t.test('a cancellation names no stays, says why, and wins ties', async t => {
  const off = { change: 'stays', bookingId: 'b1', version: 5, stays: [], cancelled: true }
  t.strictSame(cancelled('b1', 5), { ...off, emptyBecause: 'cancelled' })
  t.strictSame(cancelled('b1', 5, 'declined'), { ...off, emptyBecause: 'declined' })
})

t.test('a booking that gives no access yet is no cancellation', async t => {
  t.strictSame(notPushed('b1', 5, 'inquiry'), {
    change: 'stays',
    bookingId: 'b1',
    version: 5,
    stays: [],
    emptyBecause: 'inquiry'
  })
})

t.test('what is told of a guest or place is a part, unless it is said to be the whole', async t => {
  const guest = { change: 'upsert', kind: 'guest', id: 'g1', fields: { name: null }, version: 5 }
  t.strictSame(upsertGuest('g1', 5, { name: null }), { ...guest, whole: false })
  t.strictSame(upsertGuest('g1', 5, { name: null }, true), { ...guest, whole: true })
  const place = { change: 'upsert', kind: 'place', id: 'p1', fields: {}, version: 5 }
  t.strictSame(upsertPlace('p1', 5, {}), { ...place, whole: false })
  t.strictSame(upsertPlace('p1', 5, {}, true), { ...place, whole: true })
})

t.test('removals and mergers name what is gone, and what it went into', async t => {
  t.strictSame(remove('place', 'p1', 5), { change: 'remove', kind: 'place', id: 'p1', version: 5 })
  t.strictSame(merge('guest', 'g1', 'g2', 5), {
    change: 'merge',
    kind: 'guest',
    id: 'g1',
    into: 'g2',
    version: 5
  })
})

import t from 'tap'
import { guestIdOf, placeKey, prefixed } from '../../src/desired/keys.ts'
import { connectionOf, stayOf } from './open-desired.ts'

const stay = stayOf('b1_r1')

t.test('a key carries its connection', t => {
  t.equal(prefixed(connectionOf(), 'b1'), 'lake:b1')
  t.end()
})

t.test('a setting replaces the whole key of a place', t => {
  const connection = connectionOf({ places: { p1: { key: 'beach-house' }, p2: { name: 'Loft' } } })
  t.same(
    ['p1', 'p2', 'p3'].map(id => placeKey(connection, id)),
    ['beach-house', 'lake:p2', 'lake:p3']
  )
  t.end()
})

t.test('a guest is known by the platform’s id, whatever else is told', t => {
  t.equal(guestIdOf({ id: 'g1', email: 'ada@example.com' }, stay), 'g1')
  t.end()
})

t.test(
  'without an id the e-mail tells guests apart, however it is written, and does not stand in the key',
  t => {
    const ids = ['ada@example.com', ' Ada@Example.COM '].map(email => guestIdOf({ email }, stay))
    t.equal(ids[0], ids[1])
    t.match(ids[0], /^email-[0-9a-f]{24}$/)
    t.not(guestIdOf({ email: 'grace@example.com' }, stay), ids[0])
    t.end()
  }
)

t.test('without both there is one guest for each stay', t => {
  for (const guest of [{}, { id: null, email: null }, { id: '', email: 'not an address' }]) {
    t.equal(guestIdOf(guest, stay), 'guest-of-b1_r1')
  }
  t.end()
})

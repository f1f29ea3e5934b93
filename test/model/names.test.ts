import t from 'tap'
import { keysNamedIn } from '../../src/model/names.ts'

t.test('what an entry names is read from all of its members', t => {
  const stay = {
    reservation_key: 's1',
    space_keys: ['p1', 2],
    guest_key: 'g1',
    name: 'Ada',
    unit_keys: null
  }
  t.same(keysNamedIn(stay), ['p1', '2', 'g1'])
  t.same(keysNamedIn({ space_key: 'p1', parent_site_key: 's1' }), ['s1'])
  t.same(keysNamedIn(null), [])
  t.end()
})

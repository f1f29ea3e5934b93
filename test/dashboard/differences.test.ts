import t from 'tap'
import { differences, flat } from '../../src/dashboard/differences.ts'

t.test('what differs is told member by member, in order', async t => {
  t.strictSame(
    differences(
      { id: 7, guest: { name: 'A…' }, rooms: [{ id: 'r1' }], gone: true, same: null },
      { id: 7, guest: { name: 'B…' }, rooms: [{ id: 'r1' }, { id: 'r2' }], same: null, empty: {} }
    ),
    [
      { path: 'guest.name', before: 'A…', after: 'B…' },
      { path: 'gone', before: 'true', after: undefined },
      { path: 'rooms[1].id', before: undefined, after: 'r2' },
      { path: 'empty', before: undefined, after: '{}' }
    ]
  )
})

t.test('nothing at all has no members, so all of the other is new', async t => {
  t.strictSame(differences(null, { a: 1 }), [{ path: 'a', before: undefined, after: '1' }])
  t.strictSame(differences(undefined, null), [])
  t.strictSame(differences({ list: [] }, { list: [] }), [])
  t.strictSame([...flat('words')], [['', 'words']])
  t.strictSame([...flat({ list: [] })], [['list', '[]']])
})

t.test('a difference without end is cut', async t => {
  const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`f${at}`, at]))
  t.equal(differences(null, many).length, 200)
})

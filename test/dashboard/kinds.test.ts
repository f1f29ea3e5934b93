import t from 'tap'
import { groupOf, kindNames } from '../../src/dashboard/kinds.ts'
import { kinds } from '../../src/model/kind.ts'

t.test('kinds are offered and grouped as the relay knows them', async t => {
  t.strictSame(
    Object.fromEntries(kindNames.map(kind => [kind, groupOf(kind)])),
    Object.fromEntries(Object.entries(kinds).map(([kind, { role }]) => [kind, role]))
  )
  t.equal(groupOf('igloo'), 'place', 'what nobody knows is found all the same')
})

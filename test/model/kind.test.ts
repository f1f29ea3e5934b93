import { readFileSync } from 'node:fs'
import t from 'tap'
import { parse } from 'yaml'
import {
  guestKinds,
  guestLists,
  kindNames,
  kindOfList,
  kinds,
  placeKinds,
  placeLists,
  pushOrder,
  stayLists
} from '../../src/model/kind.ts'

function bodyOf(operation: string): Record<string, { items?: { required?: string[]; properties?: object } }> {
  const document = parse(
    readFileSync(new URL(`../../openapi/seam/${operation}.yaml`, import.meta.url), 'utf8')
  )
  return document.paths[`/customers/${operation}`].post.requestBody.content['application/json'].schema
    .properties
}

t.test('every list of push_data is a kind, and its key is the member that Seam requires', async t => {
  const { customer_key: _customer, ...lists } = bodyOf('push_data')
  t.same(new Set(kindNames.map(kind => kinds[kind].list)), new Set(Object.keys(lists)))
  for (const kind of kindNames) {
    t.ok(lists[kinds[kind].list]?.items?.required?.includes(kinds[kind].keyField), kind)
  }
})

t.test('every list of delete_data but customer_keys belongs to a kind', async t => {
  const { customer_keys: _customers, ...lists } = bodyOf('delete_data')
  const known = kindNames.map(kind => kinds[kind].deleteList).filter(list => list !== undefined)
  t.same(new Set(known), new Set(Object.keys(lists)))
})

t.test('what a stay names a kind in is a member of a reservation', async t => {
  const members = Object.keys(bodyOf('push_data').reservations?.items?.properties ?? {})
  for (const kind of kindNames) {
    const { refField } = kinds[kind]
    if (refField !== undefined) t.ok(members.includes(refField), refField)
  }
})

t.test('places come before people, people before stays', async t => {
  t.ok(pushOrder.site < pushOrder.space)
  t.ok(pushOrder.space < pushOrder.guest)
  t.ok(pushOrder.guest < pushOrder.reservation)
})

t.test('every list a connection may choose is a kind of the right role; another is refused', async t => {
  for (const list of placeLists) t.equal(kinds[kindOfList(list)].role, 'place')
  for (const list of guestLists) t.equal(kinds[kindOfList(list)].role, 'guest')
  for (const list of stayLists) t.equal(kinds[kindOfList(list)].role, 'stay')
  for (const kind of [...placeKinds, ...guestKinds]) t.ok(kinds[kind].refField, `a stay can name a ${kind}`)
  t.throws(() => kindOfList('doors'), TypeError)
})

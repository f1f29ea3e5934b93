import fc from 'fast-check'
import t from 'tap'
import { kindNames, kinds } from '../../src/model/kind.ts'
import { SandboxState, type SavedResource } from '../../src/sandbox/state.ts'
import { completeStay } from './open-sandbox.ts'

function reservationOf(state: SandboxState): unknown {
  return state.view()[0]?.resources.reservations?.[0]
}

t.test('a push adds, and a push of the same key updates', async t => {
  const state = new SandboxState()
  state.push({ customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft' }] })
  state.push({ customer_key: 'acme', spaces: [{ space_key: 's2', name: 'Attic' }] })
  state.push({ customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft, renamed' }] })
  t.same(state.view(), [
    {
      customer_key: 'acme',
      resources: {
        spaces: [
          { space_key: 's1', name: 'Loft, renamed' },
          { space_key: 's2', name: 'Attic' }
        ]
      },
      stays: []
    }
  ])
})

t.test('fields that a later push leaves out are kept', async t => {
  const state = new SandboxState()
  state.push(completeStay())
  state.push({ customer_key: 'acme', reservations: [{ reservation_key: 'r1', name: 'Late arrival' }] })
  t.same(reservationOf(state), { ...completeStay().reservations[0], name: 'Late arrival' })
})

t.test('places named in a stay replace those named before, under any alias', async t => {
  const state = new SandboxState()
  const reservation = { reservation_key: 'r1', space_keys: ['s1', 's2'], room_keys: ['x'], guest_key: 'g1' }
  state.push({ customer_key: 'acme', reservations: [reservation] })
  state.push({ customer_key: 'acme', reservations: [{ reservation_key: 'r1', space_keys: ['s3'] }] })
  t.same(reservationOf(state), { reservation_key: 'r1', guest_key: 'g1', space_keys: ['s3'] })
})

t.test('a person named in a stay replaces the one named before, under any alias', async t => {
  const state = new SandboxState()
  state.push({ customer_key: 'acme', reservations: [{ reservation_key: 'r1', guest_key: 'g1', name: 'A' }] })
  state.push({ customer_key: 'acme', reservations: [{ reservation_key: 'r1', tenant_key: 't1' }] })
  t.same(reservationOf(state), { reservation_key: 'r1', name: 'A', tenant_key: 't1' })
})

t.test('metadata is merged by name; null and the empty string remove a name', async t => {
  const state = new SandboxState()
  const push = (custom_metadata: object) =>
    state.push({ customer_key: 'acme', reservations: [{ reservation_key: 'r1', custom_metadata }] })
  push({ a: '1', b: true, c: 'x', d: null })
  push({ a: null, c: '', e: false })
  t.same(reservationOf(state), { reservation_key: 'r1', custom_metadata: { b: true, e: false } })
})

t.test('the defaults of a space are merged by name, and null is kept as told', async t => {
  const state = new SandboxState()
  const push = (customer_data: object) =>
    state.push({ customer_key: 'acme', spaces: [{ space_key: 's1', name: 'Loft', customer_data }] })
  push({ time_zone: 'Europe/Berlin', address: 'Lane 1' })
  push({ address: null })
  t.same(state.view()[0]?.resources.spaces, [
    { space_key: 's1', name: 'Loft', customer_data: { time_zone: 'Europe/Berlin', address: null } }
  ])
})

t.test('a deletion removes what it names and nothing of another kind', async t => {
  const state = new SandboxState()
  state.push(completeStay())
  t.same(state.delete({ reservation_keys: ['r1', 's1'], room_keys: ['s1'] }), [
    { list: 'reservation_keys', key: 's1' },
    { list: 'room_keys', key: 's1' }
  ])
  const { reservations: _gone, customer_key: _own, ...left } = completeStay()
  t.same(state.view(), [{ customer_key: 'acme', resources: left, stays: [] }])
})

t.test('every kind that can be deleted is deleted through its own list', async t => {
  for (const kind of kindNames) {
    const { list, keyField, deleteList } = kinds[kind]
    if (deleteList === undefined) continue
    const state = new SandboxState()
    state.push({ customer_key: 'acme', [list]: [{ [keyField]: 'k', name: 'N' }] })
    t.equal(state.view().length, 1, list)
    t.same(state.delete({ [deleteList]: ['k'] }), [])
    t.same(state.view(), [], list)
  }
})

t.test('a list that Seam does not know deletes nothing', async t => {
  const state = new SandboxState()
  state.push({ customer_key: 'acme', sites: [{ site_key: 'acme', name: 'Site' }] })
  t.same(state.delete({ site_keys: ['acme'] }), [{ list: 'site_keys', key: 'acme' }])
  t.equal(state.view().length, 1)
})

t.test('customer_keys removes everything of those customers and of nobody else', async t => {
  const state = new SandboxState()
  state.push(completeStay())
  state.push({ customer_key: 'beta', sites: [{ site_key: 'b1', name: 'Site' }] })
  t.same(state.delete({ customer_keys: ['acme', 'nobody'] }), [{ list: 'customer_keys', key: 'nobody' }])
  t.same(
    state.view().map(({ customer_key }) => customer_key),
    ['beta']
  )
})

t.test('a key pushed for another customer moves there', async t => {
  const state = new SandboxState()
  state.push(completeStay())
  state.push({ customer_key: 'beta', spaces: [{ space_key: 's1', name: 'Loft' }] })
  t.same(
    state.view().map(({ customer_key, resources }) => [customer_key, new Set(Object.keys(resources))]),
    [
      ['acme', new Set(['guests', 'reservations'])],
      ['beta', new Set(['spaces'])]
    ]
  )
  t.same(state.customersOf('space_keys', 's1'), ['beta'])
  t.same(state.customersOf('customer_keys', 'acme'), ['acme'])
  t.same(state.customersOf('customer_keys', 'nobody'), [])
})

t.test('what is kept outside is enough to go on as before', async t => {
  const kept = new Map<string, SavedResource>()
  const state = new SandboxState({
    keep(kind, key, resource) {
      if (resource === undefined) kept.delete(`${kind} ${key}`)
      else kept.set(`${kind} ${key}`, { kind, key, resource: structuredClone(resource) })
    }
  })
  state.push(completeStay())
  state.push({
    customer_key: 'acme',
    guests: [{ guest_key: 'g2', name: 'Sam', email_address: 'kim@example.com' }],
    reservations: [{ ...completeStay().reservations[0], reservation_key: 'r2', guest_key: 'g2' }]
  })
  state.push(completeStay('r3', 'beta'))
  state.delete({ customer_keys: ['beta'] })
  state.push(completeStay())

  const again = new SandboxState({ saved: [...kept.values()] })
  t.same(again.view(), state.view())
  // Who comes later comes later after a restart too.
  const late = { guest_key: 'g0', name: 'Lee', email_address: 'kim@example.com' }
  again.push({
    customer_key: 'acme',
    guests: [late],
    reservations: [{ ...completeStay().reservations[0], reservation_key: 'r0', guest_key: 'g0' }]
  })
  t.match(again.view()[0]?.stays[0], { key: 'r0', access: 'skipped' })
})

t.test(
  'customers and resources are shown in the order of their keys, whatever the order of arrival',
  async t => {
    t.doesNotThrow(() =>
      fc.assert(
        fc.property(fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4 }), order => {
          const state = new SandboxState()
          for (const name of order) {
            state.push({
              customer_key: name,
              guests: order.map(key => ({ guest_key: `${name}${key}`, name: 'N' }))
            })
          }
          const shown = state
            .view()
            .map(({ customer_key, resources }) => [
              customer_key,
              (resources.guests as { guest_key: string }[]).map(({ guest_key }) => guest_key)
            ])
          const expected = ['a', 'b', 'c', 'd'].map(name => [
            name,
            ['a', 'b', 'c', 'd'].map(key => name + key)
          ])
          return JSON.stringify(shown) === JSON.stringify(expected)
        })
      )
    )
  }
)

t.test('the same key in two kinds is two resources', async t => {
  const state = new SandboxState()
  state.push({
    customer_key: 'acme',
    rooms: [{ room_key: '1', name: 'R' }],
    units: [{ unit_key: '1', name: 'U' }]
  })
  t.same(state.view()[0]?.resources, {
    rooms: [{ room_key: '1', name: 'R' }],
    units: [{ unit_key: '1', name: 'U' }]
  })
  state.delete({ room_keys: ['1'] })
  t.same(state.view()[0]?.resources, { units: [{ unit_key: '1', name: 'U' }] })
})

t.test('a replayed push changes nothing', async t => {
  const once = new SandboxState()
  const twice = new SandboxState()
  once.push(completeStay())
  twice.push(completeStay())
  twice.push(completeStay())
  t.same(twice.view(), once.view())
})

t.test('a late push brings a deleted stay back: the order is the caller’s business', async t => {
  const state = new SandboxState()
  state.push(completeStay())
  state.delete({ reservation_keys: ['r1'] })
  state.push(completeStay())
  t.match(state.view()[0]?.stays, [{ list: 'reservations', key: 'r1', access: 'granted' }])
})

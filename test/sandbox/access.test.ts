import t from 'tap'
import { kindNames, kinds } from '../../src/model/kind.ts'
import { SandboxState } from '../../src/sandbox/state.ts'
import { completeStay } from './open-sandbox.ts'

const [stay] = completeStay().reservations

/** Why the stay `r1` of acme has no access; undefined where it has. */
function reasonIn(state: SandboxState, key = 'r1', customer = 'acme'): string | undefined {
  const found = state
    .view()
    .find(each => each.customer_key === customer)
    ?.stays.find(each => each.key === key)
  if (found === undefined) return 'no such stay'
  return found.access === 'granted' ? undefined : found.reason
}

function reasonWith(changed: Record<string, unknown>, without: string[] = []): string | undefined {
  const fields = { ...stay, ...changed }
  const entry = Object.fromEntries(Object.entries(fields).filter(([name]) => !without.includes(name)))
  const state = new SandboxState()
  state.push({ ...completeStay(), reservations: [entry] })
  return reasonIn(state)
}

t.test('a complete stay of a known guest in a known place gets access', async t => {
  t.equal(reasonWith({}), undefined)
})

t.test('an incomplete stay is accepted and gets no access', async t => {
  t.equal(reasonWith({}, ['guest_key']), 'no_guest')
  t.equal(reasonWith({ guest_key: 'g9' }), 'unknown_guest')
  t.equal(reasonWith({ tenant_key: 'g1' }), 'several_guests')
  t.equal(reasonWith({}, ['space_keys']), 'no_place')
  t.equal(reasonWith({ space_keys: [] }), 'no_place')
  t.equal(reasonWith({ space_keys: ['s9'] }), 'unknown_place')
  t.equal(reasonWith({ space_keys: ['s1', 's9'] }), 'unknown_place')
  t.equal(reasonWith({}, ['starts_at']), 'no_start')
  t.equal(reasonWith({}, ['ends_at']), 'no_end')
})

t.test('the end must lie after the start', async t => {
  t.equal(reasonWith({ ends_at: stay?.starts_at }), 'end_not_after_start')
  t.equal(reasonWith({ ends_at: '2026-06-30T10:00:00Z' }), 'end_not_after_start')
})

t.test('a key of one kind does not name a resource of another', async t => {
  t.equal(reasonWith({ room_keys: ['s1'] }, ['space_keys']), 'unknown_place')
  t.equal(reasonWith({ tenant_key: 'g1' }, ['guest_key']), 'unknown_guest')
})

t.test('each kind of place and person can be named in each kind of stay', async t => {
  const places = kindNames.filter(kind => kinds[kind].role === 'place' && kinds[kind].refField !== undefined)
  const people = kindNames.filter(kind => kinds[kind].role === 'guest' && kinds[kind].refField !== undefined)
  for (const kind of kindNames.filter(each => kinds[each].role === 'stay')) {
    for (const place of places) {
      for (const person of people) {
        const state = new SandboxState()
        state.push({
          customer_key: 'acme',
          [kinds[place].list]: [{ [kinds[place].keyField]: 'p1', name: 'P' }],
          [kinds[person].list]: [{ [kinds[person].keyField]: 'q1', name: 'Q' }],
          [kinds[kind].list]: [
            {
              [kinds[kind].keyField]: 'r1',
              [String(kinds[place].refField)]: ['p1'],
              [String(kinds[person].refField)]: 'q1',
              starts_at: stay?.starts_at,
              ends_at: stay?.ends_at
            }
          ]
        })
        t.equal(reasonIn(state), undefined, `${kind} of ${person} in ${place}`)
      }
    }
  }
})

t.test('a property listing is named through space_keys', async t => {
  const state = new SandboxState()
  const { spaces: _none, ...rest } = completeStay()
  state.push({ ...rest, property_listings: [{ property_listing_key: 's1', name: 'Loft' }] })
  t.equal(reasonIn(state), undefined)
})

t.test('a place and a guest that come later heal the stay', async t => {
  const state = new SandboxState()
  const { spaces, guests, ...rest } = completeStay()
  state.push(rest)
  t.equal(reasonIn(state), 'unknown_guest')
  state.push({ customer_key: 'acme', guests })
  t.equal(reasonIn(state), 'unknown_place')
  state.push({ customer_key: 'acme', spaces })
  t.equal(reasonIn(state), undefined)
})

t.test('deleting the guest or the place takes the access away', async t => {
  for (const [list, key, reason] of [
    ['guest_keys', 'g1', 'unknown_guest'],
    ['space_keys', 's1', 'unknown_place']
  ] as const) {
    const state = new SandboxState()
    state.push(completeStay())
    state.delete({ [list]: [key] })
    t.equal(reasonIn(state), reason)
  }
})

t.test('places and guests of another customer count as unknown', async t => {
  const state = new SandboxState()
  const { guests, ...rest } = completeStay()
  state.push({ customer_key: 'beta', guests })
  state.push(rest)
  t.equal(reasonIn(state), 'unknown_guest')
  state.push({ customer_key: 'acme', guests })
  state.push({ customer_key: 'beta', spaces: rest.spaces })
  t.equal(reasonIn(state), 'unknown_place')
})

t.test('a stay whose guest has the e-mail or the phone of an earlier guest is skipped', async t => {
  const clash = 'user_identity_email_or_phone_conflict'
  for (const [contact, expected] of [
    [{ email_address: ' KIM@example.com ' }, clash],
    [{ phone_number: '+1 (555) 0100' }, clash],
    [{ email_address: 'sam@example.com', phone_number: '+15550101' }, undefined],
    [{ email_address: '', phone_number: '' }, undefined],
    [{}, undefined]
  ] as const) {
    const state = new SandboxState()
    state.push(completeStay())
    state.push({
      customer_key: 'acme',
      guests: [{ guest_key: 'g2', name: 'Sam', ...contact }],
      reservations: [{ ...stay, reservation_key: 'r2', guest_key: 'g2' }]
    })
    t.equal(reasonIn(state, 'r2'), expected)
    t.equal(reasonIn(state, 'r1'), undefined, 'the earlier guest keeps the access')
  }
})

t.test('contacts clash over customers and over kinds of people, staff too', async t => {
  for (const [list, keyField] of [
    ['user_identities', 'user_identity_key'],
    ['staff_members', 'staff_member_key']
  ] as const) {
    const state = new SandboxState()
    state.push({
      customer_key: 'beta',
      [list]: [{ [keyField]: 'x', name: 'X', email_address: 'kim@example.com' }]
    })
    state.push(completeStay())
    t.equal(reasonIn(state), 'user_identity_email_or_phone_conflict', list)
  }
})

t.test('a clash ends when the earlier guest goes or takes another address', async t => {
  const second = {
    customer_key: 'acme',
    guests: [{ guest_key: 'g2', name: 'Sam', email_address: 'kim@example.com' }],
    reservations: [{ ...stay, reservation_key: 'r2', guest_key: 'g2' }]
  }
  const gone = new SandboxState()
  gone.push(completeStay())
  gone.push(second)
  gone.delete({ guest_keys: ['g1'] })
  t.equal(reasonIn(gone, 'r2'), undefined)

  const moved = new SandboxState()
  moved.push(completeStay())
  moved.push(second)
  moved.push({
    customer_key: 'acme',
    guests: [{ guest_key: 'g1', name: 'Kim', email_address: 'new@example.com' }]
  })
  t.equal(reasonIn(moved, 'r2'), undefined)
  // Whoever comes back to an address given up comes back as the later one.
  moved.push(completeStay())
  t.equal(reasonIn(moved, 'r2'), undefined)
  t.equal(reasonIn(moved, 'r1'), 'user_identity_email_or_phone_conflict')
})

import t from 'tap'
import type { Change } from '../../../src/model/change.ts'
import { booking, bookingIn, emptied, standsAfter, stayOf, translated, uniqueId } from './records.ts'

const later = { UpdatedOn: '2027-02-12T10:02:11Z' }

t.test('times are those in UTC; the local ones look like it and are never read', async t => {
  t.strictSame(stayOf({ FromTimeLocal: '2027-02-15T14:00:00+00:00' })?.start, {
    instant: '2027-02-15T13:00:00.000Z'
  })
  t.strictSame(stayOf({})?.end, { instant: '2027-02-15T14:30:00.000Z' })
  t.strictSame(stayOf({ FromTime: '2027-02-15T13:00:00' })?.start, { instant: '2027-02-15T13:00:00.000Z' })
  t.strictSame([stayOf({ FromTime: null })?.start, stayOf({ ToTime: 'late' })?.end], [null, null])
})

t.test('a booking of no member is a block and gives no access', async t => {
  for (const CoworkerId of [null, undefined, '']) {
    t.match(bookingIn(translated('BookingUpdate', booking({ CoworkerId }))), {
      stays: [],
      emptyBecause: /block/,
      cancelled: undefined
    })
  }
})

t.test('a tentative booking waits for its approval, unless the connection pushes such', async t => {
  const tentative = booking({ Tentative: true })
  t.match(bookingIn(translated('BookingCreate', tentative)), { stays: [], emptyBecause: 'tentative' })
  t.equal(bookingIn(translated('BookingCreate', tentative, { tentative: 'push' }))?.stays.length, 1)
  t.equal(
    standsAfter([
      ['BookingCreate', {}],
      ['BookingUpdate', { Tentative: true, ...later }]
    ]),
    false
  )
  t.equal(
    standsAfter([
      ['BookingCreate', { Tentative: true }],
      ['BookingUpdate', later]
    ]),
    true
  )
})

t.test('a deletion takes the stay away, and nothing older brings it back', async t => {
  t.equal(
    standsAfter([
      ['BookingCreate', {}],
      ['BookingDelete', later]
    ]),
    false
  )
  t.equal(
    standsAfter([
      ['BookingDelete', later],
      ['BookingCreate', {}],
      ['BookingUpdate', later]
    ]),
    false
  )
  t.equal(
    standsAfter([
      ['BookingDelete', {}],
      ['BookingCreate', {}]
    ]),
    false,
    'on a tie the deletion wins'
  )
})

t.test('a record that says that it is cancelled is deleted, whatever the action', async t => {
  t.match(bookingIn(translated('BookingUpdate', booking({ IsCancelled: true, CoworkerId: null }))), {
    stays: [],
    cancelled: true
  })
  t.ok(stayOf({ IsCancelled: false }))
})

t.test('what is off or tentative as text or number is so too, and no door opens for it', async t => {
  for (const yes of ['true', 'True', '1', 1]) {
    t.match(bookingIn(translated('BookingUpdate', booking({ IsCancelled: yes }))), { cancelled: true })
    t.equal(stayOf({ Tentative: yes }), undefined)
  }
  for (const no of ['false', '0', 0, '', null, undefined]) t.ok(stayOf({ IsCancelled: no, Tentative: no }))
})

t.test('records are ordered by UpdatedOn, else by the time of receipt', async t => {
  t.equal(
    standsAfter([
      ['BookingUpdate', { ...later, Tentative: true }],
      ['BookingCreate', {}]
    ]),
    false
  )
  const versionOf = (UpdatedOn: unknown) =>
    bookingIn(translated('BookingCreate', booking({ UpdatedOn })))?.version
  t.equal(versionOf('2027-02-11T08:30:05Z'), Date.parse('2027-02-11T08:30:05Z'))
  t.equal(versionOf('2027-02-11T08:30:05'), Date.parse('2027-02-11T08:30:05Z'), 'without a zone it is UTC')
  t.equal(versionOf(null), Date.parse('2026-01-01T00:00:00Z'))
})

t.test(
  'a creation is never the later one, however often it is told within the second of a change',
  async t => {
    const waiting = { Tentative: true }
    for (const late of [0, 1, 2]) {
      const told: [string, Record<string, unknown>][] = [['BookingUpdate', {}]]
      const again: [string, Record<string, unknown>] = ['BookingCreate', waiting]
      t.equal(standsAfter([...told, ...Array(late).fill(again)]), true)
      t.equal(standsAfter([again, ...told, ...Array(late).fill(again)]), true)
    }
    t.equal(
      standsAfter([
        ['BookingCreate', {}],
        ['BookingUpdate', waiting],
        ['BookingCreate', {}]
      ]),
      false
    )
  }
)

t.test('a deletion wins over a change of the same second, in whatever order they come', async t => {
  for (const off of [
    ['BookingDelete', {}],
    ['BookingUpdate', { IsCancelled: true }]
  ] as [string, Record<string, unknown>][]) {
    t.equal(standsAfter([['BookingCreate', {}], ['BookingUpdate', {}], off]), false)
    t.equal(standsAfter([off, ['BookingUpdate', {}], ['BookingCreate', {}]]), false)
  }
})

t.test('a clock that is finer than a second needs no help', async t => {
  const versionOf = (action: string, UpdatedOn: string) =>
    bookingIn(translated(action, booking({ UpdatedOn })))?.version
  const fine = '2027-02-11T08:30:05.250Z'
  for (const action of ['BookingCreate', 'BookingUpdate', 'BookingDelete']) {
    t.equal(versionOf(action, fine), Date.parse(fine))
  }
})

t.test('the same goes for members and desks', async t => {
  const versionOf = (action: string) => {
    const [change] = translated(action, { Id: 7, UpdatedOn: later.UpdatedOn }) as unknown as [Change]
    return 'version' in change ? change.version : undefined
  }
  for (const noun of ['Coworker', 'FloorPlanDesk']) {
    t.equal(versionOf(`${noun}Create`), Date.parse(later.UpdatedOn))
    for (const action of ['Update', 'Delete']) {
      t.equal(versionOf(`${noun}${action}`), Date.parse(later.UpdatedOn) + 1)
    }
  }
})

t.test('the unique id is the key, in one letter case; without one the number is', async t => {
  t.equal(stayOf({ UniqueId: uniqueId.toUpperCase() })?.id, uniqueId)
  t.equal(stayOf({ UniqueId: null })?.id, '881204417')
})

t.test('a deletion that leaves one of the ids out ends the booking that was made with both', async t => {
  for (const UniqueId of [undefined, null, '']) {
    t.equal(
      standsAfter([
        ['BookingCreate', {}],
        ['BookingDelete', { UniqueId, ...later }]
      ]),
      false
    )
    t.equal(
      standsAfter([
        ['BookingCreate', { UniqueId }],
        ['BookingDelete', later]
      ]),
      false
    )
  }
})

t.test('what gives no access gives none under the id of its stay either', async t => {
  for (const [action, differing] of [
    ['BookingDelete', {}],
    ['BookingUpdate', { Tentative: true }],
    ['BookingUpdate', { CoworkerId: null }]
  ] as [string, Record<string, unknown>][]) {
    t.strictSame(emptied(translated(action, booking(differing))), ['881204417', uniqueId])
    t.strictSame(emptied(translated(action, booking({ ...differing, UniqueId: null }))), ['881204417'])
  }
})

t.test('every occurrence of a series is a booking of its own', async t => {
  const RepeatSeriesUniqueId = '11111111-2f0d-4b57-9a51-0d8f1b7e0002'
  t.equal(stayOf({ RepeatSeriesUniqueId, UniqueId: 'other' })?.id, 'other')
})

t.test('a resource is the place, and every booking that may stay in it tells its name', async t => {
  for (const action of ['BookingCreate', 'BookingUpdate']) {
    for (const Tentative of [false, true])
      t.match(translated(action, booking({ Tentative })), [
        { kind: 'place', id: '190022', fields: { name: 'Studio B' } },
        { change: 'stays' }
      ])
  }
  t.strictSame(stayOf({ ResourceId: null })?.places, [])
})

t.test('a desk has its own kind of id, for a resource may have the same number', async t => {
  const desk = { ResourceId: null, ResourceName: null, FloorPlanDeskId: 190022 }
  t.strictSame(stayOf(desk)?.places, ['desk:190022'])
  t.strictSame(stayOf({ FloorPlanDeskId: 6601 })?.places, ['190022'], 'the desk of a resource is within it')
  t.match(translated('BookingCreate', booking(desk)), [{ change: 'stays' }])
  const record = { Id: 6601, Name: 'Desk 12', UpdatedOn: '2027-02-11T08:29:00Z' }
  for (const action of ['FloorPlanDeskCreate', 'FloorPlanDeskUpdate']) {
    t.match(translated(action, record), [{ kind: 'place', id: 'desk:6601', fields: { name: 'Desk 12' } }])
  }
  t.match(translated('FloorPlanDeskDelete', record), [{ change: 'remove', kind: 'place', id: 'desk:6601' }])
})

t.test(
  'a booking that stays nowhere brings no desk back, as it may be the last one of a desk that is gone',
  async t => {
    const desk = { ResourceId: null, ResourceName: 'Desk 12', FloorPlanDeskId: 6601 }
    t.match(translated('BookingUpdate', booking(desk)), [{ kind: 'place', id: 'desk:6601' }, {}])
    for (const told of [
      translated('BookingDelete', booking(desk)),
      translated('BookingUpdate', booking({ ...desk, IsCancelled: true })),
      translated('BookingUpdate', booking({ ...desk, CoworkerId: null }))
    ]) {
      t.strictSame(emptied(told), ['881204417', uniqueId])
      t.match(told, { length: 2 })
    }
  }
)

t.test('a member is a guest by number; a missing detail is kept and an empty one is gone', async t => {
  const fieldsOf = (record: object) => {
    const [change] = translated('CoworkerUpdate', { Id: 7, ...record }) as unknown as [{ fields: object }]
    return change.fields
  }
  t.strictSame(fieldsOf({ FullName: 'Zoë', Email: 'zoe@example.com', MobilePhone: '' }), {
    name: 'Zoë',
    email: 'zoe@example.com',
    phone: null
  })
  t.strictSame(fieldsOf({ Email: null, Active: false }), { name: undefined, email: null, phone: undefined })
  t.match(translated('CoworkerDelete', { Id: 7, UpdatedOn: later.UpdatedOn }), [
    { change: 'remove', kind: 'guest', id: '7', version: Date.parse(later.UpdatedOn) + 1 }
  ])
})

t.test('what was read of a member has the member’s own clock', async t => {
  const coworker = {
    FullName: 'Zoë Haddad',
    Email: 'zoe@example.com',
    MobilePhone: '+46855501499',
    UpdatedOn: later.UpdatedOn
  }
  t.strictSame(stayOf({}, { facts: { coworker } })?.guest, {
    id: '77120045',
    name: 'Zoë Haddad',
    email: 'zoe@example.com',
    phone: '+46855501499',
    version: Date.parse(later.UpdatedOn) + 1
  })
  t.strictSame(stayOf({}, { facts: { coworker: {} } })?.guest, {
    id: '77120045',
    name: 'Zoë Lindqvist',
    email: undefined,
    phone: '+46855501470'
  })
  t.strictSame(stayOf({}, { facts: { gone: true } })?.guest, {
    id: '77120045',
    name: 'Zoë Lindqvist',
    phone: '+46855501470'
  })
})

t.test('a phone that was read as none is none, and one that was not told is that of the booking', async t => {
  const phoneOf = (coworker: object, differing = {}) =>
    stayOf(differing, { facts: { coworker } })?.guest?.phone
  for (const MobilePhone of [null, '', ' ']) t.equal(phoneOf({ MobilePhone }), null)
  t.equal(phoneOf({}), '+46855501470')
  t.equal(phoneOf({ MobilePhone: '+46855501499' }, { CoworkerMobilePhone: null }), '+46855501499')
})

t.test('the wished code is a custom field of the member', async t => {
  const facts = { coworker: { codes: { 'Salto.Pin': '481920' } } }
  const codeOf = (preferredCodeField?: string, known: unknown = facts) =>
    stayOf({}, { facts: known, preferredCodeField })?.preferredCode
  t.equal(codeOf('Salto.Pin'), '481920')
  t.equal(codeOf('Other'), undefined)
  t.equal(codeOf('toString'), undefined)
  t.equal(codeOf(), undefined)
  t.equal(codeOf('Salto.Pin', { gone: true }), undefined)
})

t.test('a record that is none is refused by itself', async t => {
  for (const record of [7, null, [], {}, { Id: null }]) {
    t.throws(() => translated('BookingCreate', record), { code: 'RELAY_EVENT_INVALID' })
  }
})

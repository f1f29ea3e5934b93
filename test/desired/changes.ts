import fc from 'fast-check'
import {
  type Change,
  type GuestFields,
  type Moment,
  merge,
  type PlaceFields,
  remove,
  type Stay,
  type StayGuest,
  stays,
  upsertGuest,
  upsertPlace
} from '../../src/model/change.ts'

/** Few names and few clocks, so that everything meets everything and ties are common. */
const bookings = ['b1', 'b2', 'b3']
const units = ['r1', 'r2', 'r3']
const places = ['p1', 'p2', 'p3', 'p4']
const guests = ['g1', 'g2', 'g3', 'g4']
const version = fc.integer({ min: 1, max: 7 })

/** Changes of a few bookings that share guests and places. */
export const anyChange: fc.Arbitrary<Change> = fc.oneof(
  { weight: 10, arbitrary: setOfStays() },
  { weight: 3, arbitrary: fc.tuple(guestId(), version, fc.boolean()).chain(aboutGuest) },
  { weight: 4, arbitrary: aboutPlace() },
  { weight: 1, arbitrary: removal() },
  { weight: 1, arbitrary: merging() }
)

/** Not told, told that there is none, or told. */
function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null | undefined> {
  return fc.oneof(
    { weight: 3, arbitrary: value },
    { weight: 1, arbitrary: fc.constantFrom<null | undefined>(null, undefined) }
  )
}

/** Every other time none. */
function sometimes<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.option(value, { freq: 2, nil: undefined }).map(each => (each === undefined ? [] : [each]))
}

function guestId(): fc.Arbitrary<string> {
  return fc.constantFrom(...guests)
}

function setOfStays(): fc.Arbitrary<Change> {
  return fc
    .tuple(fc.constantFrom(...bookings), version, fc.subarray(units), fc.integer({ min: 0, max: 9 }))
    .chain(([booking, at, ids, mood]) => {
      if (mood === 0) return fc.constant({ ...stays(booking, at, []), cancelled: true, emptyBecause: 'off' })
      if (mood === 1) return fc.constant({ ...stays(booking, at, []), emptyBecause: 'a request' })
      const own = fc.tuple(...ids.map(id => stay(`${booking}_${id}`)))
      return fc
        .tuple(own, sometimes(stay('shared')))
        .map(([list, more]) => stays(booking, at, [...list, ...more]))
    })
}

function stay(id: string): fc.Arbitrary<Stay> {
  return fc.record({
    id: fc.constant(id),
    name: maybe(fc.constantFrom('Lovelace', 'Hopper')),
    places: fc.option(fc.subarray(places, { maxLength: 2 }), { freq: 9, nil: undefined }),
    guest: fc.oneof(
      { weight: 8, arbitrary: fc.tuple(guestId(), fc.option(version, { nil: undefined })).chain(known) },
      { weight: 2, arbitrary: fc.constantFrom('m1', 'm2').map(byAddress) },
      { weight: 2, arbitrary: fc.constant<StayGuest>({ name: 'Somebody' }) },
      { weight: 1, arbitrary: fc.constantFrom(null, undefined) }
    ),
    start: moment('2027-03-1'),
    end: moment('2027-03-2'),
    preferredCode: maybe(fc.constantFrom('4711', '12', '0815'))
  })
}

function moment(month: string): fc.Arbitrary<Moment | null> {
  const day = fc.integer({ min: 1, max: 9 }).map(each => `${month}${each}`)
  return fc.oneof(
    { weight: 4, arbitrary: day.map(date => ({ instant: `${date}T15:00:00Z` })) },
    { weight: 4, arbitrary: day.map(date => ({ date })) },
    { weight: 2, arbitrary: day.map(date => ({ date, time: '17:30' })) },
    { weight: 1, arbitrary: fc.constant(null) }
  )
}

/** No two guests ever share an address or a number: who has one first keeps it, and that is no matter of versions. */
function fieldsOf(id: string): fc.Arbitrary<GuestFields> {
  const number = guests.indexOf(id)
  return fc.record({
    name: maybe(fc.constantFrom('Ada Lovelace', 'Grace Hopper', 'Noor Haddad')),
    email: maybe(fc.constantFrom(`${id}@example.com`, `${id}@example.org`, 'no address')),
    phone: maybe(fc.constantFrom(`+1212555010${number}`, `+1212555020${number}`, '12'))
  })
}

function known([id, own]: [string, number | undefined]): fc.Arbitrary<StayGuest> {
  return fieldsOf(id).map(fields => ({ id, ...fields, ...(own !== undefined && { version: own }) }))
}

function byAddress(name: string): StayGuest {
  return { name, email: `${name}@example.net` }
}

function aboutGuest([id, at, whole]: [string, number, boolean]): fc.Arbitrary<Change> {
  return fieldsOf(id).map(fields => upsertGuest(id, at, fields, whole))
}

function aboutPlace(): fc.Arbitrary<Change> {
  const fields: fc.Arbitrary<PlaceFields> = fc.record({
    name: maybe(fc.constantFrom('Loft', 'Attic')),
    timeZone: maybe(fc.constantFrom('Europe/Berlin', 'Pacific/Apia', '+02:00')),
    checkInTime: maybe(fc.constantFrom('15:00', '16:30')),
    checkOutTime: maybe(fc.constantFrom('11:00', '10:00'))
  })
  return fc
    .tuple(fc.constantFrom(...places), version, fields, fc.boolean())
    .map(([id, at, told, whole]) => upsertPlace(id, at, told, whole))
}

function removal(): fc.Arbitrary<Change> {
  return fc
    .tuple(fc.constantFrom(...places, ...guests), version)
    .map(([id, at]) => remove(kindOf(id), id, at))
}

function merging(): fc.Arbitrary<Change> {
  const pair = (ids: string[]) => fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids), version)
  return fc.oneof(pair(places), pair(guests)).map(([id, into, at]) => merge(kindOf(id), id, into, at))
}

function kindOf(id: string): 'place' | 'guest' {
  return id.startsWith('p') ? 'place' : 'guest'
}

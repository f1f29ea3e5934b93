import assert from 'node:assert/strict'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { RelayError } from '../../../src/errors.ts'
import { readStandardEvent } from '../../../src/platforms/standard/read.ts'
import { validEvent } from './arbitrary.ts'

t.test('every valid event is read as it is, but for empty texts', async t => {
  fc.assert(
    fc.property(validEvent, event => {
      const expected = withoutEmptyTexts(event)
      assert.deepStrictEqual(readStandardEvent(event), expected)
    })
  )
  t.pass('whatever members it has')
})

t.test('an empty text says that there is none, wherever null may', async t => {
  const nullTold = validEvent.filter(event => JSON.stringify(event).includes('null'))
  fc.assert(
    fc.property(nullTold, event => {
      const emptied = JSON.parse(JSON.stringify(event), (_name, value) => value ?? '')
      assert.deepStrictEqual(readStandardEvent(emptied), withoutEmptyTexts(event))
    })
  )
  const reservation = { id: 'R-1', listing_id: '', listing_ids: '', listing: '', units: '', guest: '' }
  const cancelled = { type: 'reservation.cancelled', timestamp: 1777714200000, id: '', data: reservation }
  t.match(readStandardEvent(cancelled), { id: null, data: { id: 'R-1', listing_ids: null, units: null } })
  const ping = { type: 'test.ping', id: '', timestamp: '', data: { of: [''] } }
  t.strictSame(readStandardEvent(ping), { ...ping, id: null, timestamp: null }, 'nobody reads its data')
})

t.test('an empty text is refused where something has to be told', async t => {
  for (const path of ['/timestamp', '/data', '/data/id', '/data/units/0/id', '/data/units/0/listing/id']) {
    t.match(refusal(withMember(wholeReservation, path, '')), `: ${path} must be `)
  }
  t.match(refusal(withMember(wholeReservation, '/data/listing_ids/1', '')), '/data/listing_ids/1 must be ')
})

t.test('an empty text among the metadata is one', async t => {
  const event = withMember(wholeReservation, '/data/metadata', { party: '' })
  t.match(readStandardEvent(event), { data: { metadata: { party: '' } } })
})

t.test('every single member that is spoilt is named', async t => {
  const paths = pathsOf(wholeReservation)
  for (const type of ['reservation.created', 'reservation.updated', 'reservation.cancelled']) {
    for (const path of paths) spoilAt(t, { ...wholeReservation, type }, path)
  }
  for (const type of ['guest.created', 'guest.updated', 'guest.deleted']) {
    for (const path of pathsOf(wholeGuest)) spoilAt(t, { ...wholeGuest, type }, path)
  }
  for (const type of ['listing.created', 'listing.updated', 'listing.deleted']) {
    for (const path of pathsOf(wholeListing)) spoilAt(t, { ...wholeListing, type }, path)
  }
})

t.test('whichever valid event it is, a member of another type is refused by its path', async t => {
  const spoilt = fc.tuple(validEvent, fc.nat()).filter(([event]) => event.type !== 'test.ping')
  fc.assert(
    fc.property(spoilt, ([event, choice]) => {
      const paths = pathsOf(event).filter(path => path !== '/type')
      const path = paths[choice % paths.length] ?? ''
      const message = refusal(withMember(event, path, { spoilt: {} }))
      if (!names(message, path)) throw new Error(`${message} does not name ${path}`)
    })
  )
  t.pass('and named')
})

t.test('a member that the format does not know is refused with those that it knows', async t => {
  t.equal(
    refusal(withMember(wholeGuest, '/data/emial', 'noor@example.com')),
    'guest.updated: /data/emial is not known; allowed here are id, name, first_name, last_name, email, phone, updated_at'
  )
  t.match(
    refusal(withMember(wholeReservation, '/data/startsAt', 1)),
    /^reservation.updated: \/data\/startsAt is not known \(write starts_at\); allowed here are id, status, /
  )
  for (const path of [
    '/extra',
    '/data/extra',
    '/data/guest/extra',
    '/data/units/0/extra',
    '/data/units/0/listing/extra'
  ]) {
    t.match(refusal(withMember(wholeReservation, path, 1)), `: ${path} is not known; allowed here are `)
  }
})

t.test('what is missing is named, with what it must be', async t => {
  const without = (event: object, path: string) => refusal(withMember(event, path, undefined))
  t.equal(without(wholeGuest, '/timestamp'), `guest.updated: /timestamp is missing; it must be ${clock}`)
  t.equal(
    without(wholeGuest, '/data'),
    'guest.updated: /data is missing; it must be an object with the guest’s id'
  )
  t.match(without(wholeGuest, '/data/id'), 'guest.updated: /data/id is missing; it must be a text')
  t.match(
    without(wholeReservation, '/data/id'),
    'reservation.updated: /data/id is missing; it must be a text'
  )
  t.match(without(wholeReservation, '/data/units/1/id'), '/data/units/1/id is missing')
  t.match(without(wholeReservation, '/data/units/0/listing/id'), '/data/units/0/listing/id is missing')
  t.match(without(wholeListing, '/type'), /^\/type must be one of reservation\.created, .*, test\.ping$/)
})

t.test('what is no event at all is told what an event is', async t => {
  for (const value of [undefined, null, 1, 'reservation.updated', [wholeGuest]]) {
    t.equal(refusal(value), 'an event must be an object with type, timestamp and data')
  }
  for (const type of ['reservation.moved', 'constructor', '__proto__', 7, null]) {
    t.match(refusal({ ...wholeGuest, type }), '/type must be one of reservation.created, ')
  }
})

t.test('an error never repeats a value, nor a name that may be one', async t => {
  const secret = 'Noor Haddad +12125550101'
  for (const path of pathsOf(wholeReservation)) {
    for (const value of [{ [secret]: secret }, [secret], `${secret}\0`]) {
      const message = refusalOrNothing(withMember(wholeReservation, path, value))
      t.notMatch(message, 'Noor', path)
      t.notMatch(message, '5550101', path)
    }
  }
  t.match(refusal(withMember(wholeGuest, '/data/a.b@c', 1)), 'guest.updated: /data/… is not known; allowed')
  t.match(
    refusal(withMember(wholeGuest, '/data/12125550101', 1)),
    'guest.updated: /data/… is not known; allowed'
  )
})

t.test('metadata keeps to the limits of Seam', async t => {
  const of = (metadata: unknown) => refusalOrNothing(withMember(wholeReservation, '/data/metadata', metadata))
  const named = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, true]))
  t.equal(of(named(50)), '')
  t.match(of(named(51)), '/data/metadata must be an object of at most 50 names')
  t.equal(of({ ['n'.repeat(40)]: 'x'.repeat(500), 'two words': false }), '')
  t.match(
    of({ ['n'.repeat(41)]: true }),
    '/data/metadata/… is not allowed; metadata must be an object of at most 50'
  )
  t.match(of({ 'a.b': true }), '/data/metadata/… is not allowed')
  t.match(
    of({ a: 'x'.repeat(501) }),
    '/data/metadata/a must be a text of at most 500 characters, or true or false'
  )
  for (const value of [null, 1, [], {}]) t.match(of({ a: value }), '/data/metadata/a must be a text')
})

const clock = 'an instant with its zone, written 2026-08-01T15:00:00Z, or whole milliseconds since 1970'

const guest = {
  id: 'G-77',
  name: 'Noor Haddad',
  first_name: 'Noor',
  last_name: 'Haddad',
  email: 'noor@example.com',
  phone: '+12125550101',
  updated_at: '2026-05-01T08:00:00Z'
}

const listing = {
  id: 5,
  name: 'Beach house',
  time_zone: 'Europe/Lisbon',
  check_in_time: '16:00',
  check_out_time: '11:00',
  address: '1 Example Street, Lisbon',
  latitude: 38.7,
  longitude: -9.1,
  duration_minutes: 60,
  updated_at: 1777714200000
}

const wholeReservation = {
  type: 'reservation.updated',
  id: 'evt_1',
  timestamp: '2026-05-02T09:30:00Z',
  data: {
    id: 'R-1',
    status: 'confirmed',
    updated_at: 1777714200000,
    name: 'Wedding',
    guest,
    arrival_date: '2026-08-01',
    departure_date: '2026-08-05',
    check_in_time: '14:00',
    check_out_time: '10:00',
    time_zone: 'Europe/Lisbon',
    listing_ids: ['L-1', 2],
    preferred_code: '4711',
    metadata: { party: 'wedding', paid: true },
    units: [
      { id: 'a', guest, starts_at: '2026-08-01T15:00:00Z', ends_at: '2026-08-05T11:00:00+02:00', listing },
      { id: 2, listing_id: 'L-6', name: 'Spare', metadata: { paid: false } }
    ]
  }
}
const wholeGuest = { type: 'guest.updated', timestamp: 1777714200000, data: guest }
const wholeListing = { type: 'listing.updated', timestamp: 1777714200000, data: listing }

/** A member, a list or an object spoilt in every way that its neighbours are not. */
function spoilAt(t: Test, event: object, path: string): void {
  if (path === '/type') return
  for (const value of [{ spoilt: {} }, [[]], 1.5, -1, '\0', ' ']) {
    if (allowedAnyway(path, value)) continue
    const message = refusal(withMember(event, path, value))
    t.ok(names(message, path), `${path}: ${message}`)
  }
}

/** Blank texts say that there is none; positions may be any number. */
function allowedAnyway(path: string, value: unknown): boolean {
  if (typeof value === 'number') return /latitude|longitude/.test(path)
  return value === ' ' && /name|email|phone|address|preferred_code|metadata\//.test(path)
}

/** With null in their place, but not among the metadata. */
function withoutEmptyTexts(value: unknown): unknown {
  if (value === '') return null
  if (Array.isArray(value)) return value.map(withoutEmptyTexts)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, told]) => [
    name,
    name === 'metadata' ? told : withoutEmptyTexts(told)
  ])
  return Object.fromEntries(members)
}

/** Of an object, the spoilt member inside it is named. */
function names(message: string, path: string): boolean {
  return message.includes(`: ${path} `) || message.includes(`: ${path}/`)
}

function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const here = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return [here, ...pathsOf(member, here)]
  })
}

function withMember(event: object, path: string, value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(event))
  const names = path.slice(1).split('/')
  const last = names.pop() ?? ''
  let parent = copy as Record<string, unknown>
  for (const name of names) parent = parent[name] as Record<string, unknown>
  if (value === undefined) delete parent[last]
  else parent[last] = value
  return copy
}

function refusal(value: unknown): string {
  const message = refusalOrNothing(value)
  if (message === '') throw new Error('it was accepted')
  return message
}

function refusalOrNothing(value: unknown): string {
  try {
    readStandardEvent(value)
    return ''
  } catch (error) {
    if (error instanceof RelayError && error.code === 'RELAY_EVENT_INVALID' && !error.retryable)
      return error.message
    throw error
  }
}

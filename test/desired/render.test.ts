import t from 'tap'
import { type Facts, tell } from '../../src/desired/facts.ts'
import { placeContext, placeField, renderGuest, renderPlace, renderStay } from '../../src/desired/render.ts'
import { type Moment, stays, upsertPlace } from '../../src/model/change.ts'
import type { Connection } from '../../src/model/connection.ts'
import { guestLists, placeLists, stayLists } from '../../src/model/kind.ts'
import { NEVER, stampOf } from '../../src/model/stamp.ts'
import { checkPushData } from '../../src/seam/contract.ts'
import { bodyOf } from '../../src/sync/batch.ts'
import { connectionOf, openDesired, stayOf } from './open-desired.ts'

function factsOf(fields: object): Facts {
  const facts: Facts = {}
  tell(facts, fields, stampOf(1, 'd1'), NEVER)
  return facts
}

const house = {
  name: 'Beach house',
  timeZone: 'Europe/Lisbon',
  checkInTime: '15:00',
  checkOutTime: '11:00',
  address: '1 Example Street',
  latitude: 38.7,
  longitude: -9.1,
  durationMinutes: 90
}

t.test('a space carries all that is known of a place', t => {
  t.same(renderPlace(connectionOf(), 'lake:p1', 'p1', factsOf(house)), {
    space_key: 'lake:p1',
    name: 'Beach house',
    customer_data: {
      time_zone: 'Europe/Lisbon',
      default_checkin_time: '15:00',
      default_checkout_time: '11:00',
      address: '1 Example Street'
    },
    geolocation: { latitude: 38.7, longitude: -9.1 },
    duration_minutes: 90
  })
  t.end()
})

t.test('what is no zone, no hour, no name, no place on earth and no duration is left out', t => {
  const odd = {
    name: '  ',
    timeZone: '+02:00',
    checkInTime: '3pm',
    checkOutTime: '24:00',
    address: ' ',
    latitude: 91,
    longitude: 0,
    durationMinutes: 1.5
  }
  const named = { space_key: 'lake:p1', name: 'p1' }
  const render = (facts: object) => renderPlace(connectionOf(), 'lake:p1', 'p1', factsOf(facts))
  t.same(render(odd), named)
  t.same(render({ latitude: 1, longitude: 181, durationMinutes: 0 }), named)
  t.same(render({ latitude: 1 }), named)
  t.end()
})

t.test(
  'what the operator says of a place beats what the platform tells; the connection fills the rest',
  t => {
    const connection = connectionOf({
      timeZone: 'Europe/Berlin',
      checkInTime: '14:00',
      checkOutTime: '10:00',
      places: { p1: { name: 'Villa', timeZone: 'Atlantic/Azores', checkInTime: '17:00', address: 'Pier 1' } }
    })
    t.same(renderPlace(connection, 'lake:p1', 'p1', factsOf({ ...house, checkOutTime: null })), {
      space_key: 'lake:p1',
      name: 'Villa',
      customer_data: {
        time_zone: 'Atlantic/Azores',
        default_checkin_time: '17:00',
        default_checkout_time: '10:00',
        address: 'Pier 1'
      },
      geolocation: { latitude: 38.7, longitude: -9.1 },
      duration_minutes: 90
    })
    const given = connectionOf({ places: { p1: { checkOutTime: '09:00' } } })
    t.equal(placeContext(given, 'p1', factsOf(house), true).checkOutTime, '09:00')
    t.end()
  }
)

t.test('other lists than spaces take a name alone', t => {
  const connection = connectionOf({ lists: { place: 'property_listings', guest: 'users', stay: 'bookings' } })
  t.same(renderPlace(connection, 'lake:p1', 'p1', factsOf(house)), {
    property_listing_key: 'lake:p1',
    name: 'Beach house'
  })
  t.end()
})

t.test('a guest has the name told last, else that of the stay, else "Guest"', t => {
  const nameOf = (facts: object) =>
    renderGuest(connectionOf(), 'k', factsOf(facts), { email: true, phone: true }).fields.name
  t.equal(nameOf({ name: 'Ada', fallbackName: 'Lovelace' }), 'Ada')
  t.equal(nameOf({ name: ' ', fallbackName: 'Lovelace' }), 'Lovelace')
  t.equal(nameOf({ name: null, fallbackName: '' }), 'Guest')
  t.end()
})

t.test('a phone becomes E.164; what is no address or number is left out with a warning', t => {
  const may = { email: true, phone: true }
  const good = renderGuest(
    connectionOf({ country: 'DE' }),
    'lake:g1',
    factsOf({ name: 'Ada', email: 'Ada@example.com', phone: '030 901820' }),
    may
  )
  t.same(good, {
    fields: {
      guest_key: 'lake:g1',
      name: 'Ada',
      email_address: 'Ada@example.com',
      phone_number: '+4930901820'
    },
    warnings: []
  })
  const bad = renderGuest(connectionOf(), 'k', factsOf({ email: 'at home', phone: '030 901820' }), may)
  t.same(bad.fields, { guest_key: 'k', name: 'Guest' })
  t.match(bad.warnings, [/e-mail address is not valid/, /phone number is not valid/])
  const none = renderGuest(connectionOf(), 'k', factsOf({ email: ' ', phone: null }), may)
  t.same(none.warnings, [])
  t.end()
})

const context = (connection: Connection, facts: object = {}, alive = true) => ({
  key: 'lake:p1',
  field: placeField(connection),
  context: placeContext(connection, 'p1', factsOf(facts), alive)
})
const guest = (phone?: string) => ({
  key: 'lake:g1',
  name: 'Ada Lovelace',
  context: { email: undefined, phone, mergedInto: undefined }
})
const times = { start: { instant: '2027-03-12T15:00:00Z' }, end: { instant: '2027-03-15T10:00:00Z' } }

function spanOf(start: Moment, end: Moment, place: object, connection = connectionOf()) {
  const rendered = renderStay(connection, 'k', factsOf({ start, end }), {
    places: [context(connection, place)],
    guest: guest()
  })
  return 'held' in rendered ? rendered.held : [rendered.fields.starts_at, rendered.fields.ends_at]
}

t.test('a date becomes an instant by the hours and the zone of the place', t => {
  t.same(spanOf({ date: '2027-07-01' }, { date: '2027-07-03' }, house), [
    '2027-07-01T14:00:00Z',
    '2027-07-03T10:00:00Z'
  ])
  t.same(
    spanOf(
      { date: '2027-07-01', time: '17:30' },
      { date: '2027-07-03', time: '09:15', timeZone: 'Asia/Kathmandu' },
      house
    ),
    ['2027-07-01T16:30:00Z', '2027-07-03T03:30:00Z'],
    'what the booking tells itself beats both'
  )
  t.end()
})

t.test('an hour that the clocks leave out is the one after the gap; one that comes twice is the first', t => {
  const berlin = { timeZone: 'Europe/Berlin' }
  t.same(spanOf({ date: '2027-03-28', time: '02:30' }, { date: '2027-10-31', time: '02:30' }, berlin), [
    '2027-03-28T01:30:00Z',
    '2027-10-31T00:30:00Z'
  ])
  const lordHowe = { timeZone: 'Australia/Lord_Howe' }
  t.same(spanOf({ date: '2027-10-03', time: '02:15' }, { date: '2028-04-02', time: '01:45' }, lordHowe), [
    '2027-10-02T15:45:00Z',
    '2028-04-01T14:45:00Z'
  ])
  t.end()
})

t.test('far from Greenwich the day at Seam is another one', t => {
  const zones = {
    'Pacific/Kiritimati': ['2027-07-01T01:00:00Z', '2027-07-02T21:00:00Z'],
    'Pacific/Apia': ['2027-07-01T02:00:00Z', '2027-07-02T22:00:00Z'],
    'Pacific/Pago_Pago': ['2027-07-02T02:00:00Z', '2027-07-03T22:00:00Z'],
    'Asia/Kathmandu': ['2027-07-01T09:15:00Z', '2027-07-03T05:15:00Z'],
    'America/St_Johns': ['2027-07-01T17:30:00Z', '2027-07-03T13:30:00Z']
  }
  for (const [timeZone, span] of Object.entries(zones)) {
    t.same(spanOf({ date: '2027-07-01' }, { date: '2027-07-03' }, { ...house, timeZone }), span, timeZone)
  }
  t.end()
})

t.test('a text that was cut within a character goes to Seam with a replacement for it', t => {
  const cut = 'Ada \ud83d'
  const address = 'Pier\0 1 \ud83d\ude00'
  t.match(renderPlace(connectionOf(), 'lake:p1', 'p1', factsOf({ name: cut, address })), {
    name: 'Ada \ufffd',
    customer_data: { address: 'Pier 1 \ud83d\ude00' }
  })
  const may = { email: true, phone: true }
  const nameOf = (name: string) => renderGuest(connectionOf(), 'k', factsOf({ name }), may).fields.name
  t.same([nameOf(cut), nameOf('\0')], ['Ada \ufffd', 'Guest'])
  const stay = factsOf({ ...times, metadata: { note: cut, nights: 3 } })
  const parts = { places: [context(connectionOf(), house)], guest: { ...guest(), name: cut } }
  t.match(renderStay(connectionOf(), 'k', stay, parts), {
    fields: { name: 'Ada \ufffd', custom_metadata: { note: 'Ada \ufffd', nights: 3 } }
  })
  t.end()
})

t.test('a stay that lacks something is held, and says what it lacks', t => {
  const connection = connectionOf()
  const whole = {
    facts: times as object,
    places: [context(connection)],
    guest: guest() as object | undefined
  }
  const heldFor = (differing: Partial<typeof whole>) => {
    const { facts, ...parts } = { ...whole, ...differing }
    const rendered = renderStay(connection, 'k', factsOf(facts), parts as Parameters<typeof renderStay>[3])
    return 'held' in rendered ? rendered.held : 'at Seam'
  }
  t.equal(heldFor({}), 'at Seam')
  t.match(heldFor({ places: [] }), /no room/)
  t.match(heldFor({ places: [context(connection), context(connection, {}, false)] }), /removed/)
  t.match(heldFor({ guest: undefined }), /no guest is named/)
  t.match(heldFor({ facts: { ...times, start: null } }), /no check-in is given/)
  t.match(heldFor({ facts: { start: times.start } }), /no check-out is given/)
  t.match(heldFor({ facts: { ...times, start: { date: '2027-03-12', time: '15:00' } } }), /time zone/)
  t.match(
    heldFor({ facts: { ...times, end: { date: '2027-03-15', timeZone: 'Europe/Berlin' } } }),
    /check_out_time/
  )
  t.match(heldFor({ facts: { ...times, end: times.start } }), /ends before/)
  t.end()
})

t.test('a held stay tells when it starts, as soon as that can be known', t => {
  const held = renderStay(connectionOf(), 'k', factsOf(times), { places: [], guest: guest() })
  t.equal(held.startsAt, Date.parse('2027-03-12T15:00:00Z'))
  const unknown = renderStay(connectionOf(), 'k', factsOf({}), { places: [], guest: guest() })
  t.equal(unknown.startsAt, null)
  t.end()
})

t.test('a code comes from the platform, from the phone, or not at all', t => {
  const codeBy = (preferredCode: Connection['preferredCode'], wished: string | null, phone?: string) => {
    const connection = connectionOf({ preferredCode })
    const rendered = renderStay(connection, 'k', factsOf({ ...times, preferredCode: wished }), {
      places: [context(connection)],
      guest: guest(phone)
    })
    return 'held' in rendered ? rendered.held : [rendered.fields.preferred_code, ...rendered.warnings]
  }
  t.same(codeBy('platform', ' 4711 ', '+12125550101'), ['4711'])
  t.same(codeBy('platform', null), [undefined])
  t.match(codeBy('platform', '12'), [undefined, /4 to 9 digits/])
  t.same(codeBy('phone_last_four', '4711', '+12125550101'), ['0101'])
  t.same(codeBy('phone_last_four', '4711'), [undefined])
  t.same(codeBy('none', '4711', '+12125550101'), [undefined])
  t.end()
})

t.test('a stay is named as told, else after its guest; the same place twice is named once', t => {
  const connection = connectionOf()
  const render = (facts: object) =>
    renderStay(connection, 'k', factsOf({ ...times, ...facts }), {
      places: [context(connection), context(connection)],
      guest: guest()
    })
  t.match(render({ name: 'Room 4' }), { fields: { name: 'Room 4', space_keys: ['lake:p1'] } })
  t.match(render({ name: ' ' }), { fields: { name: 'Ada Lovelace' } })
  t.end()
})

t.test(
  'metadata that is no longer told is taken away by name, since Seam keeps what it is not told again',
  async t => {
    const relay = await openDesired(t)
    const metadata = async () => (await relay.see('lake:b1'))?.fields?.custom_metadata
    const tell = (version: number, told: Record<string, string | boolean>) =>
      relay.say([stays('b1', version, [stayOf('b1', { metadata: told })])])

    await tell(2, { channel: 'phone', pets: true })
    t.same(await metadata(), { channel: 'phone', pets: true })
    await tell(3, { channel: 'web' })
    t.same(await metadata(), { channel: 'web', pets: null })
    await tell(1, { vip: true })
    t.same(
      await metadata(),
      { channel: 'web', pets: null, vip: null },
      'an older delivery may have reached Seam'
    )
    await tell(4, Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`n${index}`, true])))
    t.equal(Object.keys((await metadata()) ?? {}).length, 50, 'and never more than Seam takes')
    await tell(5, {})
    t.equal(
      Object.values((await metadata()) ?? {}).every(value => value === null),
      true
    )
  }
)

t.test('in whichever lists of Seam, the body is one that Seam takes', async t => {
  const connections = placeLists.flatMap(place =>
    guestLists.flatMap(guest =>
      stayLists.map(stay => {
        const id = `${place}-${guest}-${stay}`
        return connectionOf({ id, customerKey: id, lists: { place, guest, stay } })
      })
    )
  )
  const relay = await openDesired(t, connections)
  const person = { id: 'g1', name: 'Ada', email: 'ada@example.com', phone: '+12125550101' }
  for (const { id, lists } of connections) {
    await relay.say(
      [
        upsertPlace('p1', 1, house),
        stays('b1', 1, [
          stayOf('b1', { guest: person, preferredCode: '4711', metadata: { channel: 'phone' } }),
          stayOf('b2', { guest: { name: 'Somebody' }, places: ['p1', 'p2'] })
        ])
      ],
      id
    )
    const rows = [...(await relay.all(id)).values()]
    const resources = rows.map(row => ({ ...row, offered: false, startsAt: null }))
    const body = bodyOf({ operation: 'push_data', resources }, id) as Record<string, unknown[]>
    t.same(checkPushData(body, 'published'), undefined, id)
    t.same(
      [body[lists.place]?.length, body[lists.guest]?.length, body[lists.stay]?.length],
      [2, 2, 2],
      'each in its list'
    )
  }
})

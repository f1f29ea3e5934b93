import fc from 'fast-check'
import t from 'tap'
import { openRelay } from '../../open-relay.ts'
import { emptyStore } from '../../store/empty-store.ts'
import {
  bookingOf,
  receivedAt,
  reservation,
  stayOf,
  translated,
  unread,
  webhook
} from './reservation-body.ts'

const version = receivedAt

t.test(
  'a listing that is left out or cannot be read is not told; null, 0 and an empty text say that there is none',
  async t => {
    for (const listingMapId of [undefined, {}, [], true])
      t.match((await bookingOf({ listingMapId })).stays, [{ places: undefined }])
    for (const listingMapId of [null, 0, '', 'none'])
      t.strictSame((await bookingOf({ listingMapId })).stays[0]?.places, [])
  }
)

t.test('a reservation becomes one stay under its own id, never under the channel’s', async t => {
  t.strictSame(await stayOf({}), {
    id: '51200001',
    places: ['310042'],
    guest: { name: 'Ines Duarte', email: 'ines@example.com', phone: '+351912345678' },
    name: 'HMDEMO2B01',
    start: { date: '2026-01-10', time: '16:00' },
    end: { date: '2026-01-13' },
    preferredCode: '4821'
  })
})

t.test('every confirmed status gives a stay', async t => {
  for (const status of ['new', 'modified', 'confirmed', 'MODIFIED']) {
    t.equal((await bookingOf({ status })).stays.length, 1, status)
  }
})

t.test('tentative statuses wait, unless the connection pushes them', async t => {
  const pushing = { connection: { ...unread, tentative: 'push' as const } }
  for (const status of ['pending', 'awaitingPayment', 'unconfirmed', 'awaitingGuestVerification']) {
    t.strictSame(await bookingOf({ status }), {
      change: 'stays',
      bookingId: '51200001',
      version,
      stays: [],
      emptyBecause: status
    })
    t.strictSame(await bookingOf({ status }, pushing), await bookingOf({ status: 'new' }), status)
  }
})

t.test('inquiries, the status unknown and owner stays get no access and cancel nothing', async t => {
  const pushing = { connection: { ...unread, tentative: 'push' as const } }
  const reasons = {
    inquiry: 'inquiry',
    inquiryPreapproved: 'inquiryPreapproved',
    unknown: 'unknown',
    ownerStay: 'owner stay'
  }
  for (const [status, because] of Object.entries(reasons)) {
    t.strictSame(
      await bookingOf({ status }, pushing),
      { change: 'stays', bookingId: '51200001', version, stays: [], emptyBecause: because },
      status
    )
  }
})

t.test('a cancellation is an update with a status of its own', async t => {
  for (const status of [
    'cancelled',
    'declined',
    'expired',
    'inquiryDenied',
    'inquiryTimedout',
    'inquiryNotPossible'
  ]) {
    t.strictSame(
      await bookingOf({ status }),
      { change: 'stays', bookingId: '51200001', version, stays: [], emptyBecause: status, cancelled: true },
      status
    )
  }
})

t.test('a status nobody documented changes nothing', async t => {
  for (const status of ['teleported', 'constructor']) {
    t.strictSame(await translated(webhook({ ...reservation, status })), {
      ignored: `status ${JSON.stringify(status)} is not known`,
      drift: 'unknown_status'
    })
  }
})

t.test('unspecified dates, which are yesterday’s, are never pushed', async t => {
  for (const isDatesUnspecified of [1, true, '1', 'True']) {
    t.strictSame(await bookingOf({ isDatesUnspecified }), {
      change: 'stays',
      bookingId: '51200001',
      version,
      stays: [],
      emptyBecause: 'dates not specified'
    })
  }
  for (const isDatesUnspecified of [0, false, null, undefined]) {
    t.equal((await bookingOf({ isDatesUnspecified })).stays.length, 1)
  }
  t.match(await bookingOf({ isDatesUnspecified: 1, status: 'cancelled' }), { cancelled: true })
  const pushing = { connection: { ...unread, tentative: 'push' as const } }
  t.strictSame((await bookingOf({ isDatesUnspecified: 1, status: 'pending' }, pushing)).stays, [])
})

t.test('a stay of no nights goes on as it is, for the relay to hold', async t => {
  t.match(await stayOf({ departureDate: '2026-01-10', checkInTime: null }), {
    start: { date: '2026-01-10' },
    end: { date: '2026-01-10' }
  })
})

t.test('hours are told only where the booking tells an hour of the day', async t => {
  const timeOf = async (checkInTime: unknown) => {
    const start = (await stayOf({ checkInTime }))?.start
    return start && 'time' in start ? start.time : undefined
  }
  t.equal(await timeOf(0), '00:00')
  t.equal(await timeOf(9), '09:00')
  t.equal(await timeOf('23'), '23:00')
  for (const none of [null, undefined, '', 24, -1, 15.5, '15:00', true])
    t.equal(await timeOf(none), undefined)
  t.match(await stayOf({ checkOutTime: 10 }), { end: { date: '2026-01-13', time: '10:00' } })
})

t.test('a date that is missing or no date leaves the stay without one', async t => {
  t.match(await stayOf({ arrivalDate: null, departureDate: 'soon' }), { start: null, end: null })
  t.match(await stayOf({ arrivalDate: undefined }), { start: null })
  t.match(await stayOf({ arrivalDate: '2026-01-10 00:00:00' }), { start: { date: '2026-01-10' } })
})

t.test('a stay without a listing has no place yet', async t => {
  for (const listingMapId of [null, 0, '']) t.strictSame((await stayOf({ listingMapId }))?.places, [])
  t.equal((await stayOf({ listingMapId: undefined }))?.places, undefined, 'unless it is left out')
})

t.test('the wished code is the reservation’s; none told is not the same as not told', async t => {
  t.equal((await stayOf({ doorCode: null }))?.preferredCode, null)
  t.equal((await stayOf({ doorCode: '' }))?.preferredCode, null)
  t.equal((await stayOf({ doorCode: undefined }))?.preferredCode, undefined)
  t.equal((await stayOf({ doorCode: 4821 }))?.preferredCode, '4821')
})

t.test('a guest may lack a last name, an e-mail, a phone, or any name', async t => {
  const noLast = { guestName: null, guestLastName: null }
  t.strictSame((await stayOf({ ...noLast, guestEmail: null, phone: undefined }))?.guest, {
    name: 'Ines',
    email: null,
    phone: undefined
  })
  t.equal((await stayOf({ ...noLast, confirmationCode: null }))?.name, 'Ines')
  t.equal((await stayOf({ ...noLast, guestFirstName: '' }))?.guest?.name, undefined)
})

t.test('a guest whose data was deleted is still the guest of the stay', async t => {
  const names = ['guestName', 'guestFirstName', 'guestLastName', 'guestEmail', 'phone']
  for (const none of [null, '', undefined]) {
    const forgotten = Object.fromEntries(names.map(name => [name, none]))
    t.strictSame((await stayOf({ status: 'modified', ...forgotten }))?.guest, {}, `all ${none}`)
  }
})

t.test('a shorter body takes away neither the guest nor the listing that it leaves out', async t => {
  const relay = await openRelay(t, {
    store: await emptyStore(),
    connections: `connections:
  - { id: h, platform: hostaway, customer_key: h, secrets: { username: u, password: a-password-of-ours-0001 },
      time_zone: Europe/Lisbon, check_in_time: "15:00", check_out_time: "11:00" }`
  })
  const { id, guestName } = reservation
  const tell = async (data: object) => {
    await relay.deliver('h', { event: '', body: JSON.stringify(webhook(data)) })
    await relay.settle()
    return (await relay.held('h')).reservations
  }
  const dates = { arrivalDate: '2027-03-10', departureDate: '2027-03-13' }
  const [told] = (await tell({ ...reservation, ...dates })) ?? []
  t.match(told, { guest_key: /^h:email-/, space_keys: ['h:310042'], ends_at: '2027-03-13T11:00:00Z' })
  const short = { id, guestName, status: 'modified', ...dates, departureDate: '2027-03-14' }
  t.match(await tell(short), [
    { guest_key: told?.guest_key, space_keys: ['h:310042'], ends_at: '2027-03-14T11:00:00Z' }
  ])
})

t.test('the name of the listing is told unless the reservation stays nowhere', async t => {
  const place = {
    change: 'upsert',
    kind: 'place',
    id: '310042',
    fields: { name: 'Harbour Flat 2B' },
    whole: false,
    version
  }
  for (const status of ['new', 'pending']) {
    const told = await translated(webhook({ ...reservation, status }))
    t.strictSame(Array.isArray(told) && told[0], place, status)
  }
  for (const status of ['cancelled', 'inquiry', 'ownerStay']) {
    const told = await translated(webhook({ ...reservation, status }))
    t.equal(Array.isArray(told) && told.length, 1, status)
  }
  for (const nothing of [{ listingName: null }, { listingMapId: null }]) {
    const told = await translated(webhook({ ...reservation, ...nothing }))
    t.equal(Array.isArray(told) && told.length, 1)
  }
})

t.test('the version is the later of the two clocks, in UTC, else the time of receipt', async t => {
  const versionOf = async (changed: Record<string, unknown>) => (await bookingOf(changed)).version
  const earlier = '2025-12-01 10:40:00'
  const later = '2025-12-01 10:40:30'
  // A change, which is behind the creation of its second.
  const ms = Date.parse('2025-12-01T10:40:30Z') + 1
  t.equal(await versionOf({ latestActivityOn: later }), ms)
  t.equal(await versionOf({ updatedOn: later }), ms)
  t.equal(await versionOf({ latestActivityOn: later, updatedOn: earlier }), ms)
  t.equal(await versionOf({ latestActivityOn: earlier, updatedOn: later }), ms)
  t.equal(await versionOf({ updatedOn: '2025-12-01T11:40:30+01:00' }), ms, 'or with a zone')
  for (const none of ['2025-12-01', '0000-00-00 00:00:00', '', null, undefined]) {
    t.equal(await versionOf({ latestActivityOn: none }), receivedAt, `${none} is no clock`)
  }
})

t.test('within one second a change counts as later than the creation, and a cancellation wins', async t => {
  const versionOf = async (event: string, status: string) => {
    const body = webhook({ ...reservation, status, latestActivityOn: '2025-12-01 10:40:30' }, { event })
    const told = [await translated(body)].flat().at(-1)
    return told !== undefined && 'version' in told ? told.version : 0
  }
  const created = await versionOf('reservation.created', 'new')
  const changed = await versionOf('reservation.updated', 'modified')
  t.ok(created < changed)
  t.equal(await versionOf('reservation.updated', 'cancelled'), changed)
})

t.test('a short cancellation without a clock beats an update that told its clock', async t => {
  const update = await bookingOf({ latestActivityOn: '2025-12-01 10:41:00' })
  const short = { id: 51200001, listingMapId: 310042, status: 'cancelled' }
  const [cancellation] = [await translated(webhook(short))].flat()
  t.match(cancellation, { cancelled: true, version: receivedAt })
  t.ok(receivedAt > update.version)
})

t.test('what changed later has the greater version, whatever the order of arrival', async t => {
  const second = fc.integer({ min: 1_700_000_000, max: 1_900_000_000 })
  const datetime = (s: number) => new Date(s * 1000).toISOString().slice(0, 19).replace('T', ' ')
  await fc.assert(
    fc.asyncProperty(second, second, fc.nat(3_600_000), async (a, b, delay) => {
      const told = (s: number, arrival: number) =>
        bookingOf({ latestActivityOn: datetime(s) }, { receivedAt: arrival })
      const [one, other] = [await told(a, b * 1000 + delay), await told(b, a * 1000)]
      return Math.sign(one.version - other.version) === Math.sign(a - b)
    }),
    { numRuns: 50 }
  )
  t.pass('for any two times')
})

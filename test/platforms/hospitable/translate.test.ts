import t from 'tap'
import { openRelay } from '../../open-relay.ts'
import { emptyStore } from '../../store/empty-store.ts'
import {
  bookingOf,
  connection,
  data,
  event,
  stayOf,
  translated,
  version,
  withStatus
} from './reservations.ts'

t.test('a confirmed booking is one stay in all its properties', async t => {
  const stay = await stayOf({ properties: [{ id: 'p-1' }, { id: 2 }, { id: 'p-1' }] })
  t.strictSame(stay?.places, ['p-1', '2'])
})

t.test('the status decides by its current category', async t => {
  const off = (because: string) => ({
    change: 'stays',
    bookingId: 'r-1',
    // Behind all else of its second.
    version: version + 999,
    stays: [],
    emptyBecause: because,
    cancelled: true
  })
  t.strictSame(await bookingOf(withStatus('cancelled')), off('cancelled'))
  t.strictSame(await bookingOf(withStatus('Cancelled')), off('cancelled'), 'letter case does not matter')
  t.strictSame(await bookingOf(withStatus('not accepted')), off('not accepted'))
  t.strictSame(await bookingOf(withStatus('not_accepted', 'declined')), off('declined'))
  t.strictSame(await bookingOf(withStatus('not accepted', 'withdrawn')), off('withdrawn'))
  t.strictSame(await bookingOf(withStatus('not accepted', 'expired')), off('expired'))
})

t.test('the deprecated status is not looked at', async t => {
  const body = { ...withStatus('cancelled'), status: 'accepted' }
  t.match(await bookingOf(body), { cancelled: true })
})

t.test('a request is held back, unless the connection wants tentative bookings', async t => {
  for (const sub of ['pending verification', 'request to book', 'request for payment', 'awaiting approval']) {
    const body = withStatus('request', sub)
    t.match(await bookingOf(body), { stays: [], emptyBecause: 'request', cancelled: undefined })
    t.match(await bookingOf(body, { ...connection, tentative: 'push' }), { stays: [{ id: 'r-1' }] })
  }
})

t.test('an unknown status destroys nothing', async t => {
  const drift = 'unknown_status'
  t.strictSame(await translated(withStatus('unknown')), { ignored: 'Hospitable does not know the status' })
  t.strictSame(await translated(withStatus('checkpoint')), {
    ignored: 'status "checkpoint" is not known',
    drift
  })
  t.match(await translated({ ...event, data: { ...data, reservation_status: undefined } }), { drift })
})

t.test('an owner stay gives no access, and a cancelled one is cancelled', async t => {
  const owner = { ...event, data: { ...data, stay_type: 'owner_stay' } }
  t.match(await bookingOf(owner), { stays: [], emptyBecause: 'owner stay' })
  const cancelled = withStatus('cancelled')
  t.match(
    await bookingOf({ ...cancelled, data: { ...(cancelled.data as object), stay_type: 'owner_stay' } }),
    {
      emptyBecause: 'cancelled',
      cancelled: true
    }
  )
})

const unusable = [
  { platform_id: '' },
  { platform_id: {} },
  { guest: { id: '' } },
  { guest: [] },
  { guest: { id: 'g1', phone_numbers: {} } },
  { properties: [null] },
  { properties: [{ id: null }] },
  { properties: {} },
  { properties: [{ id: 'p-1', address: 'x' }] },
  { properties: [{ id: 'p-1', address: { coordinates: [1, 2] } }] },
  { stay_type: 1 },
  { check_in: 5, check_out: {}, arrival_date: 5, departure_date: [] },
  { created: 5 }
]

t.test('a cancellation counts whatever else is told in a way that nobody documented', async t => {
  const off = { current: { category: 'cancelled', sub_category: 1 }, history: [null] }
  for (const { created = event.created, ...odd } of unusable as { created?: unknown }[]) {
    const body = { ...event, created, data: { ...data, reservation_status: off, ...odd } }
    t.match(await bookingOf(body), { emptyBecause: 'cancelled', cancelled: true }, JSON.stringify(odd))
  }
})

t.test('what is told in a way that nobody documented is left out of a stay', async t => {
  t.strictSame((await stayOf({ properties: [null, { id: 'p-1' }, { name: 'no id' }] }))?.places, ['p-1'])
  for (const properties of [{}, [null], [{ id: null }]]) {
    t.equal((await stayOf({ properties }))?.places, undefined, 'which is not to say that there is none')
  }
  t.equal((await stayOf({ guest: [] }))?.guest, undefined)
  t.match(await stayOf({ guest: { id: '', phone_numbers: '+12125550101' } }), {
    guest: { id: undefined, phone: '+12125550101' }
  })
  t.match(await stayOf({ platform_id: {} }), { name: 'Noor Haddad' })
  t.match(await stayOf({ check_in: 5 }), { start: { date: '2026-03-12' } })
})

t.test('check_in and check_out count as they are, offset and all', async t => {
  const stay = await stayOf({})
  t.strictSame(stay?.start, { instant: '2026-03-12T16:00:00-04:00' })
  t.strictSame(stay?.end, { instant: '2026-03-15T11:00:00-04:00' })
})

t.test('arrival_date and departure_date look like instants and are dates', async t => {
  const stay = await stayOf({
    check_in: null,
    check_out: '2026-03-15 without a zone',
    arrival_date: '2026-03-12T00:00:00+13:00'
  })
  t.strictSame(stay?.start, { date: '2026-03-12' }, 'no conversion moves it to the day before')
  t.strictSame(stay?.end, { date: '2026-03-15' })
})

t.test('without any date the stay waits', async t => {
  const none = { check_in: null, check_out: null, arrival_date: 'soon', departure_date: '2026-13-45' }
  const stay = await stayOf(none)
  t.equal(stay?.start, null)
  t.equal(stay?.end, null)
})

t.test('every field of the guest may be null', async t => {
  const nobody = { id: undefined, name: undefined, email: undefined, phone: undefined }
  const nulls = { id: null, first_name: null, last_name: null, email: null, phone_numbers: null }
  t.strictSame((await stayOf({ guest: nulls }))?.guest, nobody)
  t.strictSame((await stayOf({ guest: null }))?.guest, nobody)
  t.strictSame(
    (await stayOf({ guest: { id: 12, last_name: 'Haddad', phone_numbers: [null, ' ', '+12125550101'] } }))
      ?.guest,
    { id: '12', name: 'Haddad', email: undefined, phone: '+12125550101' }
  )
})

t.test('a reservation without properties or guest does not say that it has none', async t => {
  const untold = await stayOf({ properties: undefined, guest: undefined })
  t.match(untold, { id: 'r-1', name: 'HMDEMO0001' })
  t.strictSame([untold?.places, untold?.guest], [undefined, undefined])
  for (const none of [[], null]) t.strictSame((await stayOf({ properties: none }))?.places, [])
})

t.test('a known stay keeps its place and its guest when an event leaves them out', async t => {
  const relay = await openRelay(t, {
    store: await emptyStore(),
    connections:
      'connections:\n  - { id: h, platform: hospitable, customer_key: h, secrets: { token: a-token-of-ours-0001 } }'
  })
  const tell = async (id: string, created: string, changes: object) => {
    const body = { ...event, id, created, data: { ...data, ...changes } }
    await relay.deliver('h', { event: '', body: JSON.stringify(body) })
    await relay.settle()
    const { reservations = [], guests = [] } = await relay.held('h')
    return { reservations, guests }
  }
  const coming = { check_in: '2027-03-12T16:00:00-04:00', check_out: '2027-03-15T11:00:00-04:00' }
  const known = { space_keys: ['h:p-1'], guest_key: 'h:7' }
  t.match(await tell('e-1', '2027-01-01T09:00:00Z', coming), { reservations: [known] })
  const moved = { ...coming, check_out: '2027-03-16T11:00:00-04:00', properties: undefined, guest: undefined }
  t.match(await tell('e-2', '2027-01-01T09:05:00Z', moved), {
    reservations: [{ ...known, ends_at: '2027-03-16T15:00:00Z' }],
    guests: [{ name: 'Noor Haddad' }]
  })
})

t.test('a note in the place of a phone number hides none that can be one', async t => {
  const phoneOf = async (...phone_numbers: unknown[]) =>
    (await stayOf({ guest: { id: '7', phone_numbers } }, { ...connection, country: 'US' }))?.guest?.phone
  t.equal(await phoneOf('n/a', '+12125550101'), '+12125550101')
  t.equal(await phoneOf('n/a', '(212) 555-0101'), '(212) 555-0101')
  t.equal(await phoneOf(null, 12125550101), '12125550101')
  t.equal(await phoneOf('n/a'), 'n/a', 'Seam is spared it elsewhere')
  t.equal(await phoneOf(null, ' '), undefined)
})

t.test('a stay is called by the channel’s code, else by its guest', async t => {
  t.equal((await stayOf({}))?.name, 'HMDEMO0001')
  t.equal((await stayOf({ platform_id: null }))?.name, 'Noor Haddad')
  t.notOk('name' in ((await stayOf({ platform_id: ' ', guest: null })) ?? {}))
})

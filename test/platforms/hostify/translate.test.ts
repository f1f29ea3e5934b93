import t from 'tap'
import { changesOf, guest, known, listing, receivedAt, sentAt, stayOf, translated, update } from './world.ts'

const summary = async (status: unknown, tentative: 'hold' | 'push' = 'hold', code: unknown = 1) => {
  const translation = await translated(update, known({ reservation: { status, status_code: code } }), {
    tentative
  })
  if (!Array.isArray(translation)) return translation
  const change = translation.at(-1)
  if (change?.change !== 'stays') throw new TypeError('no stays')
  return change.stays.length > 0 ? 'pushed' : change.cancelled ? 'cancelled' : 'not pushed'
}

t.test('every documented status has its meaning', async t => {
  for (const status of ['accepted', 'moved', 'extended', 'edited', 'Accepted', ' moved '])
    t.equal(await summary(status), 'pushed', status)
  for (const status of ['pending', 'awaiting_payment', 'new']) {
    t.equal(await summary(status), 'not pushed', status)
    t.equal(await summary(status, 'push'), 'pushed', status)
  }
  for (const status of ['preapproved', 'offer', 'inquiry'])
    t.equal(await summary(status, 'push'), 'not pushed', status)
  for (const status of [
    ...[
      'denied',
      'declined_inq',
      'cancelled',
      'cancelled_by_host',
      'cancelled_by_guest',
      'no_show',
      'expired'
    ],
    ...['timedout', 'withdrawn', 'retracted', 'not_possible', 'deleted']
  ])
    t.equal(await summary(status, 'push'), 'cancelled', status)
})

t.test(
  'code 8 is a cancellation where no word is known, as a number and as a text; a known word beats it',
  async t => {
    t.equal(await summary(null, 'hold', '8'), 'cancelled')
    t.equal(await summary('gone_fishing', 'hold', 8), 'cancelled')
    t.equal(await summary('accepted', 'hold', '8'), 'pushed')
  }
)

t.test('a cancellation that the answer neither confirms nor denies counts as the message’s', async t => {
  for (const status of [undefined, null, 'on_fire']) {
    const silent = known({ reservation: { status, status_code: 5, updated_at: '2027-02-11 08:31:00' } })
    t.match((await changesOf({ ...update, status_code: '8' }, silent)).at(-1), {
      version: sentAt + 10_000,
      stays: [],
      cancelled: true
    })
  }
})

t.test('an unknown status changes nothing and is told', async t => {
  t.strictSame(await summary('on_fire'), {
    ignored: 'status "on_fire" is not known',
    drift: 'unknown_status'
  })
  t.strictSame(await summary(undefined, 'hold', 77), {
    ignored: 'status 77 is not known',
    drift: 'unknown_status'
  })
})

t.test('trap: the reservation’s id is a number in one action and a text in another, and one key', async t => {
  const ids = async (reservation_id: unknown) =>
    (await changesOf({ reservation_id, action: 'new_reservation' })).flatMap(each =>
      each.change === 'stays' ? [each.bookingId, each.stays[0]?.id] : []
    )
  t.strictSame(await ids(40118823), ['40118823', '40118823'])
  t.strictSame(await ids('40118823'), ['40118823', '40118823'])
})

t.test('trap: the place is the unit and never the channel’s copy of it', async t => {
  const placeOf = async (reservation: object, where: object | null) =>
    (await stayOf({ reservation, listing: where })).places
  const copy = { id: 300452, parent_id: 300451, master_calendar: 0 }
  t.strictSame(await placeOf({}, {}), ['300451'], 'the parent that the reservation names')
  t.strictSame(await placeOf({}, copy), ['300451'], 'also where the copy is shown')
  t.strictSame(await placeOf({ parent_listing_id: null }, copy), ['300451'], 'the parent of the copy')
  t.strictSame(await placeOf({ parent_listing_id: 0 }, {}), ['300451'], 'the one with the master calendar')
  t.strictSame(await placeOf({ parent_listing_id: '' }, { id: 7, master_calendar: true }), ['7'])
  const single = { id: 300452, master_calendar: 0 }
  t.strictSame(await placeOf({ parent_listing_id: null }, single), ['300452'], 'a listing by itself')
  t.strictSame(await placeOf({ parent_listing_id: null }, null), ['300452'], 'and where none is shown')
  t.strictSame(await placeOf({ parent_listing_id: null, listing_id: null }, null), [], 'no place yet')
})

t.test('a channel’s copy tells zone and hours of the unit, and gives way to the unit’s own', async t => {
  const copy = { id: 300452, parent_id: 300451, nickname: 'Copy' }
  const [place, ...rest] = await changesOf(update, known({ listing: copy }))
  t.strictSame(place, {
    change: 'upsert',
    kind: 'place',
    id: '300451',
    fields: { timeZone: 'Europe/Stockholm', checkInTime: '15:00', checkOutTime: '11:00' },
    whole: false,
    version: 0
  })
  t.match(rest, [{ change: 'stays' }])
  const another = { id: 300452, parent_id: null }
  t.match(await changesOf(update, known({ listing: another })), [{ id: '300451', version: 0 }, {}])
  const nowhere = { reservation: { listing_id: null, parent_listing_id: null }, listing: { id: null } }
  t.match(await changesOf(update, known(nowhere)), [{ change: 'stays', stays: [{ places: [] }] }])
  t.match(await changesOf(update, known({ listing: null })), [{ change: 'stays' }])
})

t.test('trap: 25:00 and flexible are no times', async t => {
  const hours = async (changes: object) => {
    const [place] = await changesOf(update, known({ listing: changes }))
    return place?.change === 'upsert' && place.kind === 'place'
      ? [place.fields.checkInTime, place.fields.checkOutTime]
      : []
  }
  t.strictSame(await hours({}), ['15:00', '11:00'])
  t.strictSame(await hours({ checkin_start: '25:00', checkout: 'flexible' }), [null, null])
  t.strictSame(await hours({ checkin_start: null, checkout: '10:30:00' }), [null, '10:30'])
  t.strictSame(
    await hours({ checkin_start: undefined, checkout: undefined }),
    [undefined, undefined],
    'not told'
  )
  const stay = await stayOf({ reservation: { planned_arrival: '25:00', planned_departure: 'flexible' } })
  t.strictSame([stay.start, stay.end], [{ date: '2027-03-26' }, { date: '2027-03-29' }], 'nor in a booking')
})

t.test('trap: planned times come with and without seconds', async t => {
  for (const planned_arrival of ['16:00:00', '16:00'])
    t.strictSame((await stayOf({ reservation: { planned_arrival } })).start, {
      date: '2027-03-26',
      time: '16:00'
    })
})

t.test('a day that does not exist leaves the stay without it', async t => {
  t.equal((await stayOf({ reservation: { checkIn: '0000-00-00' } })).start, null)
  t.equal((await stayOf({ reservation: { checkOut: null } })).end, null)
})

t.test('trap: the code of the lock may be Seam’s own and is never wished for', async t => {
  const stay = await stayOf({ reservation: { lock_pin: '4711', lock_link: 'https://lock.example/1' } })
  t.equal(stay.preferredCode, undefined)
})

t.test(
  'a wished code is the custom field of the configured name, from the API, else from the message',
  async t => {
    const fields = (name: string, value: unknown) => [
      { id: 1, name: 'note', value: 'x' },
      { id: 611, name, value }
    ]
    const code = async (parts: Parameters<typeof stayOf>[0], field?: string) =>
      (await stayOf(parts, { preferredCodeField: field })).preferredCode
    t.equal(await code({ reservation: { custom_fields: fields('door_code', '481920') } }), '481920')
    t.equal(await code({ more: { custom_fields: fields('door_code', 4711) } }), undefined, 'not asked for')
    t.equal(await code({ reservation: { custom_fields: fields('pin', 4711) } }, 'pin'), '4711')
    t.equal(
      await code({ reservation: { custom_fields: fields('pin', '4711') } }),
      null,
      'told that there is none'
    )
    t.equal(await code({ reservation: { custom_fields: fields('door_code', '') } }), null)
    t.equal(await code({ reservation: { custom_fields: 'none' } }), undefined, 'not told')
    const message = {
      ...update,
      data: { reservation: { custom_fields: fields('door_code', '481920') }, guest: { name: 'Zoë' } }
    }
    const [, change] = await changesOf(message, known())
    t.equal(change?.change === 'stays' && change.stays[0]?.preferredCode, '481920')
  }
)

t.test('the guest is known by their id and named by what was read, else by the message', async t => {
  const asked = { id: '5511002', name: guest.name, email: guest.email, phone: guest.phone }
  t.strictSame((await stayOf({})).guest, asked)
  t.strictSame((await stayOf({ guest: { email: null, phone: '' } })).guest, {
    ...asked,
    email: null,
    phone: null
  })
  t.strictSame((await stayOf({ reservation: { guest_id: null }, guest: { id: null } })).guest, {
    ...asked,
    id: null
  })
  const nobody = { reservation: { guest_id: null }, guest: null }
  const erased = { reservation: { guest_id: null }, guest: { id: null, name: '', email: '', phone: '' } }
  for (const each of [nobody, erased, { reservation: { guest_id: 0 }, guest: null }])
    t.strictSame((await stayOf(each)).guest, {}, 'nobody is named, and the stay keeps whom it has')
  const [, change] = await changesOf({ ...update, data: { guest: { name: 'Zoë' } } }, known(nobody))
  t.match(change?.change === 'stays' && change.stays[0]?.guest, { id: null, name: 'Zoë' })
})

t.test('the stay is named after the guest and the confirmation code', async t => {
  t.equal((await stayOf({})).name, 'Zoë Lindqvist HMQ4X2ABCD')
  t.equal((await stayOf({ reservation: { confirmation_code: null } })).name, 'Zoë Lindqvist')
})

t.test(
  'a listing is named by its nickname, with zone, hours, address and position; an offset is no zone',
  async t => {
    const fields = async (changes: object) => {
      const [place] = await changesOf(update, known({ listing: changes }))
      return place?.change === 'upsert' ? place.fields : undefined
    }
    t.strictSame(await fields({}), {
      name: 'Quay Loft',
      timeZone: 'Europe/Stockholm',
      checkInTime: '15:00',
      checkOutTime: '11:00',
      address: '12 Quay Road, Gothenburg, 411 21, Sweden',
      latitude: 57.7072,
      longitude: 11.9668
    })
    t.match(await fields({ nickname: '' }), { name: listing.name })
    t.match(await fields({ timezone: '+01:00' }), { timeZone: undefined })
    t.match(await fields({ timezone: null }), { timeZone: undefined })
    t.match(await fields({ lat: '57.7', lng: '11.9' }), { latitude: 57.7, longitude: 11.9 })
    t.match(await fields({ lat: 157, lng: 11 }), { latitude: undefined, longitude: undefined })
    const bare = { street: '', city: null, state: undefined, zipcode: '', country: '' }
    t.match(await fields(bare), { address: undefined })
  }
)

t.test('trap: a listing that is not listed is still a unit', async t => {
  t.match(
    await changesOf(
      { listing_id: 300451, action: 'update_listing' },
      { 'listings/300451': { ...listing, is_listed: 0 } }
    ),
    [{ change: 'upsert', id: '300451' }]
  )
})

t.test('a listing’s id is found wherever the message has it', async t => {
  const world = { 'listings/300451': listing }
  for (const content of [
    { listing_id: '300451' },
    { data: { listing: { id: 300451 } } },
    { data: { id: 300451 } },
    { id: 300451 }
  ])
    t.match(await changesOf({ ...content, action: 'create_update_listing' }, world), [
      { id: '300451', version: receivedAt }
    ])
  await t.rejects(translated({ action: 'create_listing', data: null }), { code: 'RELAY_EVENT_UNREADABLE' })
})

t.test('a listing that is not found stays a place: no message tells that one was deleted', async t => {
  t.match(await translated({ listing_id: 300451, action: 'update_listing' }, {}), {
    ignored: /does not know the listing/
  })
})

t.test('without an API a listing’s message tells at least its name, on its own clock', async t => {
  const message = {
    listing_id: 300451,
    data: { listing: { nickname: 'Quay Loft' } },
    action: 'create_listing'
  }
  t.match(await changesOf(message, {}, { api: undefined }), [
    { change: 'upsert', id: '300451', version: sentAt, fields: { name: 'Quay Loft' } }
  ])
})

t.test('of two readings the later counts, and not whose `updated_at` is, which has no zone', async t => {
  const version = async (changes: object) =>
    (await changesOf(update, known({ reservation: changes }))).at(-1)?.version
  for (const updated_at of ['2027-02-11 08:30:04', '2027-02-12 10:00:00', null])
    t.equal(await version({ updated_at }), receivedAt, `${updated_at}`)
  t.equal(await version({ status: 'cancelled' }), receivedAt + 5_000, 'a copy may be behind')
})

t.test('whether it was taken up again is judged by `updated_at`, in its documented form alone', async t => {
  const off = { ...update, status_code: '8' }
  const told = async (updated_at: unknown) =>
    (await changesOf(off, known({ reservation: { updated_at } }))).at(-1)
  for (const since of ['2027-02-12 10:00:00', '2027-02-12T10:00:00Z'])
    t.match(await told(since), { stays: [{ id: '40118823' }] }, since)
  for (const none of [null, 'soon', '0000-00-00 00:00:00', '2027-02-12'])
    t.match(await told(none), { stays: [], cancelled: true }, `${none}`)
})

t.test(
  'a reservation that is gone when it is read is over, and nothing that was read before revives it',
  async t => {
    t.strictSame(await changesOf(update, {}), [
      {
        change: 'stays',
        bookingId: '40118823',
        version: receivedAt + 5_000,
        stays: [],
        emptyBecause: 'deleted',
        cancelled: true
      }
    ])
  }
)

t.test('an update that says cancelled does without the API; any other waits for it', async t => {
  const off = { ...update, status_code: '8' }
  t.match(await changesOf(off, {}, { api: undefined }), [
    { bookingId: '40118823', version: sentAt + 10_000, cancelled: true }
  ])
  t.match(await changesOf({ ...off, status_code: 8 }, {}, { api: undefined }), [{ cancelled: true }])
  await t.rejects(translated(update, {}, { api: undefined }), { code: 'RELAY_HYDRATION_NOT_CONFIGURED' })
})

t.test(
  'an update that says cancelled is read again all the same: it may have been taken up since',
  async t => {
    const off = { ...update, status_code: '8' }
    const since = await changesOf(off, known({ reservation: { updated_at: '2027-02-11 08:30:06' } }))
    t.match(since.at(-1), { version: receivedAt, stays: [{ id: '40118823' }] })
    const before = await changesOf(off, known())
    t.match(
      before.at(-1),
      { version: sentAt + 10_000, stays: [], cancelled: true },
      'an answer that is behind'
    )
    const late = await changesOf(off, known(), {}, sentAt + 60_000)
    t.match(late.at(-1), { version: sentAt + 65_000, cancelled: true }, 'as was all that was read before')
  }
)

t.test('a move keeps the key and changes the place', async t => {
  const message = {
    data: { listing: { nickname: 'Quay Studio' } },
    reservation_id: '40118823',
    action: 'move_reservation'
  }
  const to = {
    reservation: { status: 'moved', listing_id: 300460, parent_listing_id: null },
    listing: { id: 300460 }
  }
  t.match((await changesOf(message, known(to))).at(-1), { stays: [{ id: '40118823', places: ['300460'] }] })
})

t.test('a message that cannot be used is refused by the name of the field, never by its value', async t => {
  const refusal = {
    code: 'RELAY_EVENT_INVALID',
    message: /^update_reservation: \/message\/reservation_id: (?!.*\.\.)/
  }
  for (const reservation_id of [undefined, null, '../listings/1', 0, 1.5])
    await t.rejects(translated({ ...update, reservation_id }), refusal)
})

t.test('an action that is not known is kept and not refused', async t => {
  for (const action of ['delete_reservation', '__proto__', 'constructor'])
    t.match(await translated({ action }), { drift: 'unknown_event' })
})

t.test('the action may go by the names that the help centre gives it', async t => {
  for (const name of ['action', 'type', 'notification_type'])
    t.match(await translated({ [name]: 'message_new' }), { ignored: 'a message changes no stay' })
})

t.test('trap: the message is JSON inside JSON; one that is none is unreadable', async t => {
  for (const text of ['hello', '[]', '7', 'null', '"{}"', '{}', '{"action":7}'])
    await t.rejects(translated(text), { code: 'RELAY_EVENT_UNREADABLE' }, text)
})

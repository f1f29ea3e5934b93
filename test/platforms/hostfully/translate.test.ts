import t from 'tap'
import {
  changesOf,
  connection,
  ids,
  lead,
  leadKnown,
  propertyKnown,
  receivedAt,
  stayOf,
  translated,
  webhook
} from './world.ts'

const updated = webhook('BOOKING_UPDATED')

const summary = async (changes: object, tentative: 'hold' | 'push' = 'hold') => {
  const translation = await translated(updated, leadKnown(changes), { tentative })
  if (!Array.isArray(translation)) return translation
  const change = translation.at(-1)
  if (change?.change !== 'stays') throw new TypeError('no stays')
  if (change.stays.length > 0) return 'pushed'
  return `${change.cancelled ? 'cancelled' : 'not pushed'}: ${change.emptyBecause}`
}

t.test('every status has its meaning, in longer forms too', async t => {
  for (const status of ['BOOKED', 'PAID_IN_FULL', 'booked', 'BOOKED_BY_AGENCY', 'Paid in full'])
    t.equal(await summary({ status }), 'pushed', status)
  for (const status of ['PENDING', 'ON_HOLD', 'PENDING_APPROVED', 'PENDING_PAYMENT']) {
    t.equal(await summary({ status }), `not pushed: ${status}`)
    t.equal(await summary({ status }, 'push'), 'pushed', status)
  }
  t.equal(await summary({ status: 'NEW' }, 'push'), 'not pushed: inquiry')
  for (const status of [
    'CANCELLED',
    'CANCELED',
    'DECLINED',
    'CLOSED',
    'CANCELLED_BY_TRAVELER',
    'CLOSED-HOLD'
  ])
    t.equal(await summary({ status }), `cancelled: ${status}`)
  for (const status of ['IGNORED', 'DUPLICATE', 'SAMPLE'])
    t.equal(await summary({ status }, 'push'), `not pushed: ${status}`)
})

t.test(
  'a lead that stays nowhere brings no property back, as it may be the last one of a property that is gone',
  async t => {
    const zoned = { checkInZonedDateTime: '2026-01-10T16:00-07:00[America/Denver]' }
    t.match(await changesOf(updated, leadKnown(zoned)), [{ kind: 'place' }, { change: 'stays' }])
    for (const status of ['CANCELLED', 'DECLINED', 'NEW', 'BLOCKED', 'IGNORED']) {
      const told = await changesOf(updated, leadKnown({ ...zoned, status }))
      t.match(told, { length: 1, 0: { change: 'stays', stays: [] } }, status)
    }
  }
)

t.test('an unknown status changes nothing and is told', async t => {
  for (const status of ['MELTED', 'CANCELLATION_REQUESTED', 'NEWEST'])
    t.match(await summary({ status }), { drift: 'unknown_status' }, `${status}`)
})

t.test(
  'a lead that belongs to another agency is no booking of this connection, whoever names it',
  async t => {
    const foreign = { agencyUid: 'somebody-else' }
    for (const event of ['NEW_BOOKING', 'BOOKING_CANCELLED', 'UNIT_CHANGED'])
      t.match(await translated(webhook(event), leadKnown(foreign)), { ignored: /another agency/ }, event)
    const { agency_uid: _none, ...secrets } = connection.secrets
    t.ok(
      Array.isArray(await translated(updated, leadKnown(foreign), { secrets })),
      'where no agency is named'
    )
    for (const agencyUid of [ids.agency.toUpperCase(), null, undefined])
      t.equal(await summary({ agencyUid }), 'pushed', `${agencyUid}`)
  }
)

t.test('trap: the type was once the name of the channel, so the status decides', async t => {
  for (const type of ['DIRECT', 'INQUIRY', 'AIRBNB', null, undefined])
    t.equal(await summary({ type }), 'pushed', `${type}`)
  t.equal(await summary({ type: 'BOOKING', status: 'NEW' }), 'not pushed: inquiry')
})

t.test('trap: a block is never a stay, whether its type or its status says so', async t => {
  t.equal(await summary({ type: 'BLOCK', status: 'BLOCKED' }, 'push'), 'not pushed: block')
  t.equal(await summary({ type: 'block', status: 'BOOKED' }, 'push'), 'not pushed: block')
  t.equal(await summary({ type: 'BOOKING', status: 'BLOCKED' }, 'push'), 'not pushed: block')
})

t.test('trap: blocked dates come before a booking and beside one of a bundle, and are ignored', async t => {
  for (const event of ['NEW_BLOCKED_DATES', 'BLOCK_DELETED'])
    t.match(await translated(webhook(event)), { ignored: /^blocked dates are not a stay/ })
})

t.test(
  'trap: a lead that is gone after its cancellation is over, and so is a softly deleted one',
  async t => {
    for (const event of ['BOOKING_CANCELLED', 'LEAD_SOFT_DELETED', 'HOLD_CANCELLED'])
      t.strictSame(await translated(webhook(event), {}), [
        {
          change: 'stays',
          bookingId: ids.lead,
          version: receivedAt,
          stays: [],
          emptyBecause: 'deleted',
          cancelled: true
        }
      ])
  }
)

const HOUR = 3_600_000
const MINUTES = 120_000

function changedAt(ms: number) {
  return leadKnown({ metadata: { updatedUtcDateTime: new Date(ms).toISOString().slice(0, 23) } })
}

t.test(
  'trap: a lead that is deleted without a word is over until it changes, or is found much later',
  async t => {
    const versionAt = async (at: number, event: string, known = leadKnown()) => {
      const translation = await translated(webhook(event), known, {}, at)
      const change = Array.isArray(translation) ? translation.at(-1) : undefined
      if (change?.change !== 'stays') throw new TypeError('nothing is told of a lead')
      return change.version
    }
    const later = receivedAt + 30 * HOUR
    for (const event of ['BOOKING_UPDATED', 'UNIT_CHANGED', 'PROPERTY_AVAILABILITY_UPDATED']) {
      t.strictSame(await translated(webhook(event), {}, {}, later), [
        {
          change: 'stays',
          bookingId: ids.lead,
          version: later - MINUTES,
          stays: [],
          emptyBecause: 'not found'
        }
      ])
      const gone = await versionAt(later, event, {})
      t.ok((await versionAt(later - 1, event)) < gone, 'what was read before is over')
      t.ok(
        (await versionAt(later + 10, event, changedAt(later - HOUR / 2))) < gone,
        'also within an hour of a change'
      )
      t.ok((await versionAt(later + 10, event, changedAt(later + 5))) > gone, 'what changes is back')
      t.ok((await versionAt(later + HOUR, event)) > gone, 'and what is found an hour later')
      const deleted = await versionAt(later, 'BOOKING_CANCELLED', {})
      t.ok((await versionAt(later + HOUR, event)) <= deleted, 'what its event ended is not')
    }
    const madeJustNow = await versionAt(later, 'BOOKING_UPDATED', changedAt(later - MINUTES + 1_000))
    t.ok(madeJustNow > (await versionAt(later, 'BOOKING_UPDATED', {})), 'nor is one over that may be too new')
  }
)

t.test(
  'for an hour after a cancellation no answer that is behind outdoes it, however late it is read',
  async t => {
    const versionAt = async (at: number, changes: object) =>
      (await changesOf(updated, leadKnown(changes), {}, at)).at(-1)?.version ?? 0
    const off = { status: 'CANCELLED', metadata: { updatedUtcDateTime: '2025-12-02T09:30:02' } }
    const again = { metadata: { updatedUtcDateTime: '2025-12-02T09:40:02' } }
    const cancelled = await versionAt(receivedAt, off)
    t.ok((await versionAt(receivedAt + HOUR - 1, {})) < cancelled)
    t.ok((await versionAt(receivedAt + 600_000, again)) > cancelled, 'taken up again')
  }
)

t.test('a new lead that is not found yet takes nothing away from the one that is read later', async t => {
  for (const event of ['NEW_INQUIRY', 'NEW_HOLD', 'NEW_BOOKING_REQUEST', 'NEW_BOOKING'])
    t.match(await translated(webhook(event), {}), { ignored: /^the booking is not found yet/ }, event)
})

t.test('what is read counts, and not what the event is called: nobody signed it', async t => {
  t.match((await changesOf(webhook('BOOKING_CANCELLED'))).at(-1), { stays: [{ id: ids.lead }] })
  t.match((await changesOf(webhook('NEW_BOOKING'), leadKnown({ status: 'CANCELLED' }))).at(-1), {
    cancelled: true
  })
  t.match(await translated(webhook('DELETED_PROPERTY'), propertyKnown()), [
    { change: 'upsert', id: ids.property }
  ])
})

t.test('trap: a webhook’s property may be the one before a move; the lead’s is the place', async t => {
  t.strictSame((await stayOf({ propertyUid: ids.other })).places, [ids.other])
  t.strictSame((await stayOf({ propertyUid: null })).places, [])
})

t.test('a lead is one stay, in whatever case its uid is written, found or not', async t => {
  const lead_uid = ids.lead.toUpperCase()
  const known = { [`leads/${lead_uid}`]: { ...lead, uid: lead_uid } }
  for (const event of ['NEW_BOOKING', 'UNIT_CHANGED'])
    t.match((await changesOf(webhook(event, { lead_uid }), known)).at(-1), {
      bookingId: ids.lead,
      stays: [{ id: ids.lead }]
    })
  t.match(await translated(webhook('BOOKING_CANCELLED', { lead_uid }), {}), [{ bookingId: ids.lead }])
})

t.test('trap: a burst of updates says the same each time', async t => {
  t.strictSame(await translated(updated), await translated(updated))
})

t.test(
  'the lead’s clock is the version, the time it was made where it was never updated, else the reading’s',
  async t => {
    const version = async (metadata: unknown, at = receivedAt) =>
      (await changesOf(updated, leadKnown({ metadata }), {}, at)).at(-1)?.version
    const utc = Date.parse('2025-12-02T09:30:00Z')
    t.equal(await version({ updatedUtcDateTime: '2025-12-02T09:30:00' }), utc)
    t.equal(await version({ updatedUtcDateTime: '2025-12-02 09:30:00' }), utc)
    t.equal(await version({ updatedUtcDateTime: '2025-12-02T09:30:00.250' }), utc + 250)
    t.equal(await version({ updatedUtcDateTime: '2025-12-02T09:30:00Z' }), utc)
    t.equal(await version({ updatedUtcDateTime: '2025-12-02T10:30:00+01:00' }), utc)
    const created = { createdUtcDateTime: '2025-12-01T18:00:00' }
    t.equal(
      await version({ ...created, updatedUtcDateTime: null }, Date.parse('2025-12-01T18:00:01Z')),
      Date.parse('2025-12-01T18:00:00Z'),
      'null'
    )
    for (const none of [
      null,
      {},
      // It may have been updated since, and nothing says when.
      created,
      { updatedUtcDateTime: null },
      { ...created, updatedUtcDateTime: 'soon' },
      { updatedUtcDateTime: '2025-12-02T09:30:00+99:00' }
    ])
      t.equal(await version(none), receivedAt)
  }
)

t.test('a stay is named by the channel’s id, else by the guest', async t => {
  t.equal((await stayOf()).name, 'HMDEMO5521')
  t.equal((await stayOf({ externalBookingId: null })).name, 'Yuki Sato')
  t.equal((await stayOf({ externalBookingId: '', guestInformation: null })).name, undefined)
})

t.test('a guest has a name, an e-mail and one of two phones, and no id', async t => {
  const guest = async (guestInformation: unknown) => (await stayOf({ guestInformation })).guest
  const { guestInformation } = lead
  t.strictSame(await guest(guestInformation), {
    name: 'Yuki Sato',
    email: 'yuki@example.com',
    phone: '+13035550102'
  })
  t.match(await guest({ ...guestInformation, phoneNumber: '', cellPhoneNumber: '+13035550199' }), {
    phone: '+13035550199'
  })
  t.match(await guest({ ...guestInformation, email: null, phoneNumber: null }), { email: null, phone: null })
  t.match(await guest({ firstName: 'Yuki' }), { name: 'Yuki', email: undefined, phone: undefined })
})

t.test(
  'a guest who is not told, or whose data were erased, ends no stay; only null names nobody',
  async t => {
    const guest = async (guestInformation: unknown) => (await stayOf({ guestInformation })).guest
    t.equal(await guest(null), null)
    for (const untold of [undefined, [], '']) t.equal(await guest(untold), undefined, JSON.stringify(untold))
    t.strictSame(await guest({}), { name: undefined, email: undefined, phone: undefined })
    const erased = { firstName: null, lastName: ' ', email: null, phoneNumber: '' }
    t.strictSame(await guest(erased), { name: undefined, email: null, phone: null })
  }
)

t.test('events of the calendar are of a lead where they name one', async t => {
  for (const event of ['UNIT_CHANGED', 'PROPERTY_AVAILABILITY_UPDATED']) {
    t.match((await changesOf(webhook(event))).at(-1), { bookingId: ids.lead })
    for (const lead_uid of [undefined, null, '', ' '])
      t.strictSame(await translated(webhook(event, { lead_uid })), { ignored: 'it names no booking' })
    const form = `${new URLSearchParams({ event_type: event, lead_uid: '' })}`
    t.strictSame(await translated(form), { ignored: 'it names no booking' }, 'as a form writes null')
  }
})

t.test('a booking’s event without a lead, and a property’s without a property, is refused', async t => {
  for (const lead_uid of [undefined, null, '', '../properties/1'])
    await t.rejects(translated(webhook('NEW_BOOKING', { lead_uid })), { code: 'RELAY_EVENT_INVALID' })
  await t.rejects(translated(webhook('NEW_PROPERTY', { property_uid: null })), {
    code: 'RELAY_EVENT_INVALID'
  })
})

t.test('nothing is done unread', async t => {
  for (const event of ['NEW_BOOKING', 'BOOKING_CANCELLED', 'DELETED_PROPERTY'])
    await t.rejects(translated(webhook(event), {}, { api: undefined }), {
      code: 'RELAY_HYDRATION_NOT_CONFIGURED'
    })
})

t.test('a property is told by its name, hours and address', async t => {
  const fields = async (changes: object = {}) => {
    const [place] = await changesOf(webhook('UPDATED_PROPERTY'), propertyKnown(changes))
    return place?.change === 'upsert' ? place.fields : undefined
  }
  t.strictSame(await fields(), {
    name: 'Pine Chalet',
    timeZone: undefined,
    checkInTime: '16:00',
    checkOutTime: '10:00',
    address: '4 Pine Road, Vail, CO, 81657, US'
  })
  t.match(await fields({ availability: { checkInTimeStart: '9', checkOutTime: 0 } }), {
    checkInTime: '09:00',
    checkOutTime: '00:00'
  })
  for (const hour of [24, -1, 15.5, 'noon', null])
    t.match(await fields({ availability: { checkInTimeStart: hour } }), {
      checkInTime: undefined,
      checkOutTime: undefined
    })
  t.match(await fields({ address: null, availability: null }), { address: undefined, checkInTime: undefined })
  t.match(await fields({ address: { latitude: 39.64, longitude: '-106.37' } }), {
    latitude: 39.64,
    longitude: -106.37
  })
  t.match(await fields({ timeZone: 'America/Denver' }), { timeZone: 'America/Denver' })
  t.match(await fields({ timezone: '-07:00' }), { timeZone: undefined })
})

t.test('only a deletion removes a property: one that was switched off is kept, found or not', async t => {
  t.match(await translated(webhook('DEACTIVATED_PROPERTY'), propertyKnown({ isActive: false })), [
    { change: 'upsert' }
  ])
  for (const event of ['NEW_PROPERTY', 'UPDATED_PROPERTY', 'ACTIVATED_PROPERTY', 'DEACTIVATED_PROPERTY'])
    t.match(await translated(webhook(event), {}), { ignored: /^the property is not found/ }, event)
  t.strictSame(await translated(webhook('DELETED_PROPERTY'), {}), [
    { change: 'remove', kind: 'place', id: ids.property, version: receivedAt }
  ])
})

t.test('pin codes, channels and integrations are ignored with a reason', async t => {
  for (const event of [
    'PINCODE_CREATED',
    'CHANNEL_DEACTIVATED',
    'INTEGRATION_DEACTIVATED',
    'HOTEL_UPDATED',
    'CUSTOM_DATA_DELETED'
  ])
    t.match(await translated(webhook(event)), { ignored: /.{20}/, drift: undefined })
  t.match(await translated(webhook('NEW_WEATHER')), { drift: 'unknown_event' })
})

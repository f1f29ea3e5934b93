import t from 'tap'
import { acuity } from '../../../src/platforms/acuity/acuity.ts'
import { type Platform, translateEvent } from '../../../src/platforms/platform.ts'
import { deliveryOf, demoConnection, testApi } from '../contract.ts'
import { appointment, bookingIn, form, placeIn, receivedAt, stayOf, translated } from './appointment.ts'

const { hydration, standIn } = acuity as Required<Platform>

t.test('the action is only a hint: what was read decides', async t => {
  for (const action of ['scheduled', 'rescheduled', 'changed', 'canceled', 'appointment.canceled']) {
    const body = `action=${action}&id=481516234`
    t.equal(
      bookingIn(await translated(appointment(), { body }))?.stays.length,
      1,
      `${action} of one that stands`
    )
    const off = bookingIn(await translated(appointment({ canceled: true }), { body }))
    t.match(
      off,
      { bookingId: '481516234', stays: [], emptyBecause: 'cancelled' },
      `${action} of one that is off`
    )
  }
  for (const canceled of [1, '1', 'true', ' True ']) t.equal(await stayOf({ canceled }), undefined)
  for (const canceled of [0, '0', '', 'false']) t.ok(await stayOf({ canceled }))
})

t.test('an appointment has no clock: the later received wins', async t => {
  const translation = await translated(appointment())
  t.equal(bookingIn(translation)?.version, receivedAt)
  t.equal(placeIn(translation)?.version, receivedAt)
})

t.test('an offset without a colon is a time, and becomes one in UTC', async t => {
  const startOf = async (datetime: unknown) => (await stayOf({ datetime }))?.start
  t.strictSame(await startOf('2027-02-15T14:00:00+0100'), { instant: '2027-02-15T13:00:00.000Z' })
  t.strictSame(await startOf('2027-02-15T14:00:00-0700'), { instant: '2027-02-15T21:00:00.000Z' })
  t.strictSame(await startOf('2027-02-15T14:00:00+05:45'), { instant: '2027-02-15T08:15:00.000Z' })
  t.equal(await startOf('2027-02-15T14:00:00'), null)
  t.equal(await startOf(undefined), null)
})

t.test('the words for people are never read: the end is the start and the length', async t => {
  t.strictSame((await stayOf({ date: 'x', time: 'x', endTime: 'x' }))?.end, {
    instant: '2027-02-15T14:30:00.000Z'
  })
})

t.test('a length is a text or a number of minutes', async t => {
  const endOf = async (duration: unknown) => (await stayOf({ duration }))?.end
  t.strictSame(await endOf('60'), { instant: '2027-02-15T14:00:00.000Z' })
  t.strictSame(await endOf(60), { instant: '2027-02-15T14:00:00.000Z' })
  for (const duration of ['', 'long', null, undefined, 0, -5, 1e300]) t.equal(await endOf(duration), null)
  t.equal((await stayOf({ datetime: null }))?.end, null)
})

t.test('the calendar is the place, in its own zone and not in the client’s', async t => {
  t.strictSame(placeIn(await translated(appointment())), {
    change: 'upsert',
    kind: 'place',
    id: '77120',
    fields: { name: 'Studio B', timeZone: 'Europe/Stockholm' },
    whole: false,
    version: receivedAt
  })
  t.strictSame((await stayOf({}))?.places, ['77120'])
  t.equal(placeIn(await translated(appointment({ calendarTimezone: '+01:00' })))?.fields.timeZone, undefined)
  t.equal(placeIn(await translated(appointment({ canceled: true }))), undefined, 'unless it stays nowhere')
})

t.test('the address of an appointment is older than whatever its calendar tells', async t => {
  const call = await translated(appointment({ location: 'https://zoom.example/j/1' }))
  const address = { address: 'https://zoom.example/j/1' }
  t.match(call, [
    { id: '77120', version: receivedAt },
    { change: 'upsert', kind: 'place', id: '77120', fields: address, whole: false, version: 0 },
    { change: 'stays' }
  ])
  t.match(await translated(appointment({ location: ' ' })), [{ id: '77120' }, { change: 'stays' }])
})

t.test('a connection may have the appointment type play the place', async t => {
  const api = { user_id: '14512077', api_key: 'k', place: 'type' }
  const translation = await translated(appointment(), { api })
  t.match(placeIn(translation), { id: '310442', fields: { name: 'Studio B – 90 minutes' } })
  t.strictSame(bookingIn(translation)?.stays[0]?.places, ['310442'])
})

t.test('what plays the place is a setting that a replay heeds, without another reading', async t => {
  const event = { type: 'changed', payload: { id: '481516234' } }
  const before = demoConnection(acuity)
  const world = new Map<string, unknown>([['appointments/481516234', appointment()]])
  const api = testApi(standIn, { ...before.api }, world)
  const [facts] = await hydration.read([event], api)
  const placesUnder = (place: string) => {
    const connection = { ...before, api: { ...before.api, place } }
    const delivery = deliveryOf(connection, { body: form })
    return bookingIn(translateEvent(acuity, { event, facts, delivery, connection }))?.stays[0]?.places
  }
  t.strictSame(placesUnder('calendar'), ['77120'])
  t.strictSame(placesUnder('type'), ['310442'])
})

t.test('an appointment without a calendar is of no place', async t => {
  const translation = await translated(appointment({ calendarID: null }))
  t.equal(placeIn(translation), undefined)
  t.strictSame(bookingIn(translation)?.stays[0]?.places, [])
  t.strictSame((await stayOf({ calendarID: '77120' }))?.places, ['77120'], 'a text is an id too')
})

t.test('an empty e-mail or phone is left out', async t => {
  t.strictSame((await stayOf({ email: '', phone: ' ' }))?.guest, {
    name: 'Zoë Lindqvist',
    email: undefined,
    phone: undefined
  })
  t.match((await stayOf({ firstName: '', lastName: '', email: '' }))?.guest, { phone: '+46855501470' })
})

t.test('an appointment that names nobody any more is still of the guest who is known', async t => {
  for (const lastName of ['', null]) {
    t.strictSame((await stayOf({ email: '', phone: '', firstName: '', lastName }))?.guest, {
      name: undefined,
      email: undefined,
      phone: undefined
    })
  }
})

t.test('people of one class have appointments of their own', async t => {
  t.match(await stayOf({ classID: 99 }), { id: '481516234' })
})

t.test('whoever was marked as not having come keeps the appointment', async t => {
  t.ok(await stayOf({ noShow: true }))
})

t.test('the wished code is the answer in the field that the connection names, by name or number', async t => {
  const forms = [
    null,
    { name: 'Health', values: [{ fieldID: 2, name: 'Allergies', value: 'Nuts' }] },
    {
      name: 'Access',
      values: [
        { fieldID: 3, name: 'Wished door PIN', value: '481920' },
        { fieldID: 4, name: 'Other', value: 4711 }
      ]
    }
  ]
  const codeOf = async (preferredCodeField?: string) =>
    (await stayOf({ forms }, { preferredCodeField }))?.preferredCode
  t.equal(await codeOf('wished door pin'), '481920')
  t.equal(await codeOf('4'), '4711')
  t.equal(await codeOf('Allergies'), undefined)
  t.equal(await codeOf(), undefined)
  t.equal((await stayOf({ forms: null }, { preferredCodeField: '4' }))?.preferredCode, undefined)
})

import t from 'tap'
import { hostfully } from '../../../src/platforms/hostfully/hostfully.ts'
import { hydration, readPlace } from '../../../src/platforms/hostfully/hydrate.ts'
import type { StandIn, StandInResponse } from '../../../src/platforms/samples.ts'
import { notAskedOften, testApi } from '../api.ts'
import { connection, ids, lead, leadKnown, property, propertyKnown, webhook } from './world.ts'

const settings = connection.api ?? {}
const standIn = hostfully.standIn as StandIn
const eventOf = (type: string, more: object = {}) => ({ type, payload: webhook(type, more) })
const apiOf = (world: Record<string, unknown>) => testApi(standIn, settings, new Map(Object.entries(world)))
const answering = (reply: StandInResponse) => testApi(() => reply, settings)

t.test('everything that names a lead or a property must be read', async t => {
  const wants = (type: string, more: object = {}) => hydration.wants(eventOf(type, more), connection)
  for (const type of [
    'NEW_BOOKING',
    'BOOKING_CANCELLED',
    'LEAD_SOFT_DELETED',
    'UNIT_CHANGED',
    'DELETED_PROPERTY'
  ])
    t.equal(wants(type), 'must', type)
  t.equal(wants('PROPERTY_AVAILABILITY_UPDATED', { lead_uid: undefined }), 'no')
  t.equal(wants('NEW_BOOKING', { lead_uid: 7 }), 'no')
  t.equal(wants('NEW_PROPERTY', { property_uid: undefined }), 'no')
  for (const type of ['NEW_BLOCKED_DATES', 'PINCODE_CREATED', 'NEW_WEATHER']) t.equal(wants(type), 'no', type)
})

t.test('a lead is read with the key and the agency, and only what is needed of it is kept', async t => {
  const whole = { notes: 'private', guestInformation: { ...lead.guestInformation, adultCount: 2 } }
  const api = apiOf(leadKnown(whole))
  t.strictSame(await hydration.read([eventOf('NEW_BOOKING')], api), [{ lead, readAt: 0 }])
  t.match(api.requests, [
    {
      method: 'GET',
      path: `/api/v3.3/leads/${ids.lead}`,
      query: { agencyUid: [ids.agency] },
      headers: { 'x-hostfully-apikey': settings.api_key }
    }
  ])
})

t.test('that there is no guest is kept, and so is that nothing is told of one', async t => {
  const { guestInformation: _guest, ...untold } = lead
  t.strictSame(await hydration.read([eventOf('NEW_BOOKING')], apiOf({ [`leads/${ids.lead}`]: untold })), [
    { lead: untold, readAt: 0 }
  ])
  const nobody = { guestInformation: null }
  t.match(await hydration.read([eventOf('NEW_BOOKING')], apiOf(leadKnown(nobody))), [{ lead: nobody }])
})

t.test('a property is read likewise, and an entity without its wrapper is one', async t => {
  const api = apiOf(propertyKnown())
  const { isActive: _active, ...kept } = property
  t.strictSame(await hydration.read([eventOf('NEW_PROPERTY', { agency_uid: null })], api), [
    { property: kept, readAt: 0 }
  ])
  t.match(api.requests, [{ path: `/api/v3.3/properties/${ids.property}`, query: {} }])
  t.match(await hydration.read([eventOf('NEW_BOOKING')], answering({ status: 200, body: lead })), [
    { lead: { status: 'BOOKED' } }
  ])
})

t.test('a place is read by its id, and undefined where it is gone', async t => {
  t.match(await readPlace(ids.property, apiOf(propertyKnown()), connection), {
    name: 'Pine Chalet',
    checkInTime: '16:00'
  })
  t.equal(await readPlace(ids.property, apiOf({}), connection), undefined)
})

t.test('a place is read in the name of the agency, where the connection names one and no other', async t => {
  const queryOf = async (agency_uid: string[] | undefined) => {
    const { agency_uid: _agency, ...secrets } = connection.secrets
    const api = apiOf(propertyKnown())
    const using = { ...connection, secrets: agency_uid ? { ...secrets, agency_uid } : secrets }
    await readPlace(ids.property, api, using)
    return api.requests.map(({ query }) => query)
  }
  t.strictSame(await queryOf([ids.agency]), [{ agencyUid: [ids.agency] }])
  t.strictSame(await queryOf([ids.agency, ids.other]), [{}])
  t.strictSame(await queryOf(undefined), [{}])
})

t.test('what is gone is a fact; an event that names nothing has none', async t => {
  for (const status of [404, 410])
    t.strictSame(await hydration.read([eventOf('NEW_BOOKING')], answering({ status })), [
      { gone: true, readAt: 0 }
    ])
  t.strictSame(await hydration.read([eventOf('NEW_BLOCKED_DATES')], apiOf({})), [null])
})

t.test('a lead that is on is asked for several times where Hostfully does not know it', async t => {
  const unknown = notAskedOften(apiOf({}))
  const read = (type: string) => hydration.read([eventOf(type)], unknown)
  for (const type of ['NEW_BOOKING', 'BOOKING_UPDATED', 'UNIT_CHANGED', 'PROPERTY_AVAILABILITY_UPDATED'])
    await t.rejects(read(type), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, type)
  for (const type of ['BOOKING_CANCELLED', 'LEAD_SOFT_DELETED', 'HOLD_CANCELLED'])
    t.match(await read(type), [{ gone: true }], type)
})

t.test('an ending that the answer does not show is read again, and then the answer is believed', async t => {
  const behind = apiOf({ ...leadKnown(), ...propertyKnown() })
  for (const type of ['BOOKING_CANCELLED', 'LEAD_SOFT_DELETED', 'HOLD_CANCELLED', 'DELETED_PROPERTY']) {
    const again = hydration.read([eventOf(type)], notAskedOften(behind))
    await t.rejects(again, { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, type)
  }
  t.match(await hydration.read([eventOf('BOOKING_CANCELLED')], behind), [{ lead: { status: 'BOOKED' } }])
  t.match(await hydration.read([eventOf('DELETED_PROPERTY')], behind), [{ property: { uid: ids.property } }])
})

t.test('a lead that is read without a status is no answer, unless it is a block', async t => {
  const read = (changes: object) => hydration.read([eventOf('BOOKING_UPDATED')], apiOf(leadKnown(changes)))
  for (const status of [null, ''])
    await t.rejects(read({ status }), { code: 'RELAY_PLATFORM_UNAVAILABLE' }, `${status}`)
  t.match(await read({ status: null, type: 'BLOCK' }), [{ lead: { type: 'BLOCK' } }])
})

t.test('an ending is read again where a stay may come of the lead, and nowhere else', async t => {
  const cancelled = (changes: object) =>
    hydration.read([eventOf('BOOKING_CANCELLED')], notAskedOften(apiOf(leadKnown(changes))))
  for (const changes of [{ status: 'PENDING' }, { status: 'CANCELLATION_REQUESTED' }])
    await t.rejects(cancelled(changes), { code: 'RELAY_PLATFORM_REFUSED' }, `${changes.status}`)
  for (const changes of [
    { status: 'CANCELLED_BY_TRAVELER' },
    { status: 'NEW' },
    { status: 'DUPLICATE' },
    { type: 'BLOCK' }
  ])
    t.match(await cancelled(changes), [{ lead: changes }])
})

t.test('a property that is not found is asked for several times, unless it was deleted', async t => {
  const unknown = notAskedOften(apiOf({}))
  const read = (type: string) => hydration.read([eventOf(type)], unknown)
  for (const type of ['NEW_PROPERTY', 'UPDATED_PROPERTY', 'ACTIVATED_PROPERTY', 'DEACTIVATED_PROPERTY'])
    await t.rejects(read(type), { code: 'RELAY_PLATFORM_REFUSED', retryable: true }, type)
  t.match(await read('DELETED_PROPERTY'), [{ gone: true }])
})

t.test('a refused key can be mended; a refusal is one; a strange answer passes', async t => {
  const read = (reply: StandInResponse) => hydration.read([eventOf('NEW_BOOKING')], answering(reply))
  await t.rejects(read({ status: 401 }), { code: 'RELAY_PLATFORM_UNAUTHORIZED', retryable: true })
  await t.rejects(read({ status: 400, body: {} }), { code: 'RELAY_PLATFORM_REFUSED', retryable: false })
  const strange = { code: 'RELAY_PLATFORM_UNAVAILABLE', retryable: true }
  for (const body of [undefined, {}, { lead: null }, { lead: { ...lead, uid: ids.other } }])
    await t.rejects(read({ status: 200, body }), strange)
})

t.test('the stand-in wants the key, GET, and an address it knows', async t => {
  const ask = (path: string, more: object = {}) =>
    standIn(
      {
        method: 'GET',
        path,
        query: {},
        headers: { 'x-hostfully-apikey': `${settings.api_key}` },
        body: undefined,
        ...more
      },
      new Map<string, unknown>(Object.entries({ ...leadKnown(), [`leads/${ids.other}`]: null })),
      settings
    ).status
  t.equal(ask(`/api/v3.3/leads/${ids.lead}`), 200)
  t.equal(ask(`/api/v3.3/leads/${ids.lead}`, { headers: {} }), 401)
  t.equal(ask(`/api/v3.3/leads/${ids.lead}`, { method: 'POST' }), 405)
  t.equal(ask(`/api/v3.3/leads/${ids.other}`), 404)
  t.equal(ask(`/api/v2/leads/${ids.lead}`), 404)
})

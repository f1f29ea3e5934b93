import t from 'tap'
import { data, event, translated, withStatus } from './reservations.ts'

t.test('a booking that is not pushed says nothing of its property', async t => {
  for (const body of [
    withStatus('cancelled'),
    withStatus('request'),
    { ...event, data: { ...data, stay_type: 'owner_stay' } }
  ]) {
    t.match(await translated(body), [{ change: 'stays', stays: [] }])
  }
})

async function placeFields(property: Record<string, unknown>): Promise<unknown> {
  const body = { action: 'property.changed', created: event.created, data: { id: 'p-1', ...property } }
  const translation = await translated(body)
  const [place] = Array.isArray(translation) ? translation : []
  return place?.change === 'upsert' ? JSON.parse(JSON.stringify(place.fields)) : place
}

t.test('a property’s hours are read however they are spelled', async t => {
  const hours = { checkInTime: '16:00', checkOutTime: '11:00' }
  t.strictSame(await placeFields({ 'check-in': '16:00', 'check-out': '11:00' }), hours)
  t.strictSame(await placeFields({ check_in: '16:00', check_out: '11:00' }), hours)
  t.strictSame(await placeFields({ checkin: '16:00', checkout: '11:00' }), hours)
  t.strictSame(await placeFields({ 'check-in': null, checkin: '9:30:00' }), { checkInTime: '09:30' })
  t.strictSame(await placeFields({ 'check-in': 'flexible', 'check-out': 1100 }), {})
})

t.test('a property’s timezone is an offset and no zone', async t => {
  t.strictSame(await placeFields({ timezone: '+0200' }), {})
})

t.test('coordinates outside the globe are left out', async t => {
  const at = (latitude: unknown, longitude: unknown) =>
    placeFields({ address: { coordinates: { latitude, longitude } } })
  t.strictSame(await at(40.7, -73.9), { latitude: 40.7, longitude: -73.9 })
  t.strictSame(await at('40.7', '-73.9'), { latitude: 40.7, longitude: -73.9 })
  for (const [latitude, longitude] of [
    [90.1, 0],
    [0, -180.1],
    [null, 10],
    ['', 10],
    ['north', 10]
  ]) {
    t.strictSame(await at(latitude, longitude), {})
  }
  t.strictSame(await placeFields({ address: null }), {})
  t.strictSame(await placeFields({ address: { coordinates: null } }), {})
})

t.test('a property is called by its own name, else by the public one', async t => {
  t.strictSame(await placeFields({ name: 'Bleecker 4F', public_name: 'Sunny' }), { name: 'Bleecker 4F' })
  t.strictSame(await placeFields({ name: null, public_name: 'Sunny' }), { name: 'Sunny' })
})

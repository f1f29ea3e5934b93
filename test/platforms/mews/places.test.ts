import t from 'tap'
import type { PlaceFields, UpsertPlace } from '../../../src/model/change.ts'
import type { Translation } from '../../../src/platforms/platform.ts'
import {
  changeIn,
  enterprise,
  ids,
  message,
  receivedAt,
  reservationTold,
  resource,
  service,
  translated,
  worldOf
} from './world.ts'

type Lists = Record<string, Record<string, unknown>[]>

async function roomTold(lists: Lists): Promise<Translation | undefined> {
  const [translation] = await translated(message(['ResourceUpdated', ids.room]), worldOf(lists))
  return translation
}

async function place(lists: Lists): Promise<UpsertPlace | undefined> {
  const change = changeIn(await roomTold(lists), 'upsert')
  return change?.kind === 'place' ? change : undefined
}

async function hours(value: Record<string, unknown>): Promise<(string | null | undefined)[]> {
  const change = changeIn(await reservationTold({}, { services: [service(value)] }), 'upsert')
  const { checkInTime, checkOutTime } = (change?.fields ?? {}) as PlaceFields
  return [checkInTime, checkOutTime]
}

async function coordinates(Latitude: unknown, Longitude: unknown) {
  const { latitude, longitude } =
    (await place({ configuration: [enterprise({ Address: { Latitude, Longitude } })] }))?.fields ?? {}
  return { latitude, longitude }
}

t.test(
  'a space is a place with its name and its property’s zone, and no hours that it does not tell',
  async t => {
    t.strictSame(await roomTold({}), [
      {
        change: 'upsert',
        kind: 'place',
        id: ids.room,
        fields: { name: '305', timeZone: 'Europe/Paris' },
        whole: false,
        version: Date.parse('2026-04-20T11:45:00Z')
      }
    ])
  }
)

t.test('a space that is no longer active is gone', async t => {
  t.strictSame(
    await roomTold({ resources: [resource({ IsActive: false, UpdatedUtc: '2026-06-12T06:40:00Z' })] }),
    [{ change: 'remove', kind: 'place', id: ids.room, version: Date.parse('2026-06-12T06:40:00Z') }]
  )
})

t.test('objects and persons are no places', async t => {
  for (const Data of [{ Discriminator: 'Object' }, { Discriminator: 'Person' }, null]) {
    t.strictSame(await roomTold({ resources: [resource({ Data })] }), {
      ignored: 'the resource is not a space'
    })
  }
})

t.test('an object that a stay is assigned to is a place, because the stay names it', async t => {
  const bed = resource({ Name: '305 A', Data: { Discriminator: 'Object', Value: {} } })
  const told = await reservationTold({}, { resources: [bed] })
  t.match(changeIn(told, 'upsert'), { kind: 'place', id: ids.room, fields: { name: '305 A' } })
  t.strictSame(changeIn(told, 'stays')?.stays[0]?.places, [ids.room])
})

t.test('the newest clock of room, property and service counts', async t => {
  const moved = enterprise({ UpdatedUtc: '2026-05-01T00:00:00Z' })
  t.equal((await place({ configuration: [moved] }))?.version, Date.parse('2026-05-01T00:00:00Z'))
  const services = [{ ...service(), UpdatedUtc: '2026-05-02T00:00:00Z' }]
  const told = changeIn(await reservationTold({}, { configuration: [moved], services }), 'upsert')
  t.equal(told?.version, Date.parse('2026-05-02T00:00:00Z'))
})

t.test('a room without UpdatedUtc counts from its receipt', async t => {
  t.equal((await place({ resources: [resource({ UpdatedUtc: null })] }))?.version, receivedAt)
})

t.test('a service’s offsets are the room’s hours', async t => {
  t.strictSame(await hours({}), ['15:00', '11:00'])
  t.strictSame(await hours({ StartOffset: 'PT14H30M', EndOffset: 'P0Y0M0DT9H5M0S' }), ['14:30', '09:05'])
  t.strictSame(await hours({ StartOffset: 'PT0S', EndOffset: 'P0M0DT0H0M0S' }), ['00:00', '00:00'])
})

t.test('a daytime service ends before midnight, which is a negative offset', async t => {
  t.strictSame(await hours({ StartOffset: 'P0M0DT8H0M0S', EndOffset: 'P0M0DT-6H-30M0S' }), ['08:00', '17:30'])
})

t.test('durations with months or days, and what is no duration, cannot become hours', async t => {
  for (const offset of ['P0M1DT2H0M0S', 'P1M0DT15H0M0S', 'P0M0DT24H0M0S', 'PT-25H', '15:00', '', 15, null]) {
    t.strictSame(
      await hours({ StartOffset: offset, EndOffset: offset }),
      [undefined, undefined],
      String(offset)
    )
  }
  t.strictSame(await hours({ StartOffset: 'PT-2H' }), [undefined, '11:00'], 'nor a start on the day before')
})

t.test('hourly services say nothing of the room’s hours', async t => {
  t.strictSame(await hours({ TimeUnitPeriod: 'Hour' }), [undefined, undefined])
  t.strictSame(await hours({ TimeUnitPeriod: 'Month' }), ['15:00', '11:00'])
})

t.test('the property’s address is the room’s', async t => {
  const Address = {
    Line1: '12 quai des Brumes',
    Line2: ' ',
    PostalCode: '44000',
    City: 'Nantes',
    CountryCode: 'FR'
  }
  const told = await place({ configuration: [enterprise({ Address })] })
  t.equal(told?.fields.address, '12 quai des Brumes, 44000 Nantes, FR')
  const without = await place({ configuration: [enterprise({ Address: {} })] })
  t.equal(without?.fields.address, null)
})

t.test('a latitude and longitude the wrong way round are left out where a range tells', async t => {
  const none = { latitude: null, longitude: null }
  t.strictSame(await coordinates(47.206, -1.564), { latitude: 47.206, longitude: -1.564 })
  t.strictSame(await coordinates(-122.4194, 37.7749), none)
  t.strictSame(await coordinates(47.2, 190), none)
  t.strictSame(await coordinates('47.206', '-1.564'), { latitude: 47.206, longitude: -1.564 })
  t.strictSame(await coordinates('north', -1.5), none)
  t.strictSame(await coordinates(null, null), none)
})

t.test('an offset is no zone', async t => {
  const told = await place({ configuration: [enterprise({ TimeZoneIdentifier: '+02:00' })] })
  t.equal(told?.fields.timeZone, undefined)
})

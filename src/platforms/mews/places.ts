import type { Static } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type Change, type PlaceFields, remove, upsertPlace } from '../../model/change.ts'
import { usableZone } from '../../model/time.ts'
import { firstText, instantMs, joinLine } from '../fields.ts'
import { positionOf } from '../told.ts'
import { Address, type Enterprise, type Resource, ResourceData, type Service, ServiceData } from './events.ts'
import { clockOf } from './guests.ts'

/** A resource, the property it stands in, and the service it is booked through, as far as they are told. */
export interface PlaceFacts {
  resource: Static<typeof Resource>
  enterprise?: Static<typeof Enterprise> | undefined
  service?: Static<typeof Service> | undefined
}

/** Rooms, beds, parking spaces. Objects and persons can be booked too; they become places only where a stay names them. */
export function isSpace({ resource }: PlaceFacts): boolean {
  return Value.Check(ResourceData, resource.Data) && resource.Data.Discriminator === 'Space'
}

export function isGone({ resource }: PlaceFacts): boolean {
  return resource.IsActive === false
}

/**
 * A stay that names a room brings it back where it is told later than the room went. So where a reservation is read
 * together with a room that is gone, that is also true as of the reservation's clock. The room's return has a later one:
 * it comes after the reading.
 */
export function placeGone({ resource }: PlaceFacts, receivedAt: number, namedAt = 0): Change {
  return remove('place', resource.Id, Math.max(clockOf(resource, receivedAt), namedAt))
}

/**
 * The newest of the clocks that the facts carry: a property's new time zone does not touch the room's own clock, and
 * every entity was read at the same moment.
 */
export function placeChange({ resource, enterprise, service }: PlaceFacts, receivedAt: number): Change {
  const version = Math.max(
    clockOf(resource, receivedAt),
    instantMs(enterprise?.UpdatedUtc) ?? 0,
    instantMs(service?.UpdatedUtc) ?? 0
  )
  return upsertPlace(resource.Id, version, {
    name: firstText(resource.Name),
    timeZone: usableZone(firstText(enterprise?.TimeZoneIdentifier)),
    ...hours(service),
    ...location(enterprise)
  })
}

function hours(service: PlaceFacts['service']): Pick<PlaceFields, 'checkInTime' | 'checkOutTime'> {
  const data = service?.Data
  // An hourly service starts whenever it is booked; its offsets say nothing.
  if (!Value.Check(ServiceData, data) || data.Value.TimeUnitPeriod === 'Hour') return {}
  return {
    checkInTime: wallTime(minutesOf(data.Value.StartOffset)),
    checkOutTime: wallTime(fromMidnight(minutesOf(data.Value.EndOffset)))
  }
}

/** A length of time such as `P0M0DT15H0M0S`, in minutes; years, months, weeks or days in it cannot become a time of day. */
function minutesOf(duration: unknown): number | undefined {
  const match = /^P(?:0[YMWD])*T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:-?\d+S)?$/.exec(firstText(duration) ?? '')
  return match === null ? undefined : Number(match[1] ?? 0) * 60 + Number(match[2] ?? 0)
}

/** The end is counted from the midnight that closes the last day; a service that ends before it has a negative offset. */
function fromMidnight(minutes: number | undefined): number | undefined {
  return minutes !== undefined && minutes < 0 ? minutes + 24 * 60 : minutes
}

function wallTime(minutes: number | undefined): string | undefined {
  if (minutes === undefined || minutes < 0 || minutes >= 24 * 60) return undefined
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

function location(
  enterprise: PlaceFacts['enterprise']
): Pick<PlaceFields, 'address' | 'latitude' | 'longitude'> {
  const address = enterprise?.Address
  if (!Value.Check(Address, address)) return {}
  const lines = [
    firstText(address.Line1),
    firstText(address.Line2),
    joinLine(address.PostalCode, address.City),
    firstText(address.CountryCode)
  ]
  return {
    address: firstText(lines.filter(line => line !== undefined).join(', ')) ?? null,
    ...coordinates(address.Latitude, address.Longitude)
  }
}

/** Mews’ own example has them exchanged, so a pair that cannot be right is left out whole. */
function coordinates(latitude: unknown, longitude: unknown): Pick<PlaceFields, 'latitude' | 'longitude'> {
  return positionOf(latitude, longitude) ?? { latitude: null, longitude: null }
}

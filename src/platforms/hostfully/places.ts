import type { PlaceFields } from '../../model/change.ts'
import { usableZone } from '../../model/time.ts'
import { firstText, joinAddress } from '../fields.ts'
import { idOf, type Members, membersOf, positionOf } from '../told.ts'

export const propertyMembers = ['uid', 'name', 'address', 'availability', 'timeZone', 'timezone']

/** Zone and position are not confirmed to be told; where they are, they are taken. */
export function placeFields(property: Members): PlaceFields {
  const address = membersOf(property.address)
  const { checkInTimeStart, checkOutTime } = membersOf(property.availability)
  const lines = ['address', 'address2', 'city', 'state', 'zipCode', 'countryCode']
  return {
    name: firstText(property.name),
    timeZone: usableZone(firstText(property.timeZone, property.timezone, address.timeZone)),
    checkInTime: hourOf(checkInTimeStart),
    checkOutTime: hourOf(checkOutTime),
    address: joinAddress(...lines.map(name => idOf(address[name]))),
    ...positionOf(address.latitude, address.longitude)
  }
}

/** A whole hour of the day as `HH:00`; anything else tells no hour. */
function hourOf(value: unknown): string | undefined {
  const hour = idOf(value) ?? ''
  return /^(?:[01]?\d|2[0-3])$/.test(hour) ? `${hour.padStart(2, '0')}:00` : undefined
}

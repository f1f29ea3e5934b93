import type { PlaceFields } from '../../model/change.ts'
import { usableZone } from '../../model/time.ts'
import { firstText, joinAddress, joinLine } from '../fields.ts'
import { type Members, membersOf, placeHour, positionOf } from '../told.ts'

/** What a property tells, whole or as a part. A zone is read where it stands, though no document promises one. */
export function placeFields(property: Members): PlaceFields {
  return {
    name: firstText(property.name),
    timeZone: usableZone(firstText(property.time_zone, property.timezone)),
    checkInTime: placeHour(property.check_in),
    checkOutTime: placeHour(property.check_out),
    address: addressOf(property.address),
    ...positionOf(property.latitude, property.longitude)
  }
}

/** A text, or the parts of an address. */
function addressOf(address: unknown): string | undefined {
  const { street1, street2, city, state, province, postal_code, country } = membersOf(address)
  return firstText(
    address,
    joinAddress(street1, street2, city, joinLine(state ?? province, postal_code), country)
  )
}

import type { PlaceFields } from '../../model/change.ts'
import { usableZone } from '../../model/time.ts'
import { firstText, joinAddress, joinLine } from '../fields.ts'
import { type Members, placeHour, positionOf } from '../told.ts'

/** What is read of a property. Only the name is seen in public code; the others are taken where they stand. */
export const attributeNames = [
  ...['name', 'nickname', 'time_zone', 'timezone', 'check_in_time', 'check_out_time'],
  ...['address', 'street', 'zip_code', 'city', 'country', 'latitude', 'longitude']
]

export function placeFields(property: Members): PlaceFields {
  const { street, zip_code, city, country } = property
  return {
    name: firstText(property.name, property.nickname),
    timeZone: usableZone(firstText(property.time_zone, property.timezone)),
    checkInTime: placeHour(property.check_in_time),
    checkOutTime: placeHour(property.check_out_time),
    address: firstText(property.address, joinAddress(street, joinLine(zip_code, city), country)),
    ...positionOf(property.latitude, property.longitude)
  }
}

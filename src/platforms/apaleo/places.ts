import type { PlaceFields } from '../../model/change.ts'
import { usableZone } from '../../model/time.ts'
import { type PlatformApi, wanted } from '../api.ts'
import { firstText, joinAddress, joinLine } from '../fields.ts'
import { readEntity } from '../read-entity.ts'
import { idOf, type Members, membersOf } from '../told.ts'
import { inventory } from './ask.ts'

/** A unit: its name, and zone and address of its property. apaleo keeps the hours with rate plans, so a place has none. */
export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  const unit = await readEntity(api, 'apaleo', inventory('units', id), id)
  if (unit === undefined) return undefined
  const propertyId = idOf(membersOf(unit.property).id)
  const property =
    propertyId &&
    (await wanted(api, () => readEntity(api, 'apaleo', inventory('properties', propertyId), propertyId)))
  return {
    name: firstText(unit.name),
    ...(property && {
      timeZone: usableZone(firstText(property.timeZone)),
      address: addressOf(membersOf(property.location))
    })
  }
}

function addressOf(location: Members): string | undefined {
  const { addressLine1, addressLine2, postalCode, city, countryCode } = location
  return joinAddress(addressLine1, addressLine2, joinLine(postalCode, city), countryCode)
}

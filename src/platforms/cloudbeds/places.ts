import type { RelayError } from '../../errors.ts'
import type { PlaceFields } from '../../model/change.ts'
import { usableTime, usableZone } from '../../model/time.ts'
import { goesWithout, isAnswer, type PlatformApi, wanted } from '../api.ts'
import { firstText, joinAddress, joinLine } from '../fields.ts'
import { idOf, isMembers, type Members, positionOf } from '../told.ts'
import { ask } from './ask.ts'
import { rowsOf } from './values.ts'

/** More pages than any property has: no list is read for ever. */
const MOST_PAGES = 100

/**
 * A room by `<property>:<room>`: zone, hours and address are the property's, the name is the room's. A room that the list
 * does not hold is not taken for gone: the list leaves some out, and a stay names it all the same.
 */
export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  const colon = id.indexOf(':')
  const property = id.slice(0, colon)
  const hotel = colon > 0 ? await ask(api, 'getHotelDetails', { propertyID: property }) : {}
  if (!isMembers(hotel)) return undefined
  const room = colon > 0 ? await listedRoom(property, id.slice(colon + 1), api) : undefined
  const policy = isMembers(hotel.propertyPolicy) ? hotel.propertyPolicy : {}
  return {
    name: room && roomName(room),
    timeZone:
      usableZone(firstText(hotel.propertyTimezone)) ?? (await wanted(api, () => zoneOf(property, api))),
    checkInTime: usableTime(firstText(policy.propertyCheckInTime)),
    checkOutTime: usableTime(firstText(policy.propertyCheckOutTime)),
    ...addressOf(hotel.propertyAddress)
  }
}

/** What a room is called; a bed is named after its dormitory. */
export function roomName(room: Members): string | undefined {
  const [name, dorm] = [firstText(room.roomName), firstText(room.dormRoomName)]
  if (name === undefined || dorm === undefined) return name ?? dorm
  return name.includes(dorm) ? name : `${dorm} – ${name}`
}

/** The list lends a name alone, which a stay in the room tells too: a key that may not read it still tells zone and hours. */
async function listedRoom(property: string, room: string, api: PlatformApi): Promise<Members | undefined> {
  const doesWithout = (trouble: RelayError) => isAnswer(trouble) || goesWithout(api, trouble)
  return wanted({ ...api, goesWithout: doesWithout }, () => roomOf(property, room, api))
}

/** A page has 20 rooms unless more are granted, so the end is a page that tells nothing new. */
async function roomOf(property: string, room: string, api: PlatformApi): Promise<Members | undefined> {
  const seen = new Map<string | undefined, Members>()
  for (let page = 1, known = -1; page <= MOST_PAGES && seen.size > known && !seen.has(room); page += 1) {
    known = seen.size
    // Some descriptions name the property in the singular, some in the plural.
    const query = { propertyID: property, propertyIDs: property, pageNumber: String(page), pageSize: '100' }
    // The rooms stand under each property of the answer.
    for (const { rooms, ...each } of rowsOf(await ask(api, 'getRooms', query))) {
      for (const row of rooms === undefined ? [each] : rowsOf(rooms)) seen.set(idOf(row.roomID), row)
    }
  }
  return seen.get(room)
}

/** Not every answer of getHotelDetails tells the zone; getHotels is documented to. */
async function zoneOf(property: string, api: PlatformApi): Promise<string | undefined> {
  const hotels = rowsOf(await ask(api, 'getHotels', { propertyIDs: property }))
  const hotel = hotels.find(each => idOf(each.propertyID) === property)
  return usableZone(firstText(hotel?.propertyTimezone))
}

function addressOf(address: unknown): Pick<PlaceFields, 'address' | 'latitude' | 'longitude'> {
  if (!isMembers(address)) return {}
  return {
    address: joinAddress(
      address.propertyAddress1,
      address.propertyAddress2,
      joinLine(address.propertyZip, address.propertyCity),
      address.propertyState,
      address.propertyCountry
    ),
    ...positionOf(address.propertyLatitude, address.propertyLongitude)
  }
}

import type { PlaceFields } from '../../model/change.ts'
import { usableZone } from '../../model/time.ts'
import { type PlatformApi, wanted } from '../api.ts'
import { firstText, joinAddress, joinLine, joinName } from '../fields.ts'
import { entriesOf, idOf, type Members, membersOf, placeHour, positionOf } from '../told.ts'
import { list } from './ask.ts'

/** A place: `roomId` is a type of rooms, and the room itself is one of its units. */
export function placeId(roomId: string, unitId: string): string {
  return `${roomId}-${unitId}`
}

/** Hours and address are the property's, the zone is the account's. */
export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  const [roomId = '', unitId = ''] = id.split('-')
  const found = await roomOf(roomId, api)
  if (found === undefined) return undefined
  const { property, room } = found
  return {
    name: nameOf(room, unitId),
    timeZone: await zoneOf(property, api),
    checkInTime: placeHour(property.checkInStart),
    checkOutTime: placeHour(property.checkOutEnd),
    address: addressOf(property),
    ...positionOf(property.latitude, property.longitude)
  }
}

/** A room type and its property; undefined where Beds24 returns neither. */
export async function roomOf(
  roomId: string,
  api: PlatformApi
): Promise<{ property: Members; room: Members } | undefined> {
  for (const property of await list(api, 'properties', { roomId, includeAllRooms: 'true' })) {
    const room = entriesOf(property.roomTypes).find(each => idOf(each.id) === roomId)
    if (room !== undefined) return { property, room }
  }
  return undefined
}

/** Names of units may be empty; where there is one unit only, the type says it all. */
function nameOf(room: Members, unitId: string): string | undefined {
  const type = firstText(room.name)
  if (idOf(room.qty) === '1') return type
  const unit = entriesOf(room.units).find(each => idOf(each.id) === unitId)
  return joinName(type, idOf(unit?.name) ?? unitId)
}

/** Where accounts cannot be read, hours and address are told all the same. */
async function zoneOf(property: Members, api: PlatformApi): Promise<string | undefined> {
  const own = usableZone(firstText(property.timezone))
  if (own !== undefined) return own
  const accounts = (await wanted(api, () => list(api, 'accounts', {}))) ?? []
  const owner = idOf(membersOf(property.account).ownerId)
  const account =
    accounts.find(
      ({ id, ownerId }) => owner !== undefined && [id, ownerId].map(each => idOf(each)).includes(owner)
    ) ?? (accounts.length === 1 ? accounts[0] : undefined)
  return usableZone(firstText(account?.timezone))
}

function addressOf({ address, postcode, city, state, country }: Members): string | undefined {
  return joinAddress(address, joinLine(postcode, city), state, country)
}

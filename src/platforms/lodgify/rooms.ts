import { type UpsertPlace, upsertPlace } from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { firstText, joinName } from '../fields.ts'
import { entriesOf, idOf, type Members, placeNamed } from '../told.ts'

/** Where a booking takes place, and what its event says of that. */
export interface Rooms {
  /** Undefined where nothing is told of them. */
  places: string[] | undefined
  told: UpsertPlace[]
}

/**
 * A rental that is let as a whole is its property; a house with several room types is known by these. That it is one
 * shows in a booking of several room types, in the property as it was read, or in settings that name a room type. Where the
 * property was not read, a booking of several rooms of one type shows it too.
 */
export function roomsOf(
  booking: { property: unknown; propertyName: unknown; rooms: Members[]; roomTypes: number },
  version: number,
  connection: Connection
): Rooms {
  const booked = typesIn(booking.rooms)
  const types = [...new Set(booked)]
  const propertyName = firstText(booking.propertyName)
  const byRoom =
    types.length > 1 ||
    (types.length === 1 && (booking.roomTypes || booked.length) > 1) ||
    types.some(id => Object.hasOwn(connection.places, id))
  if (byRoom) {
    return {
      places: types,
      told: types.flatMap(id => {
        const room = booking.rooms.find(each => idOf(each.room_type_id) === id && firstText(each.name))
        const roomName = firstText(room?.name)
        return named(id, version, roomName === propertyName ? propertyName : joinName(propertyName, roomName))
      })
    }
  }
  const property = idOf(booking.property)
  return property === undefined
    ? { places: placeNamed(booking.property), told: [] }
    : { places: [property], told: named(property, version, propertyName) }
}

/** The room type of each room, as often as it was booked. */
export function typesIn(rooms: Members[]): string[] {
  return rooms.map(room => idOf(room.room_type_id)).filter(id => id !== undefined)
}

function named(id: string, version: number, name: string | undefined): UpsertPlace[] {
  return name === undefined ? [] : [upsertPlace(id, version, { name })]
}

/** One code opens all rooms of a stay, so rooms that were given different ones say nothing together. */
export function codeOf(booking: Members): string | null | undefined {
  const told = [...entriesOf(booking.rooms).map(room => room.key_code), booking.key_code]
  const codes = new Set(told.map(code => idOf(code)).filter(code => code !== undefined))
  if (codes.size === 1) return [...codes][0]
  return told.every(code => code === undefined) ? undefined : null
}

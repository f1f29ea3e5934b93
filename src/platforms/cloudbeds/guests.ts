import type { GuestFields, StayGuest } from '../../model/change.ts'
import { firstText, joinName } from '../fields.ts'
import { idOf, isTrue, type Members, told } from '../told.ts'
import type { Reservation } from './hydrate.ts'
import { textOf } from './values.ts'

/** Ids are unique within a property only. */
export function keyOf(property: string, id: string): string {
  return `${property}:${id}`
}

/**
 * Who stays in a room: the guest that Cloudbeds has put there, the main guest before others, else the main guest, else
 * whoever booked. Where nobody is named, nothing is told of who it is: a code must not end by that.
 */
export function guestOf(property: string, room: Members, reservation: Reservation): StayGuest {
  const { guestList } = reservation
  const here = guestList.filter(guest => isIn(guest, room))
  const guest = here.find(isMain) ?? here[0] ?? guestList.find(isMain)
  if (guest !== undefined) {
    const id = idOf(guest.guestID)
    return { id: id === undefined ? null : keyOf(property, id), ...listedGuest(guest, reservation) }
  }
  const booker = bookerOf(reservation)
  return booker.name || booker.email || isTrue(reservation.isAnonymized) ? booker : {}
}

/** The fields of getGuest. */
export function guestFields(guest: Members): GuestFields {
  if (isTrue(guest.isAnonymized)) return nobody
  return {
    name: joinName(guest.firstName, guest.lastName),
    email: textOf(guest.email),
    phone: phoneOf(guest.cellPhone, guest.phone)
  }
}

/** A person who asked to be forgotten: what was told of them before is no longer true. */
const nobody: GuestFields = { name: null, email: null, phone: null }

function listedGuest(guest: Members, reservation: Reservation): GuestFields {
  if (isTrue(guest.isAnonymized)) return nobody
  const booker = isMain(guest) ? bookerOf(reservation) : {}
  return {
    name: joinName(guest.guestFirstName, guest.guestLastName) ?? booker.name,
    email: firstText(guest.guestEmail) ?? booker.email ?? textOf(guest.guestEmail),
    phone: phoneOf(guest.guestCellPhone, guest.guestPhone)
  }
}

function bookerOf({ guestName, guestEmail, isAnonymized }: Reservation): GuestFields {
  return isTrue(isAnonymized) ? nobody : { name: firstText(guestName), email: textOf(guestEmail) }
}

/** The mobile phone first: it is the one that a guest has with them. A note in its place, such as `n/a`, hides no other. */
function phoneOf(...phones: unknown[]): string | null | undefined {
  return told(
    phones.find(phone => /(?:\d\D*){5}/.test(told(phone) ?? '')),
    ...phones
  )
}

function isMain(guest: Members): boolean {
  return isTrue(guest.isMainGuest)
}

/** By the sub-reservation where the guest's rooms tell it: the same room may come twice in a split stay. */
function isIn(guest: Members, room: Members): boolean {
  const rooms = Array.isArray(guest.rooms) && guest.rooms.length > 0 ? (guest.rooms as Members[]) : [guest]
  return rooms.some(each => {
    const sub = idOf(each.subReservationID)
    if (sub !== undefined) return sub === idOf(room.subReservationID)
    const id = idOf(each.roomID)
    return id !== undefined && id === idOf(room.roomID)
  })
}

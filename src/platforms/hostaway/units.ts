import type { StayGuest } from '../../model/change.ts'
import { firstText, joinName } from '../fields.ts'
import { entriesOf, guestByEmail, type Members, told } from '../told.ts'
import { idOf, type Reservation } from './events.ts'

/** One unit of a booking: the end of its stay's id, its place, and who is to stay there. */
export interface UnitRow {
  suffix: string
  place: string | undefined
  row: Members
}

/**
 * The units a booking names, by the id of their row, else of the unit; none where the list is empty, as it is for
 * bookings of a listing without units and for webhooks that leave it out.
 */
export function unitRows(reservation: Reservation): UnitRow[] {
  const rows = new Map<string, UnitRow>()
  for (const row of entriesOf(reservation.reservationUnit)) {
    const place = idOf(row.listingUnitId)
    const suffix = idOf(row.id) ?? place
    if (suffix !== undefined) rows.set(suffix, { suffix, place, row })
  }
  return [...rows.values()]
}

/**
 * Who made the booking. The e-mail and the phone are this person's, whoever stays. A body that leaves the e-mail out does not tell
 * whether it is still the one who was named before.
 */
export function bookerOf(reservation: Reservation): StayGuest {
  return guestByEmail({
    name: nameOf(reservation),
    email: told(reservation.guestEmail),
    phone: told(reservation.phone)
  })
}

/**
 * One guest for each unit. The booker, under the booker's own name and with the booker's e-mail and phone, stays in the
 * only unit, in units that name nobody, and in those that name the booker. Anybody else is a guest without contact
 * details: two people never share an address. Where by that the booker stays nowhere, the first unit (by id) is the
 * booker's, for otherwise nobody could be reached.
 */
export function unitGuests(
  reservation: Reservation,
  units: UnitRow[]
): { unit: UnitRow; guest: StayGuest }[] {
  const booker = bookerOf(reservation)
  const staying = units.filter(({ row }) => units.length === 1 || isBooker(row, reservation))
  if (staying.length === 0 && (booker.email || booker.phone)) {
    staying.push(...units.toSorted((a, b) => Number(a.suffix) - Number(b.suffix)).slice(0, 1))
  }
  return units.map(unit => ({
    unit,
    guest: staying.includes(unit) ? booker : { name: nameOf(unit.row), email: null, phone: null }
  }))
}

/** A unit of the booking, or the booking itself. */
type Named = Pick<Reservation, 'guestName' | 'guestFirstName' | 'guestLastName'>

export function nameOf({ guestName, guestFirstName, guestLastName }: Named): string | undefined {
  return firstText(guestName) ?? joinName(guestFirstName, guestLastName)
}

function isBooker(row: Named, reservation: Reservation): boolean {
  const [here, booker] = [spellings(row), spellings(reservation)]
  return here.length === 0 || here.some(name => booker.includes(name))
}

/** The name as one field and as two, without case and double spaces. */
function spellings({ guestName, guestFirstName, guestLastName }: Named): string[] {
  return [firstText(guestName), joinName(guestFirstName, guestLastName)]
    .filter(name => name !== undefined)
    .map(name => name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' '))
}

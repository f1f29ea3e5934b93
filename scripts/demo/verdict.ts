import { placeKey, prefixed } from '../../src/desired/keys.ts'
import type { Connection } from '../../src/model/connection.ts'
import { kindOfList, kinds } from '../../src/model/kind.ts'
import type { Platform } from '../../src/platforms/platform.ts'
import type { SampleBooking } from '../../src/platforms/samples.ts'
import type { CustomerView } from '../../src/sandbox/state.ts'
import { instantsOf } from './bookings.ts'

/** What is true at the platform, and what Seam holds. */
export interface Evidence {
  platform: Pick<Platform, 'samples'>
  connection: Connection
  /** Every booking as the last true step left it. */
  truth: SampleBooking[]
  held: CustomerView
}

type Entry = Record<string, unknown>

/** Where Seam and the truth differ; nothing where all is right. */
export function faultsOf({ platform, connection, truth, held }: Evidence): string[] {
  const { lists } = connection
  const stayKey = keyFieldOf(lists.stay)
  const guestKey = keyFieldOf(lists.guest)
  const stays = new Map(entriesOf(held, lists.stay).map(stay => [String(stay[stayKey]), stay]))
  const guests = new Map(entriesOf(held, lists.guest).map(guest => [String(guest[guestKey]), guest]))
  const booked = truth
    .filter(({ status }) => status === 'confirmed')
    .flatMap(booking =>
      platform.samples.ids(booking).stays.map(({ id, place }) => ({
        key: prefixed(connection, id),
        place: placeKey(connection, place),
        booking
      }))
    )

  const faults = [...stays.keys()]
    .filter(key => booked.every(each => each.key !== key))
    .map(key => `${key} is at Seam, and no such stay is booked`)
  for (const { key, place, booking } of booked) {
    const stay = stays.get(key)
    if (stay === undefined) {
      faults.push(`${key} is booked, and not at Seam`)
      continue
    }
    const { startsAt, endsAt } = instantsOf(booking)
    const guest = guests.get(String(stay[guestKey]))
    const granted = held.stays.some(each => each.key === key && each.access === 'granted')
    if (Date.parse(String(stay.starts_at)) !== startsAt) faults.push(`${key} starts at another instant`)
    if (Date.parse(String(stay.ends_at)) !== endsAt) faults.push(`${key} ends at another instant`)
    if (String(stay[placeFieldOf(lists.place)]) !== place) faults.push(`${key} is in another room`)
    if (guest?.email_address !== booking.guest.email) faults.push(`${key} is somebody else’s`)
    if (!granted) faults.push(`${key} opens no door`)
  }
  const needed = new Set([...stays.values()].map(stay => String(stay[guestKey])))
  const idle = [...guests.keys()].filter(key => !needed.has(key))
  return [...faults, ...idle.map(key => `${key} is at Seam, and no stay needs this guest`)]
}

/** What Seam holds of one kind. */
export function entriesOf({ resources }: CustomerView, list: string): Entry[] {
  return (resources[list] ?? []) as Entry[]
}

function keyFieldOf(list: string): string {
  return kinds[kindOfList(list)].keyField
}

/** The member of a stay that lists its places; a list of one reads as its only member. */
function placeFieldOf(list: string): string {
  return String(kinds[kindOfList(list)].refField)
}

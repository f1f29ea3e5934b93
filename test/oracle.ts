import { Temporal } from 'temporal-polyfill'
import type { Connection } from '../src/model/connection.ts'
import type { SampleBooking, Samples } from '../src/platforms/samples.ts'
import type { CustomerView } from '../src/sandbox/state.ts'
import type { Step } from './histories.ts'
import type { Limits } from './platform-limits.ts'

/** What Seam is to hold in the end, as far as it follows from what truly happened. */
export interface Expected {
  stays: {
    reservation_key: string
    starts_at: string
    ends_at: string
    space_keys: string[]
    preferred_code?: string
    guest: { name: string; email_address?: string; phone_number?: string }
  }[]
  guests: number
  /** Places that stays name: their zone, where webhooks tell it. */
  places: Record<string, string | undefined>
}

/** From the last true step of each booking; knows nothing of how the relay works. */
export function expectedOf(
  steps: Step[],
  samples: Samples,
  connection: Connection,
  limits: Limits
): Expected {
  const last = new Map(steps.map(({ after }) => [after.id, after]))
  const people = peopleIn(steps, samples, limits)
  const named = new Set<string>()
  const stays = [...last.values()]
    .filter(booking => booking.status === 'confirmed')
    .flatMap(booking =>
      samples.ids(booking).stays.map(({ id, place }) => {
        const identity = identityOf(booking, id, limits)
        const { name, email, phone } = people.get(identity) as SampleBooking['guest']
        named.add(identity)
        return {
          reservation_key: `${connection.id}:${id}`,
          starts_at: instant(booking.arrival, booking.checkIn, booking.timeZone),
          ends_at: instant(booking.departure, booking.checkOut, booking.timeZone),
          space_keys: [`${connection.id}:${place}`],
          ...(booking.code !== null && limits.tellsCodes && { preferred_code: booking.code }),
          guest: {
            name,
            ...(email !== null && { email_address: email }),
            ...(phone !== null && { phone_number: phone })
          }
        }
      })
    )
  return {
    stays: stays.sort((a, b) => (a.reservation_key < b.reservation_key ? -1 : 1)),
    guests: named.size,
    places: placesOf(
      stays.flatMap(stay => stay.space_keys),
      () => (limits.tellsZone ? steps[0]?.after.timeZone : undefined)
    )
  }
}

/** The same of what the sandbox holds. */
export function heldBy(customer: CustomerView | undefined, limits: Limits): Expected {
  const list = (name: string) => (customer?.resources[name] ?? []) as Record<string, unknown>[]
  const guests = new Map(list('guests').map(({ guest_key, ...guest }) => [guest_key, guest]))
  const spaces = new Map(list('spaces').map(space => [space.space_key, space.customer_data]))
  const stays = list('reservations').map(({ guest_key, name: _name, ...stay }) => ({
    ...stay,
    guest: guests.get(guest_key)
  })) as Expected['stays']
  const places = placesOf(
    stays.flatMap(stay => stay.space_keys.filter(key => spaces.has(key))),
    key => (limits.tellsZone ? (spaces.get(key) as { time_zone?: string })?.time_zone : undefined)
  )
  return { stays, guests: guests.size, places }
}

/** Family names that stays at Seam must carry, by key: of guests whom only one booking ever named. */
export function namesToCarry(
  steps: Step[],
  samples: Samples,
  connection: Connection,
  limits: Limits
): Map<string, string> {
  if (!limits.staysNamedAfterGuest) return new Map()
  const last = new Map(steps.map(({ after }) => [after.id, after]))
  const bookingsOf = Map.groupBy(steps, ({ after }) => after.guest.id)
  const own = [...last.values()].filter(
    ({ guest }) => new Set(bookingsOf.get(guest.id)?.map(({ after }) => after.id)).size === 1
  )
  return new Map(
    own.flatMap(booking =>
      samples
        .ids(booking)
        .stays.map(
          ({ id }) => [`${connection.id}:${id}`, booking.guest.name.split(' ').at(-1) ?? ''] as const
        )
    )
  )
}

function placesOf(keys: string[], zoneOf: (key: string) => string | undefined): Expected['places'] {
  return Object.fromEntries(keys.map(key => [key, zoneOf(key)]))
}

/** Who is who, by what the platform tells guests apart. */
function identityOf({ guest }: SampleBooking, stayId: string, { guestsBy }: Limits): string {
  if (guestsBy === 'id') return guest.id
  if (guest.email !== null) return guest.email.toLowerCase()
  return guestsBy === 'address' ? stayId : `${guest.phone}`
}

/** What was told last of each guest; only confirmed bookings tell of theirs. */
function peopleIn(steps: Step[], samples: Samples, limits: Limits): Map<string, SampleBooking['guest']> {
  const people = new Map<string, SampleBooking['guest']>()
  for (const { after } of steps) {
    if (after.status !== 'confirmed') continue
    if (limits.guestsBy === 'id') people.set(after.guest.id, after.guest)
    for (const { id } of samples.ids(after).stays) people.set(identityOf(after, id, limits), after.guest)
    if (limits.guestsBy !== 'id' && after.guest.email !== null)
      people.set(after.guest.email.toLowerCase(), after.guest)
  }
  return people
}

function instant(date: string, time: string, timeZone: string): string {
  return Temporal.PlainDateTime.from(`${date}T${time}`)
    .toZonedDateTime(timeZone, { disambiguation: 'compatible' })
    .toInstant()
    .toString()
}

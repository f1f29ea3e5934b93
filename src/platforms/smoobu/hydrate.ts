import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import { usableZone } from '../../model/time.ts'
import { goneOnceAsked, type PlatformApi, unavailable } from '../api.ts'
import { askAgainWhileBehind } from '../behind.ts'
import { firstText, joinAddress, joinLine } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { readEntity } from '../read-entity.ts'
import { idOf, localDate, type Members, membersOf, positionOf } from '../told.ts'
import {
  apartmentOf,
  clockOf,
  isOlder,
  ReservationEvent,
  reservationEvents,
  reservationOf
} from './events.ts'
import { overBecause, standingOf } from './status.ts'

export type Facts = { gone: true } | { reservation: Members }

/** Nobody signs the webhooks, so every reservation is read again where that is possible. */
export const hydration: Hydration = {
  wants: event =>
    reservationEvents.includes(event.type) && Value.Check(ReservationEvent, event.payload) ? 'may' : 'no',
  read: (events, api) => Promise.all(events.map(event => readReservation(event, api)))
}

async function readReservation({ type, payload }: PlatformEvent, api: PlatformApi): Promise<Facts | null> {
  if (!Value.Check(ReservationEvent, payload)) return null
  const { id } = payload.data
  const webhook = reservationOf(payload.data)
  const isOver = overBecause(type, webhook.type) !== undefined
  const answer = await get(api, `/api/reservations/${encodeURIComponent(id)}`)
  if (answer === undefined) {
    return isOver ? { gone: true } : goneOnceAsked(api, 'Smoobu does not know a reservation that is on')
  }
  if (idOf(answer.id) !== idOf(id)) throw unavailable('Smoobu answered with another reservation')
  const reservation = reservationOf(answer)
  // The webhook is believed above a reading that was changed before it.
  if (!isOlder(reservation, webhook)) {
    askAgainWhileBehind(api, 'Smoobu', {
      standing: [
        isOver ? 'cancelled' : standingOf(webhook.type),
        standingOf(reservation.type ?? webhook.type)
      ],
      others: [
        [localDate(webhook.arrival), localDate(reservation.arrival)],
        [localDate(webhook.departure), localDate(reservation.departure)],
        [apartmentOf(webhook), apartmentOf(reservation)]
      ],
      // A deletion does not move the time of the last change, so a reading may be behind and not look it.
      toldAt: isOver ? undefined : clockOf(webhook),
      changedAt: clockOf(reservation)
    })
  }
  return { reservation }
}

export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  const apartment = await get(api, `/api/apartments/${encodeURIComponent(id)}`)
  if (apartment === undefined) return undefined
  const { street, zip, city, country, latitude, longitude } = membersOf(apartment.location)
  return {
    name: firstText(apartment.name),
    timeZone: usableZone(firstText(apartment.timeZone)),
    address: joinAddress(street, joinLine(zip, city), country),
    ...positionOf(latitude, longitude)
  }
}

/** Some user agents that libraries use are shut out, so this one has a name of its own. */
function get(api: PlatformApi, path: string): Promise<Members | undefined> {
  return readEntity(api, 'Smoobu', {
    method: 'GET',
    origin: 'https://login.smoobu.com',
    path,
    headers: { 'api-key': `${api.settings.api_key}`, 'user-agent': 'seam-relay' }
  })
}

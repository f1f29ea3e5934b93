import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import { goneOnceAsked, type PlatformApi, wanted } from '../api.ts'
import { askAgainWhileBehind, type Compared } from '../behind.ts'
import { firstText } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { needStatus, only, readEntity } from '../read-entity.ts'
import { localDate, type Members, membersOf } from '../told.ts'
import { EntityEvent, entityOf, lists, namedIn } from './events.ts'
import { placeFields } from './places.ts'
import { clockOf, standingOf } from './status.ts'

export type Facts =
  | { gone: true }
  | {
      /** As read, unless the webhook is the newer one. */
      entity: Members
      /** Of a booking: its guest with e-mail and phone, which no webhook of a booking carries. */
      guest?: Members
    }

/** What is read of a booking, a guest and a property. */
const members = [
  ...['id', 'type', 'status', 'is_block', 'title', 'arrival', 'departure', 'check_in', 'check_out'],
  ...['guest_id', 'guest', 'property_id', 'property', 'platform_reservation_number', 'door_codes'],
  ...['first_name', 'last_name', 'email_addresses', 'phones'],
  ...['name', 'address', 'latitude', 'longitude', 'time_zone', 'timezone'],
  ...['created_utc', 'updated_utc', 'canceled_utc']
]

export const hydration: Hydration = {
  wants: needOf,
  read: (events, api) => Promise.all(events.map(event => readFacts(event, api)))
}

/**
 * Without the entity there is nothing to say. With it, e-mail, phone and door codes are still missing, and guests and
 * properties have no clock. A cancellation or a block needs none of these, so that no outage delays it.
 */
function needOf(event: PlatformEvent): 'must' | 'may' | 'no' {
  const [kind, action] = partsOf(event)
  if (action === 'entity_delete' || lists[kind] === undefined) return 'no'
  if (!Value.Check(EntityEvent, event.payload)) return 'no'
  const entity = entityOf(event.payload)
  if (entity === undefined) return 'must'
  return isOver(kind, entity) && clockOf(entity) !== undefined ? 'no' : 'may'
}

/** Of what gives no access: a booking that is cancelled, or a block. */
function isOver(kind: string, entity: Members): boolean {
  const standing = kind === 'booking' ? standingOf(entity) : undefined
  return standing === 'cancelled' || standing === 'block'
}

async function readFacts(event: PlatformEvent, api: PlatformApi): Promise<Facts | null> {
  const [kind] = partsOf(event)
  const list = lists[kind]
  if (list === undefined || !Value.Check(EntityEvent, event.payload)) return null
  const told = membersOf(event.payload.entity)
  const read = await get(api, list, event.payload.entity_id)
  if (read === undefined)
    return isOver(kind, told)
      ? { gone: true }
      : goneOnceAsked(api, `OwnerRez does not know the ${kind} that it named`)
  if (kind === 'booking') needStatus('OwnerRez', 'booking', firstText(read.status))
  const entity = newerOver(told, read)
  const facts = { entity: only(members, entity) }
  const standing = kind === 'booking' ? standingOf(entity) : undefined
  const isOn = standing === 'pushed' || standing === 'tentative'
  if (kind === 'booking') askAgainWhileBehind(api, 'OwnerRez', comparedTo(told, entity))
  const { id: guestId } = namedIn(entity.guest_id, entity.guest)
  if (guestId === undefined || !isOn) return facts
  const guest = await wanted(api, () => get(api, 'guests', guestId))
  return guest === undefined ? facts : { ...facts, guest: only(members, guest) }
}

/** A booking as its webhook tells it, and as it was put together: whatever differs is the reading's, which is no older. */
function comparedTo(told: Members, entity: Members): Compared {
  return {
    standing: [standingOf(told), standingOf(entity)],
    others: [
      [localDate(told.arrival), localDate(entity.arrival)],
      [localDate(told.departure), localDate(entity.departure)],
      [namedIn(told.property_id, told.property).id, namedIn(entity.property_id, entity.property).id]
    ],
    toldAt: clockOf(told),
    changedAt: clockOf(entity)
  }
}

/**
 * What both tell, the newer one's word before the other's. A reading follows its webhook by seconds and may still show
 * the booking as it was: the hold, or the former days.
 */
function newerOver(told: Members, read: Members): Members {
  const isBehind = (clockOf(read) ?? Infinity) < (clockOf(told) ?? -Infinity)
  return isBehind ? { ...read, ...told } : { ...told, ...read }
}

function partsOf({ type }: PlatformEvent): [kind: string, action: string] {
  const [kind = '', action = ''] = type.split('.')
  return [kind, action]
}

export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  const property = await get(api, 'properties', id)
  return property && placeFields(property)
}

/**
 * With a personal access token instead of OAuth: HTTP Basic with the account's e-mail. Whoever asks without saying who
 * they are is refused. 300 requests in five minutes are allowed. Whether one booking tells its door codes unasked is not
 * known, so they are asked for as in lists of bookings.
 */
function get(api: PlatformApi, list: string, id: string): Promise<Members | undefined> {
  const { username, token } = api.settings
  const origin = 'https://api.ownerrez.com'
  const path = `/v2/${list}/${encodeURIComponent(id)}`
  const headers = {
    authorization: `Basic ${Buffer.from(`${username}:${token}`).toString('base64')}`,
    'user-agent': 'seam-relay (webhook relay; reads bookings, guests and properties)'
  }
  const query: Record<string, string> =
    list === 'bookings' ? { include_door_codes: 'true', include_guest: 'true' } : {}
  return readEntity(api, 'OwnerRez', { method: 'GET', origin, path, query, headers }, id)
}

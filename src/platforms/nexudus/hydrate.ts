import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import { usableCode } from '../../model/contact.ts'
import type { PlatformApi } from '../api.ts'
import { firstText } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { only, readEntity } from '../read-entity.ts'
import { entriesOf, idOf, isTrueInAnyCase, type Members, membersOf, positionOf } from '../told.ts'
import { BookingRecord } from './events.ts'
import { DESK } from './translate.ts'

const ORIGIN = 'https://spaces.nexudus.com'

/** The member of a booking; or that they are gone, which says nothing of the booking. */
export type Facts = { coworker: Members } | { gone: true }

/** Bookings are told without the member's e-mail. One that is off, or of nobody, needs none. */
export const hydration: Hydration = {
  wants(event, { tentative }) {
    if (event.type !== 'BookingCreate' && event.type !== 'BookingUpdate') return 'no'
    const { IsCancelled, Tentative } = membersOf(event.payload)
    const waits = isTrueInAnyCase(Tentative) && tentative === 'hold'
    return coworkerIn(event) === undefined || isTrueInAnyCase(IsCancelled) || waits ? 'no' : 'may'
  },
  read: (events, api) => Promise.all(events.map(event => readCoworker(`${coworkerIn(event)}`, api)))
}

function coworkerIn({ payload }: PlatformEvent): string | undefined {
  return Value.Check(BookingRecord, payload) ? idOf(payload.CoworkerId) : undefined
}

const kept = ['Id', 'FullName', 'Email', 'MobilePhone', 'UpdatedOn']

async function readCoworker(id: string, api: PlatformApi): Promise<Facts> {
  const entity = await read('coworkers', id, api)
  return entity === undefined
    ? { gone: true }
    : { coworker: { ...only(kept, entity), codes: codesIn(entity) } }
}

/** Custom fields that can be a door code, by name; whatever else is in them is nobody's business here. */
function codesIn(entity: Members): Record<string, string> {
  const { CustomFields } = entity
  const listed = [...entriesOf(CustomFields), ...entriesOf(membersOf(CustomFields).Data)].map(
    ({ Name, Value }) => [firstText(Name), idOf(Value)]
  )
  // Such as `Salto.Pin`; the record's own members have no dot.
  const named = Object.entries(entity).filter(([name]) => name.includes('.'))
  return Object.fromEntries(
    [...listed, ...named.map(([name, value]) => [name, idOf(value)])].filter(
      ([name, code]) => name !== undefined && usableCode(code) !== undefined
    )
  )
}

/**
 * A resource's name, position, and length where it has only one; `IntervalLimit` is a pause between bookings. What
 * Nexudus's floor plans know of a desk comes in events. Zone and address are those of the business.
 */
export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  if (id.startsWith(DESK)) return {}
  const resource = await read('resources', id, api)
  if (resource === undefined || resource.Archived === true) return undefined
  const { Name, MinBookingLength: shortest, MaxBookingLength: longest, Latitude, Longitude } = resource
  const isFixed = typeof shortest === 'number' && shortest > 0 && shortest === longest
  return {
    name: firstText(Name),
    // The whole is read: what it no longer has is none.
    durationMinutes: isFixed ? shortest : null,
    ...(positionOf(Latitude, Longitude) ?? { latitude: null, longitude: null })
  }
}

function read(list: string, id: string, api: PlatformApi): Promise<Members | undefined> {
  const { username, password } = api.settings
  const path = `/api/spaces/${list}/${encodeURIComponent(id)}`
  const headers = { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
  return readEntity(api, 'Nexudus', { method: 'GET', origin: ORIGIN, path, headers }, id)
}

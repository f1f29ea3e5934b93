import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import { goneOnceAsked, type PlatformApi, unavailable } from '../api.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { only, readEntity } from '../read-entity.ts'
import { idOf, type Members, membersOf } from '../told.ts'
import { PropertyEvent } from './events.ts'
import { attributeNames, placeFields } from './places.ts'

export type Facts = { gone: true } | { property: Members }

/** Events of properties carry little more than an id. Bookings are told whole, and no address to read one is known. */
export const hydration: Hydration = {
  wants: event =>
    /^property_(?:created|updated)$/.test(event.type) && Value.Check(PropertyEvent, event.payload)
      ? 'may'
      : 'no',
  read: (events, api) => Promise.all(events.map(event => readFacts(event, api)))
}

async function readFacts({ payload }: PlatformEvent, api: PlatformApi): Promise<Facts | null> {
  if (!Value.Check(PropertyEvent, payload)) return null
  const property = await readProperty(String(payload.id), api)
  return property === undefined
    ? goneOnceAsked(api, 'Uplisting does not know a property that it named')
    : { property }
}

/**
 * A place may also be a multi-unit, which is no property: what is not found is therefore not gone, it has nothing to tell.
 * A property that is taken away is told by an event.
 */
export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields> {
  const property = await readProperty(id, api)
  return property === undefined ? {} : placeFields(property)
}

/** The attributes of a JSON:API document. */
async function readProperty(id: string, api: PlatformApi): Promise<Members | undefined> {
  const document = await readEntity(api, 'Uplisting', {
    method: 'GET',
    origin: 'https://connect.uplisting.io',
    path: `/properties/${encodeURIComponent(id)}`,
    // The key alone, without a user and without a colon.
    headers: { authorization: `Basic ${Buffer.from(`${api.settings.api_key}`).toString('base64')}` }
  })
  if (document === undefined) return undefined
  const data = membersOf(document.data)
  if (idOf(data.id, id) !== id) throw unavailable('Uplisting answered something else than was asked for')
  return only(attributeNames, membersOf(data.attributes))
}

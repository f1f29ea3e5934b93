import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import { goneOnceAsked, type PlatformApi, refused } from '../api.ts'
import { firstText } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { readEntity } from '../read-entity.ts'
import { type Members, told } from '../told.ts'
import { InviteeEvent, idIn, presentMembers } from './events.ts'
import { standings, statusOf } from './status.ts'

const ORIGIN = 'https://api.calendly.com'

/** What is known of a scheduled event that the webhook only pointed at. */
export type Facts = { scheduledEvent: Members } | { gone: true }

/** Payloads of older subscriptions name the scheduled event by its address only. What is off does without it. */
export const hydration: Hydration = {
  wants(event) {
    return event.type === 'invitee.created' && addressedIn(event) !== undefined ? 'must' : 'no'
  },
  read: (events, api) => Promise.all(events.map(event => readScheduledEvent(addressedIn(event), api)))
}

/** The id of the scheduled event, where the payload has nothing else of it. */
function addressedIn({ payload }: PlatformEvent): string | undefined {
  if (!Value.Check(InviteeEvent, payload)) return undefined
  const invitee = payload.payload
  if (presentMembers(invitee.scheduled_event) !== undefined) return undefined
  if (standings.get(statusOf(invitee.status)) === 'cancelled') return undefined
  return idIn('scheduled_events', invitee.event) ?? idIn('scheduled_events', invitee.uri)
}

async function readScheduledEvent(id: string | undefined, api: PlatformApi): Promise<Facts> {
  const resource = await readResource('scheduled_events', `${id}`, api)
  if (resource === undefined)
    return goneOnceAsked(api, 'Calendly does not know the event that somebody booked')
  const { name, status, start_time, end_time, event_type, location } = resource
  // Who hosts and who else comes is not kept with a delivery.
  const read = { name, status, start_time, end_time, event_type, location }
  return {
    scheduledEvent: Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
  }
}

/** An event type knows its name and length, and no zone: it is the host's. */
export async function readEventType(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  const resource = await readResource('event_types', id, api)
  if (resource === undefined) return undefined
  const minutes = Number(told(resource.duration))
  return { name: firstText(resource.name), durationMinutes: minutes > 0 ? minutes : undefined }
}

/** @returns undefined where it is gone */
async function readResource(
  list: Parameters<typeof idIn>[0],
  id: string,
  api: PlatformApi
): Promise<Members | undefined> {
  const reply = await readEntity(api, 'Calendly', {
    method: 'GET',
    origin: ORIGIN,
    path: `/${list}/${encodeURIComponent(id)}`,
    headers: { authorization: `Bearer ${api.settings.token}` }
  })
  if (reply === undefined) return undefined
  const resource = presentMembers(reply.resource)
  if (resource === undefined || (resource.uri !== undefined && idIn(list, resource.uri) !== id)) {
    throw refused('Calendly answered without what was asked for')
  }
  return resource
}

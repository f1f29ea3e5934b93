import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import type { Connection } from '../../model/connection.ts'
import { askAgainFirst, type Dated, dated, goneOnceAsked, type PlatformApi, unavailable } from '../api.ts'
import { firstText } from '../fields.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { needStatus, only, readEntity } from '../read-entity.ts'
import { idOf, isMembers, type Members, membersOf } from '../told.ts'
import {
  CalendarEvent,
  calendarEvents,
  endings,
  leadEvents,
  PropertyEvent,
  propertyEvents
} from './events.ts'
import { placeFields, propertyMembers } from './places.ts'
import { standingOf } from './status.ts'

const origin = 'https://api.hostfully.com'

export type Facts = ({ gone: true } | { lead: Members } | { property: Members }) & Dated

const leadMembers = [
  'uid',
  'propertyUid',
  'agencyUid',
  'type',
  'status',
  'externalBookingId',
  'checkInLocalDateTime',
  'checkOutLocalDateTime',
  'checkInZonedDateTime',
  'checkOutZonedDateTime',
  'metadata',
  'guestInformation'
]

interface Named {
  noun: 'lead' | 'property'
  uid: string
  agency: string | undefined
}

/** Webhooks carry ids and no signature, so whoever knows the address can make the relay read something again and no more. */
export const hydration: Hydration = {
  wants: event => (namedIn(event) === undefined ? 'no' : 'must'),
  read: (events, api) => Promise.all(events.map(event => readFacts(event, api)))
}

/** Undefined where it is gone. */
export async function readPlace(
  id: string,
  api: PlatformApi,
  { secrets }: Pick<Connection, 'secrets'>
): Promise<PlaceFields | undefined> {
  // Whose the place is, where there are several agencies, nobody says.
  const [agency, another] = secrets.agency_uid ?? []
  const property = await read(
    { noun: 'property', uid: id, agency: another === undefined ? agency : undefined },
    api
  )
  return property && placeFields(property)
}

function namedIn({ type, payload }: PlatformEvent): Named | undefined {
  const isOneOf = (types: readonly string[]) => types.includes(type)
  if (isOneOf(propertyEvents) && Value.Check(PropertyEvent, payload)) {
    return { noun: 'property', uid: payload.property_uid, agency: idOf(payload.agency_uid) }
  }
  const isOfLead = isOneOf(leadEvents) || isOneOf(calendarEvents)
  if (!isOfLead || !Value.Check(CalendarEvent, payload) || !payload.lead_uid) return undefined
  return { noun: 'lead', uid: payload.lead_uid, agency: idOf(payload.agency_uid) }
}

/** Null for an event that names nothing, which is refused later. */
async function readFacts(event: PlatformEvent, api: PlatformApi): Promise<Facts | null> {
  const named = namedIn(event)
  return named === undefined ? null : dated(api, () => readNamed(named, event, api))
}

async function readNamed(named: Named, event: PlatformEvent, api: PlatformApi): Promise<Facts> {
  const entity = await read(named, api)
  const isOver = endings.includes(event.type)
  if (entity === undefined) {
    return isOver ? { gone: true } : goneOnceAsked(api, `Hostfully does not know a ${named.noun} that is on`)
  }
  if (isOver && isOn(named, entity)) {
    askAgainFirst(api, `Hostfully says that a ${named.noun} is on which its webhook says has ended`)
  }
  if (named.noun === 'property') return { property: only(propertyMembers, entity) }
  const { metadata, guestInformation } = entity
  return {
    lead: {
      ...only(leadMembers, entity),
      metadata: only(['createdUtcDateTime', 'updatedUtcDateTime'], membersOf(metadata)),
      // Left out, or null, it says something else than without members.
      ...(isMembers(guestInformation) && { guestInformation: only(guestMembers, guestInformation) })
    }
  }
}

/** Of a lead: whether there may be a stay. A status nobody knows leaves what is there. */
function isOn({ noun }: Named, { status, type }: Members): boolean {
  const standing = standingOf(status, type)
  return noun === 'property' || standing === undefined || standing === 'pushed' || standing === 'tentative'
}

const guestMembers = ['firstName', 'lastName', 'email', 'phoneNumber', 'cellPhoneNumber']

async function read({ noun, uid, agency }: Named, api: PlatformApi): Promise<Members | undefined> {
  const path = `/api/v3.3/${noun === 'lead' ? 'leads' : 'properties'}/${encodeURIComponent(uid)}`
  const body = await readEntity(api, 'Hostfully', {
    method: 'GET',
    origin,
    path,
    query: agency === undefined ? {} : { agencyUid: agency },
    headers: { 'x-hostfully-apikey': `${api.settings.api_key}` }
  })
  if (body === undefined) return undefined
  const entity = body[noun] === undefined ? body : membersOf(body[noun])
  if (idOf(entity.uid)?.toLowerCase() !== uid.toLowerCase()) {
    throw unavailable(`Hostfully answered something else than was asked for to GET ${path}`)
  }
  const { status, type } = entity
  if (noun === 'lead' && standingOf(status, type) === undefined)
    needStatus('Hostfully', noun, firstText(status))
  return entity
}

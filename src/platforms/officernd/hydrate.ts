import { Value } from '@sinclair/typebox/value'
import type { PlaceFields } from '../../model/change.ts'
import { usableCode } from '../../model/contact.ts'
import { usableZone } from '../../model/time.ts'
import { type PlatformApi, type TokenSource, wanted } from '../api.ts'
import { firstText } from '../fields.ts'
import { clientCredentials } from '../oauth.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import { only, readEntity } from '../read-entity.ts'
import { idOf, type Members, membersOf } from '../told.ts'
import { BookingEvent, bookerOf, refOf, standingOf } from './events.ts'

const ORIGIN = 'https://app.officernd.com'

/** What reading members, companies, resources and locations needs. */
const scopes =
  'flex.community.members.read flex.community.companies.read flex.space.resources.read flex.space.locations.read'

/** OfficeRnD gives about five tokens a minute; the house keeps the one it has. */
const token: TokenSource = {
  fetch: api =>
    clientCredentials({
      origin: 'https://identity.officernd.com',
      path: '/oauth/token',
      clientId: 'client_id',
      clientSecret: 'client_secret',
      extra: { scope: api.settings.scope ?? scopes }
    }).fetch(api)
}

/** Who booked; or that they are gone, which says nothing of the booking. */
export type Facts = { person: Members } | { gone: true }

/** A booking names its member, else its company, by an id only. One that gives no access needs neither. */
export const hydration: Hydration = {
  wants(event, { tentative }) {
    if (event.type !== 'booking.created' && event.type !== 'booking.updated') return 'no'
    if (!Value.Check(BookingEvent, event.payload) || bookerOf(event.payload.object) === undefined) return 'no'
    const standing = standingOf(event.payload.object)
    return standing === 'booked' || (standing === 'tentative' && tentative === 'push') ? 'may' : 'no'
  },
  async read(events, api) {
    const origin = await regionOf(api)
    return Promise.all(events.map(event => readPerson(event, api, origin)))
  }
}

async function readPerson({ payload }: PlatformEvent, api: PlatformApi, origin: string): Promise<Facts> {
  const booker = bookerOf((payload as BookingEvent).object)
  const entity = await read(`${booker?.list}`, `${booker?.id}`, api, origin)
  if (entity === undefined) return { gone: true }
  // Such as a custom field with the member's PIN; all other properties are nobody's business here.
  const codes = Object.entries(membersOf(entity.properties))
    .map(([name, value]) => [name, idOf(value)] as const)
    .filter(([, code]) => usableCode(code) !== undefined)
  return {
    person: {
      ...only(['_id', 'name', 'email', 'phone', 'modifiedAt'], entity),
      codes: Object.fromEntries(codes)
    }
  }
}

/** A resource's name, and the zone and address of its location. */
export async function readPlace(id: string, api: PlatformApi): Promise<PlaceFields | undefined> {
  const origin = await regionOf(api)
  const resource = await read('resources', id, api, origin)
  if (resource === undefined) return undefined
  const { name, location } = resource
  const located = refOf(location)
  const place =
    located === undefined ? undefined : await wanted(api, () => read('locations', located, api, origin))
  return {
    name: firstText(name),
    timeZone: usableZone(firstText(place?.timezone, place?.timeZone)),
    address: firstText(place?.address)
  }
}

/**
 * The host of the organization's region. Where OfficeRnD does not tell one of its own, or does not answer, the host for all.
 * An answer that names somebody else's host must not lead the token there.
 */
async function regionOf(api: PlatformApi): Promise<string> {
  const path = `/api/v1/organizations/${api.settings.organization}`
  const asking = () => api.request({ method: 'GET', origin: ORIGIN, path, bearer: token })
  const { regionInfo } = membersOf((await wanted(api, asking))?.body)
  const told = firstText(membersOf(regionInfo).regionUrl) ?? ''
  return /^https:\/\/(?:[a-z0-9-]+\.)+officernd\.com(?=\/|$)/i.exec(told)?.[0] ?? ORIGIN
}

function read(list: string, id: string, api: PlatformApi, origin: string): Promise<Members | undefined> {
  const path = `/api/v2/organizations/${api.settings.organization}/${list}/${encodeURIComponent(id)}`
  return readEntity(api, 'OfficeRnD', { method: 'GET', origin, path, bearer: token }, id)
}

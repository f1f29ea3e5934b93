import type { Static, TObject } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type PlatformApi, refused, unauthorized, unavailable } from '../api.ts'
import { AccessToken, Companionship, Customer, Enterprise, Reservation, Resource, Service } from './events.ts'

const origin = 'https://api.mews.com'
export const basePath = '/api/connector/v1/'

/** Ids per request and entities per page: both at most 1000 (Mews, Pagination). Small pages never run into time-outs. */
const maxIds = 1000
const pageSize = 100

/** One of Mews’ lists that is asked by id. */
export interface EntityList<S extends TObject> {
  operation: string
  /** Member of the request that holds the ids. */
  filter: string
  /** Member of the reply that holds the entities. */
  list: string
  /** Each id gives one entity at most, so that the last page is known without asking for an empty one. */
  oneEach: boolean
  /** Further members of the request. */
  with?: Record<string, unknown>
  entity: S
}

export const reservations: EntityList<typeof Reservation> = {
  operation: 'reservations/getAll/2023-06-06',
  filter: 'ReservationIds',
  list: 'Reservations',
  oneEach: true,
  entity: Reservation
}

/** Merged customers are inactive, and which states come unasked is not documented. */
export const customers: EntityList<typeof Customer> = {
  operation: 'customers/getAll',
  filter: 'CustomerIds',
  list: 'Customers',
  oneEach: true,
  with: { Extent: { Customers: true }, ActivityStates: ['Active', 'Deleted'] },
  entity: Customer
}

export const companionships: EntityList<typeof Companionship> = {
  operation: 'companionships/getAll',
  filter: 'ReservationIds',
  list: 'Companionships',
  oneEach: false,
  with: { Extent: { Reservations: false, ReservationGroups: false, Customers: false } },
  entity: Companionship
}

export const resources: EntityList<typeof Resource> = {
  operation: 'resources/getAll',
  filter: 'ResourceIds',
  list: 'Resources',
  oneEach: true,
  with: { Extent: { Resources: true, Inactive: true } },
  entity: Resource
}

export const services: EntityList<typeof Service> = {
  operation: 'services/getAll',
  filter: 'ServiceIds',
  list: 'Services',
  oneEach: true,
  entity: Service
}

export const accessTokens: EntityList<typeof AccessToken> = {
  operation: 'resourceAccessTokens/getAll',
  filter: 'ServiceOrderIds',
  list: 'ResourceAccessTokens',
  oneEach: false,
  entity: AccessToken
}

/**
 * Everything Mews returns for the ids, cut down to what is read, in Mews’ order: newest first.
 * Without ids nothing is asked: an empty filter is no filter at Mews.
 * @throws RelayError as {@link PlatformApi.request} does, and RELAY_PLATFORM_UNAUTHORIZED or RELAY_PLATFORM_REFUSED
 */
export async function getAll<S extends TObject>(
  api: PlatformApi,
  list: EntityList<S>,
  ids: Iterable<string>
): Promise<Static<S>[]> {
  const wanted = [...new Set(ids)]
  const found: Static<S>[] = []
  for (let start = 0; start < wanted.length; start += maxIds) {
    found.push(...(await pagesOf(api, list, wanted.slice(start, start + maxIds))))
  }
  return found
}

async function pagesOf<S extends TObject>(
  api: PlatformApi,
  list: EntityList<S>,
  ids: string[]
): Promise<Static<S>[]> {
  const found: Static<S>[] = []
  const cursors = new Set<unknown>()
  let cursor: unknown
  // Mews sends a cursor with the last page too: the end is an empty page, or that nothing is left to come.
  do {
    cursors.add(cursor)
    const reply = await ask(api, list.operation, {
      [list.filter]: ids,
      ...list.with,
      Limitation: { Count: pageSize, ...(typeof cursor === 'string' && { Cursor: cursor }) }
    })
    const page = reply[list.list] ?? []
    if (!(list.list in reply) || !Array.isArray(page)) {
      throw unavailable(`Mews answered ${list.operation} without ${list.list}`)
    }
    if (page.length === 0) break
    for (const entity of page) {
      if (Value.Check(list.entity, entity)) found.push(Value.Clean(list.entity, entity) as Static<S>)
    }
    cursor = reply.Cursor
  } while (
    typeof cursor === 'string' &&
    !cursors.has(cursor) &&
    !(list.oneEach && found.length >= ids.length)
  )
  return found
}

/** The property, or undefined where Mews tells none. */
export async function getEnterprise(
  api: PlatformApi,
  id: string
): Promise<Static<typeof Enterprise> | undefined> {
  const { Enterprise: told } = await ask(api, 'configuration/get', { EnterpriseId: id })
  return Value.Check(Enterprise, told)
    ? (Value.Clean(Enterprise, told) as Static<typeof Enterprise>)
    : undefined
}

/** Mews wants every call as POST, with the tokens in the body. */
async function ask(
  api: PlatformApi,
  operation: string,
  question: Record<string, unknown>
): Promise<Record<string, unknown>> {
  const { status, body } = await api.request({
    method: 'POST',
    origin,
    path: `${basePath}${operation}`,
    json: {
      ClientToken: api.settings.client_token,
      AccessToken: api.settings.access_token,
      Client: api.settings.client ?? 'Seam Relay',
      ...question
    }
  })
  if (status === 401) {
    throw unauthorized(
      `Mews refused ${operation}: check client_token and access_token in the connection’s api, that the integration is enabled, and that it may use this operation`
    )
  }
  if (status >= 300) {
    throw refused(`Mews refused ${operation} with status ${status}`)
  }
  if (typeof body !== 'object' || body === null) throw unavailable(`Mews answered ${operation} without JSON`)
  return body as Record<string, unknown>
}

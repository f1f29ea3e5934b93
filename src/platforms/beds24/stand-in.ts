import type { StandIn, StandInResponse } from '../samples.ts'
import { entriesOf, type Members, membersOf } from '../told.ts'

/**
 * Beds24’s API over a world of `bookings/<id>`, `properties/<id>`, `rooms/<id>` (types, with their `propertyId`) and
 * `accounts/<id>`. Cancelled bookings are left out, as they are where nobody asks for them.
 */
export const standIn: StandIn = ({ method, path, headers, query }, world, settings) => {
  if (method !== 'GET') return { status: 405 }
  if (path === '/v2/authentication/token') {
    if (headers.refreshtoken !== settings.refresh_token) return failed(401)
    return { status: 200, body: { token: tokenOf(settings), expiresIn: 86_400 } }
  }
  if (headers.token !== tokenOf(settings)) return failed(401)
  switch (path) {
    case '/v2/bookings':
      return answered(bookings(world, query.id?.[0], query.includeInfoItems?.[0] === 'true'))
    case '/v2/properties':
      return answered(properties(world, query.roomId?.[0]))
    case '/v2/accounts':
      return answered(all(world, 'accounts/'))
    default:
      return failed(404)
  }
}

function bookings(world: Map<string, unknown>, id: string | undefined, withItems: boolean): Members[] {
  return entriesOf([world.get(`bookings/${id}`)])
    .filter(({ status }) => status !== undefined && status !== 'cancelled')
    .map(({ infoItems, ...booking }) => (withItems ? { ...booking, infoItems } : booking))
}

/** Those that have the type of rooms. */
function properties(world: Map<string, unknown>, roomId: string | undefined): Members[] {
  const { propertyId, ...room } = membersOf(world.get(`rooms/${roomId}`))
  const property = membersOf(world.get(`properties/${propertyId}`))
  return property.id === undefined ? [] : [{ ...property, roomTypes: [room] }]
}

function all(world: Map<string, unknown>, folder: string): Members[] {
  return entriesOf([...world].filter(([name]) => name.startsWith(folder)).map(([, entity]) => entity))
}

function tokenOf({ refresh_token }: Record<string, string>): string {
  return `stand-in-token-of-${refresh_token}`
}

function answered(data: Members[]): StandInResponse {
  return { status: 200, body: { success: true, count: data.length, data, pages: { nextPageExists: false } } }
}

function failed(status: number): StandInResponse {
  return { status, body: { success: false, error: 'the stand-in refuses this' } }
}

import type { StandIn } from '../samples.ts'
import type { Members } from '../told.ts'

/**
 * OwnerRez' API v2, played. The world holds `bookings/<id>`, `guests/<id>` and `properties/<id>`; door codes are shown
 * to those who ask for them.
 */
export const standIn: StandIn = ({ method, path, query, headers }, world, settings) => {
  const basic = Buffer.from(`${settings.username}:${settings.token}`).toString('base64')
  if (headers.authorization !== `Basic ${basic}`) return { status: 401 }
  if (!headers['user-agent']) return { status: 403 }
  const name = /^\/v2\/((?:bookings|guests|properties)\/[^/]+)$/.exec(path)?.[1]
  const entity = method === 'GET' ? world.get(`${name}`) : undefined
  if (!entity) return { status: 404 }
  const { door_codes, ...rest } = entity as Members
  return { status: 200, body: query.include_door_codes?.[0] === 'true' ? entity : rest }
}

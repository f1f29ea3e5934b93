import type { StandIn } from '../samples.ts'

/** Lodgify's API, played: one booking, one property. The world holds `bookings/<id>` and `properties/<id>`. */
export const standIn: StandIn = ({ method, path, headers }, world, settings) => {
  if (headers['x-apikey'] !== settings.api_key) return { status: 401, body: { code: 'Unauthorized' } }
  const name = /^\/v2\/(?:reservations\/(?=bookings))?((?:bookings|properties)\/[^/]+)$/.exec(path)?.[1]
  const entity = method === 'GET' ? world.get(`${name}`) : undefined
  return entity ? { status: 200, body: entity } : { status: 404, body: { code: 'NotFound' } }
}

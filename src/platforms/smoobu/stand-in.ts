import type { StandIn } from '../samples.ts'

/** Smoobu's API, played: one reservation, one apartment. The world holds `reservations/<id>` and `apartments/<id>`. */
export const standIn: StandIn = ({ method, path, headers }, world, settings) => {
  if (headers['api-key'] !== settings.api_key) return { status: 401, body: { title: 'Unauthorized' } }
  if (!headers['user-agent']) return { status: 403 }
  const name = /^\/api\/((?:reservations|apartments)\/[^/]+)$/.exec(path)?.[1]
  const entity = method === 'GET' ? world.get(`${name}`) : undefined
  return entity ? { status: 200, body: entity } : { status: 404, body: { title: 'Not found' } }
}

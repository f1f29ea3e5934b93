import type { StandIn } from '../samples.ts'

/** Uplisting's Connect API, played: one property. The world holds `properties/<id>` with a property's attributes. */
export const standIn: StandIn = ({ method, path, headers }, world, settings) => {
  const key = Buffer.from(`${settings.api_key}`).toString('base64')
  if (headers.authorization !== `Basic ${key}`) return { status: 401 }
  const [, name, id] = /^\/(properties\/([^/]+))$/.exec(path) ?? []
  const attributes = method === 'GET' ? world.get(`${name}`) : undefined
  if (!attributes) return { status: 404 }
  return { status: 200, body: { data: { id, type: 'properties', attributes }, included: [] } }
}

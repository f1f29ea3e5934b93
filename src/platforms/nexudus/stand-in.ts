import type { StandIn } from '../samples.ts'

/** Nexudus's API as far as the adapter asks it. The world holds `coworkers/<id>` and `resources/<id>`. */
export const standIn: StandIn = ({ method, path, headers }, world, settings) => {
  const pair = Buffer.from(`${settings.username}:${settings.password}`).toString('base64')
  if (headers.authorization !== `Basic ${pair}`) return { status: 401, body: { Message: 'Unauthorized' } }
  const [, name] = /^\/api\/spaces\/((?:coworkers|resources)\/\d+)$/.exec(path) ?? []
  const entity = method === 'GET' && name !== undefined ? world.get(name) : undefined
  return entity ? { status: 200, body: entity } : { status: 404, body: { Message: 'Not found' } }
}

import type { StandIn } from '../samples.ts'

/** Hostfully's API, played: leads and properties, which the world holds as `leads/<uid>` and `properties/<uid>`. */
export const standIn: StandIn = ({ method, path, headers }, world, settings) => {
  if (headers['x-hostfully-apikey'] !== settings.api_key) return { status: 401, body: refused }
  if (method !== 'GET') return { status: 405, body: refused }
  const [, noun, uid] = /^\/api\/v3\.3\/(leads|properties)\/([\w-]+)$/.exec(path) ?? []
  const entity = world.get(`${noun}/${uid}`)
  if (typeof entity !== 'object' || entity === null) return { status: 404, body: refused }
  return { status: 200, body: { [noun === 'leads' ? 'lead' : 'property']: entity } }
}

const refused = { apiErrorMessage: 'the stand-in refuses this' }

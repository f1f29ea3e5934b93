import type { StandIn } from '../samples.ts'

/** Calendly's API as far as the adapter asks it. The world holds `scheduled_events/<id>` and `event_types/<id>`. */
export const standIn: StandIn = ({ method, path, headers }, world, settings) => {
  if (headers.authorization !== `Bearer ${settings.token}`) return refusal(401, 'Unauthenticated')
  const [, collection, id = ''] = /^\/(scheduled_events|event_types)\/([^/]+)$/.exec(path) ?? []
  const resource = method === 'GET' ? world.get(`${collection}/${decodeURIComponent(id)}`) : undefined
  return resource ? { status: 200, body: { resource } } : refusal(404, 'Resource Not Found')
}

function refusal(status: number, title: string) {
  return { status, body: { title, message: 'the stand-in refuses this' } }
}

import type { StandIn } from '../samples.ts'

/**
 * Acuity's API as far as the adapter asks it. The world holds `appointments/<id>`, `calendars/<id>` and
 * `appointment-types/<id>`; a cancelled appointment stays there with `canceled: true`.
 */
export const standIn: StandIn = ({ method, path, headers }, world, settings) => {
  const pair = Buffer.from(`${settings.user_id}:${settings.api_key}`).toString('base64')
  if (headers.authorization !== `Basic ${pair}`) return refusal(401, 'Unauthorized')
  if (method !== 'GET') return refusal(405, 'Method not allowed')
  const [, list, id] = /^\/api\/v1\/(appointments|calendars|appointment-types)(?:\/(\d+))?$/.exec(path) ?? []
  if (list === 'appointments' && id !== undefined) {
    const appointment = world.get(`appointments/${id}`)
    return appointment ? { status: 200, body: appointment } : refusal(404, 'The appointment was not found')
  }
  if (list === undefined || list === 'appointments' || id !== undefined) return refusal(404, 'Not found')
  const entries = [...world].filter(([name, entity]) => name.startsWith(`${list}/`) && entity !== null)
  return { status: 200, body: entries.map(([, entity]) => entity) }
}

function refusal(status: number, message: string) {
  return { status, body: { status_code: status, message } }
}

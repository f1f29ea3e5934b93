import type { StandIn, StandInResponse } from '../samples.ts'
import { playConfirmation } from '../sns-subscription.ts'
import { membersOf } from '../told.ts'

/**
 * Hostify's API, played, and Amazon's answer to a confirmation. The world holds `listings/<id>`, `guests/<id>` and
 * `reservations/<id>`, the last with `reservation`, `guest`, `listing` and `custom_fields` in it.
 */
export const standIn: StandIn = (request, world, settings) => {
  const { method, path, headers, query } = request
  const confirmed = playConfirmation(request)
  if (confirmed !== undefined) return confirmed
  if (headers['x-api-key'] !== settings.api_key) return failed(401)
  if (method !== 'GET') return failed(405)
  const [, noun = '', fields, id = ''] =
    /^\/(reservations|listings|guests)\/(custom_fields\/)?([\w-]+)$/.exec(path) ?? []
  const entity = world.get(`${noun}/${id}`)
  if (typeof entity !== 'object' || entity === null) return failed(404)
  if (noun !== 'reservations') return succeeded({ [noun.slice(0, -1)]: entity })
  const { reservation, guest, listing, custom_fields } = membersOf(entity)
  if (fields !== undefined) return succeeded({ custom_fields })
  return succeeded(
    query.include_related_objects?.[0] === '1' ? { reservation, guest, listing } : { reservation }
  )
}

function succeeded(members: object): StandInResponse {
  return { status: 200, body: { success: true, ...members } }
}

function failed(status: number): StandInResponse {
  return { status, body: { success: false, error: 'the stand-in refuses this' } }
}

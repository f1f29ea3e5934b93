import { Value } from '@sinclair/typebox/value'
import { askAgainFirst, type PlatformApi, refused, unauthorized, unavailable } from '../api.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import type { StandIn } from '../samples.ts'
import { idOf, isMembers, membersOf } from '../told.ts'
import { propertiesOf, ReservationEvent } from './events.ts'
import { isPushed } from './status.ts'

const ORIGIN = 'https://public.api.hospitable.com'

/**
 * An integration without the scope `property:read` gets reservations that tell nothing of their property, and nothing
 * else in them tells where the guest stays: a stay without a place would wait for ever. That there is none, and who the
 * guest is, is asked for too, but a door code in time weighs more. What is not to be a stay needs none of it, so that no
 * outage delays a cancellation.
 */
export const hydration: Hydration = {
  wants({ type, payload }, connection) {
    if (!type.startsWith('reservation.') || !Value.Check(ReservationEvent, payload)) return 'no'
    const { data } = payload
    if (!isPushed(data, connection)) return 'no'
    const places = propertiesOf(data)
    // Without `api` nobody can be asked, and what is known of the stay from before may be enough.
    if (places === undefined) return connection.api === undefined ? 'no' : 'must'
    return places.length === 0 || data.guest === undefined ? 'may' : 'no'
  },
  read: (events, api) => Promise.all(events.map(event => readReservation(event, api)))
}

/** @returns the reservation as the API gives it; null where it is gone */
async function readReservation(event: PlatformEvent, api: PlatformApi): Promise<unknown> {
  if (!Value.Check(ReservationEvent, event.payload)) return null
  const reply = await api.request({
    method: 'GET',
    origin: ORIGIN,
    path: `/v2/reservations/${encodeURIComponent(event.payload.data.id)}`,
    query: { include: 'guest,properties,listings,user' },
    headers: { authorization: `Bearer ${api.settings.token}` }
  })
  if (reply.status === 404) askAgainFirst(api, 'Hospitable does not know a reservation that is on')
  if (reply.status === 404 || reply.status === 410) return null
  if (reply.status === 401) throw unauthorized('Hospitable refused the token (status 401)')
  if (reply.status !== 200) {
    // 403 may be about the one reservation, and nothing else is to wait for that.
    const advice = reply.status === 403 ? '; the token needs reservation:read and property:read' : ''
    throw refused(`Hospitable did not give the reservation (status ${reply.status})${advice}`)
  }
  const { data } = membersOf(reply.body)
  if (!isMembers(data) || idOf(data.id) !== String(event.payload.data.id))
    throw unavailable('Hospitable answered something else than the reservation')
  return data
}

export const standIn: StandIn = (request, world, settings) => {
  if (request.headers.authorization !== `Bearer ${settings.token}`) return { status: 401 }
  const reservation = request.method === 'GET' ? world.get(request.path) : undefined
  return reservation ? { status: 200, body: { data: reservation } } : { status: 404 }
}

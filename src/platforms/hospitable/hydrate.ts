import { Value } from '@sinclair/typebox/value'
import { RelayError } from '../../errors.ts'
import { type PlatformApi, unauthorized } from '../api.ts'
import type { Hydration, PlatformEvent } from '../platform.ts'
import type { StandIn } from '../samples.ts'
import { ReservationEvent } from './events.ts'
import { categoryOf, standingOf } from './status.ts'

const ORIGIN = 'https://public.api.hospitable.com'

/**
 * An integration without the scope `property:read` gets reservations that name no property; nothing else in them tells
 * where the guest stays. A reservation that is off needs no place, so that no outage delays a cancellation.
 */
export const hydration: Hydration = {
  wants(event) {
    if (!event.type.startsWith('reservation.') || !Value.Check(ReservationEvent, event.payload)) return 'no'
    const { data } = event.payload
    return data.properties?.length || standingOf(categoryOf(data)) === 'cancelled' ? 'no' : 'may'
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
  if (reply.status === 404 || reply.status === 410) return null
  if (reply.status === 401 || reply.status === 403) {
    throw unauthorized(
      `Hospitable refused the token (status ${reply.status}); it needs reservation:read and property:read`
    )
  }
  const { body } = reply
  if (reply.status !== 200 || typeof body !== 'object' || body === null || !('data' in body)) {
    throw new RelayError(
      'RELAY_PLATFORM_REFUSED',
      `Hospitable did not give the reservation (status ${reply.status})`
    )
  }
  return body.data
}

export const standIn: StandIn = (request, world, settings) => {
  if (request.headers.authorization !== `Bearer ${settings.token}`) return { status: 401 }
  const reservation = request.method === 'GET' ? world.get(request.path) : undefined
  return reservation ? { status: 200, body: { data: reservation } } : { status: 404 }
}

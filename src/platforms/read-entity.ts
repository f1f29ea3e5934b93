import { type ApiRequest, type PlatformApi, refused, unauthorized, unavailable } from './api.ts'
import { idOf, isMembers, type Members } from './told.ts'

/**
 * One entity from an API with a fixed key.
 * @param platform its title, for people
 * @param id the entity's, where the answer tells it: one that is about something else says nothing of it
 * @returns undefined where it is gone
 * @throws RelayError RELAY_PLATFORM_UNAUTHORIZED (retryable), RELAY_PLATFORM_REFUSED, and as PlatformApi does
 */
export async function readEntity(
  api: PlatformApi,
  platform: string,
  request: ApiRequest,
  id?: string
): Promise<Members | undefined> {
  const { status, body } = await api.request(request)
  if (status === 404 || status === 410) return undefined
  if (status === 401)
    throw unauthorized(`${platform} refused the credentials (status 401); check the connection’s api`)
  if (status >= 300) {
    // 403 may be about the one entity, and nothing else is to wait for that.
    const advice = status === 403 ? '; check what the connection’s api may read' : ''
    throw refused(`${platform} answered ${status} and no entity${advice}`)
  }
  if (!isMembers(body) || (id !== undefined && idOf(body.id, body._id, body.Id, id) !== id)) {
    throw unavailable(`${platform} answered something else than was asked for`)
  }
  return body
}

/**
 * An answer without a status says nothing of its booking: kept with the delivery it would never be asked for again, and an older word of
 * a webhook would count in its place as of now.
 * @param status as a word, where there is one
 * @throws RelayError RELAY_PLATFORM_UNAVAILABLE
 */
export function needStatus(
  platform: string,
  noun: 'booking' | 'reservation' | 'lead',
  status: string | undefined
): void {
  if (status === undefined) throw unavailable(`${platform} answered a ${noun} without a status`)
}

/** Of an entity what is read; the rest of people's data is not kept with a delivery. */
export function only(names: readonly string[], entity: Members): Members {
  return Object.fromEntries(Object.entries(entity).filter(([name]) => names.includes(name)))
}

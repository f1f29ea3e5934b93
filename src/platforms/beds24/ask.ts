import type { RelayError } from '../../errors.ts'
import { DAY_MS } from '../../model/durations.ts'
import { type PlatformApi, refused, type TokenSource, unauthorized, unavailable } from '../api.ts'
import { entriesOf, idOf, type Members, membersOf } from '../told.ts'

const origin = 'https://api.beds24.com'

/** Tokens live for a day, and each costs a call of the few that an account has. */
const accessToken: TokenSource = {
  header: 'token',
  async fetch(api) {
    const { status, body } = await api.request({
      method: 'GET',
      origin,
      path: '/v2/authentication/token',
      headers: { refreshToken: api.settings.refresh_token ?? '' }
    })
    const { token, expiresIn } = membersOf(body)
    const text = idOf(token)
    if (status >= 300 || text === undefined) throw tokenRefused('authentication/token', status)
    return { token: text, expiresInMs: typeof expiresIn === 'number' ? expiresIn * 1_000 : DAY_MS }
  }
}

/** Pages that are read at most, of a list that should have one. */
const MOST_PAGES = 20

/**
 * Everything of a list that fits the query.
 * @throws RelayError RELAY_PLATFORM_UNAUTHORIZED (retryable), RELAY_PLATFORM_REFUSED, and as PlatformApi does
 */
export async function list(
  api: PlatformApi,
  name: 'bookings' | 'properties' | 'accounts',
  query: Record<string, string>
): Promise<Members[]> {
  const found: Members[] = []
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const { status, body } = await api.request({
      method: 'GET',
      origin,
      path: `/v2/${name}`,
      query: page === 1 ? query : { ...query, page: String(page) },
      bearer: accessToken
    })
    if (status === 403) throw tokenRefused(name, status)
    if (status >= 300) {
      throw refused(`Beds24 answered ${status} to GET ${name}`)
    }
    const { success, data, pages } = membersOf(body)
    if (success === false || !Array.isArray(data)) {
      throw unavailable(`Beds24 answered GET ${name} without data`)
    }
    found.push(...entriesOf(data))
    if (membersOf(pages).nextPageExists !== true) break
  }
  return found
}

function tokenRefused(name: string, status: number): RelayError {
  return unauthorized(
    `Beds24 refused GET ${name} (status ${status}): check refresh_token in the connection’s api, and its scopes; it ends after 30 days without use`
  )
}

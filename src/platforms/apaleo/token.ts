import { type TokenSource, unauthorized } from '../api.ts'
import { idOf, membersOf } from '../told.ts'

const identityOrigin = 'https://identity.apaleo.com'

/** An hour, as documented, where the answer does not say. */
const DEFAULT_LIFE_S = 3_600

/** The client credentials grant, with the client's id and secret in a Basic header (RFC 6749, section 2.3.1). */
export function clientBasic(): TokenSource {
  return {
    // A scope or a property that the app lacks: its tokens live an hour, and none is fetched for that.
    renewOn: [403],
    async fetch({ settings, request }) {
      const { status, body } = await request({
        method: 'POST',
        origin: identityOrigin,
        path: '/connect/token',
        headers: { authorization: basicOf(settings) },
        form: { grant_type: 'client_credentials' }
      })
      const { access_token, expires_in } = membersOf(body)
      const token = idOf(access_token)
      if (status >= 300 || token === undefined) {
        throw unauthorized(
          `apaleo gave no token (status ${status}); check client_id and client_secret in the connection’s api`
        )
      }
      return { token, expiresInMs: (Number(expires_in) || DEFAULT_LIFE_S) * 1_000 }
    }
  }
}

export function basicOf({ client_id = '', client_secret = '' }: Record<string, string>): string {
  const pair = [client_id, client_secret].map(encodeURIComponent).join(':')
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { type TokenSource, unauthorized } from './api.ts'
import { Maybe } from './fields.ts'

const TokenReply = Type.Object({
  access_token: Type.String({ minLength: 1 }),
  /** Seconds, which some write as a text. */
  expires_in: Maybe(Type.Union([Type.Number(), Type.String({ pattern: '^\\d{1,9}$' })]))
})

export interface ClientCredentials {
  origin: string
  path: string
  /** Names in the connection's `api`. */
  clientId: string
  clientSecret: string
  /** Further members of the form. */
  extra?: Record<string, string>
  renewOn?: number[]
  /** As in {@link TokenSource}. */
  renewalsApartMs?: number
  /** Where the reply does not say how long the token lives. */
  defaultLifeMs?: number
}

/** OAuth 2.0 client credentials grant (RFC 6749, section 4.4), sent as a form. */
export function clientCredentials(grant: ClientCredentials): TokenSource {
  return {
    renewOn: grant.renewOn ?? [],
    ...(grant.renewalsApartMs !== undefined && { renewalsApartMs: grant.renewalsApartMs }),
    async fetch(api) {
      const reply = await api.request({
        method: 'POST',
        origin: grant.origin,
        path: grant.path,
        form: {
          grant_type: 'client_credentials',
          client_id: api.settings[grant.clientId] ?? '',
          client_secret: api.settings[grant.clientSecret] ?? '',
          ...grant.extra
        }
      })
      if (reply.status >= 300 || !Value.Check(TokenReply, reply.body)) {
        throw unauthorized(
          `the platform gave no token (status ${reply.status}); check ${grant.clientId} and ${grant.clientSecret} in the connection’s api`
        )
      }
      const { access_token: token, expires_in: seconds } = reply.body
      const isTold = seconds !== undefined && seconds !== null
      const lifeMs = isTold ? Number(seconds) * 1000 : (grant.defaultLifeMs ?? 3_600_000)
      return { token, expiresInMs: lifeMs }
    }
  }
}

import { type TObject, type TProperties, Type } from '@sinclair/typebox'
import { type SnsOptions, sns, snsSecrets } from '../sns.ts'
import { standardWebhooks } from '../standard-webhooks.ts'
import { basicAuth, sharedToken, type Verification } from '../verify.ts'
import { describedHmac } from './described-hmac.ts'
import type { Scheme, VerificationEntry } from './description.ts'
import { headerValue } from './header-value.ts'

/** How a described platform proves itself, and the secrets that this takes. */
export interface Proof {
  verification: Verification
  secrets: TObject
}

/** Members that may stand beside `scheme`, and those that must. */
export const membersOf: Record<
  Scheme,
  { may: (keyof VerificationEntry)[]; must: (keyof VerificationEntry)[] }
> = {
  hmac: {
    must: ['header'],
    may: [
      'prefix',
      'member',
      'algorithm',
      'encoding',
      'key',
      'signed',
      'timestamp',
      'tolerance_seconds',
      'id',
      'url'
    ]
  },
  basic: { must: [], may: [] },
  header: { must: ['header'], may: ['prefix'] },
  token: { must: [], may: ['query'] },
  standard_webhooks: { must: [], may: ['tolerance_seconds'] },
  sns: { must: [], may: ['tolerance_seconds'] }
}

function secret(description: string, more: { pattern?: string } = {}) {
  return Type.String({ minLength: 1, description, ...more })
}

const signingSecrets = {
  plain: secret('The key that signs'),
  base64: secret('The key that signs, in base64', { pattern: '^[A-Za-z0-9+/]{4,}={0,2}$' }),
  hex: secret('The key that signs, in hex', { pattern: '^(?:[0-9A-Fa-f]{2})+$' })
}

const secretsOf = {
  basic: { username: secret('As agreed with the platform'), password: secret('As agreed with the platform') },
  header: { value: secret('What the header holds, behind its prefix') },
  token: { token: secret('Long random text in the webhook address') },
  standard_webhooks: {
    signing_secret: Type.String({
      pattern: '^whsec_[A-Za-z0-9+/]{22,}={0,2}$',
      description: '`whsec_` and the key in base64'
    })
  },
  sns: snsSecrets
} satisfies Record<Exclude<Scheme, 'hmac'>, TProperties>

/** @param entry one in which nothing is wrong @param options for tests, which fetch no certificates */
export function proofOf(entry: VerificationEntry, options: SnsOptions = {}): Proof {
  const { scheme, tolerance_seconds } = entry
  const tolerance = tolerance_seconds === undefined ? {} : { toleranceMs: Number(tolerance_seconds) * 1000 }
  const header = String(entry.header)
  switch (scheme) {
    case 'hmac':
      return {
        verification: describedHmac({ ...entry, header }),
        secrets: Type.Object({ signing_secret: signingSecrets[entry.key ?? 'plain'] })
      }
    case 'basic':
      return { verification: basicAuth(), secrets: Type.Object(secretsOf.basic) }
    case 'header':
      return {
        verification: headerValue({ header, prefix: entry.prefix }),
        secrets: Type.Object(secretsOf.header)
      }
    case 'token':
      return {
        verification: sharedToken(entry.query === undefined ? {} : { query: entry.query }),
        secrets: Type.Object(secretsOf.token)
      }
    case 'standard_webhooks':
      return {
        verification: standardWebhooks({ prefixes: ['webhook', 'svix'], ...tolerance }),
        secrets: Type.Object(secretsOf.standard_webhooks)
      }
    case 'sns':
      return { verification: sns({ ...options, ...tolerance }), secrets: Type.Object(secretsOf.sns) }
  }
}

/** Every secret that one of the schemes takes, for editors, which do not look so deep. */
export const anySecrets = Type.Object(
  Object.fromEntries(
    Object.entries({
      signing_secret: signingSecrets.plain,
      ...secretsOf.basic,
      ...secretsOf.header,
      ...secretsOf.token,
      ...secretsOf.sns
    }).map(([name, schema]) => [name, Type.Optional(schema)])
  )
)

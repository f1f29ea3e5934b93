import { Type } from '@sinclair/typebox'
import type { Environment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config.ts'
import { type LoadedConnections, loadConnections } from '../../src/connections.ts'
import { RelayError } from '../../src/errors.ts'
import type { Connection } from '../../src/model/connection.ts'
import type { Hydration, Platform } from '../../src/platforms/platform.ts'
import { everyConfigured } from '../../src/platforms/several.ts'
import { standardWebhooks } from '../../src/platforms/standard-webhooks.ts'
import { AddressToken, basicAuth, hmac, sharedToken, type Verification } from '../../src/platforms/verify.ts'

function fakePlatform(name: string, verification: Verification, more: Partial<Platform>): Platform {
  return {
    name,
    title: name.toUpperCase(),
    verification,
    secrets: Type.Object({ signing_secret: Type.String({ minLength: 1 }) }),
    preferredCode: 'none',
    readEvents: () => [],
    events: {},
    ignored: {},
    samples: { events: {}, tell: () => [], ids: () => ({ stays: [] }) },
    ...more
  }
}

const Text = Type.String({ minLength: 1 })
const hydration: Hydration = { wants: () => 'must', read: async () => [] }

/** One platform for each way of proving who sends. */
export const platforms: Record<string, Platform> = {
  acme: fakePlatform('acme', hmac({ header: 'x-acme', algorithm: 'sha256', encoding: 'hex' }), {}),
  bolt: fakePlatform('bolt', basicAuth(), {
    secrets: Type.Object({ username: Text, password: Text }),
    api: Type.Object({ account_id: Type.String({ pattern: '^\\d+$' }), api_key: Text }),
    preferredCode: 'platform',
    hydration
  }),
  cove: fakePlatform('cove', standardWebhooks({ prefixes: ['webhook'] }), {
    secrets: Type.Object({ signing_secret: Type.String({ pattern: '^whsec_' }) })
  }),
  dune: fakePlatform('dune', everyConfigured(sharedToken(), valueHeader()), {
    secrets: Type.Object(
      { token: Type.Optional(AddressToken), header: Type.Optional(Text), value: Type.Optional(Text) },
      { minProperties: 1 }
    )
  })
}

/** A header of the connection's own choice. */
function valueHeader(): Verification {
  return { ...hmac({ header: 'x', algorithm: 'sha1', encoding: 'hex' }), needs: ['header', 'value'] }
}

export const SEAM = { SEAM_API_KEY: 'seam_test_abcdefgh' }
export const acme = `
  - id: lakeside
    platform: acme
    customer_key: lakeside-homes
    secrets: { signing_secret: 0123456789abcdef }`

export function load(text: string, env: Environment = SEAM): LoadedConnections {
  return loadConnections({
    config: loadConfig({ SEAM_API_KEY: env.SEAM_API_KEY }),
    env,
    platforms,
    readFile: () => text
  })
}

/** The only connection of a file. */
export function one(text: string, env?: Environment): Connection {
  const [connection] = load(text, env).connections
  if (connection === undefined) throw new Error('the file has no connection')
  return connection
}

export function refused(text: string, env?: Environment): string[] {
  try {
    load(text, env)
  } catch (error) {
    if (error instanceof RelayError && error.code === 'RELAY_CONFIG_INVALID') return error.message.split('\n')
    throw error
  }
  return []
}

/** Lines without the position, for tests that look at the advice. */
export function advice(text: string, env?: Environment): string[] {
  return refused(text, env).map(line => line.replace(/^connections\.yaml:\d+:\d+ /, ''))
}

import type { TObject } from '@sinclair/typebox'
import type { Connection } from '../../src/model/connection.ts'
import type { Platform } from '../../src/platforms/platform.ts'

/**
 * A connection with a plausible value for every secret and API setting that the platform names (`endpoint` apart).
 * A property's `examples` in the platform's schema win over what is made up here.
 */
export function demoConnection(platform: Platform, overrides: Partial<Connection> = {}): Connection {
  const api = platform.api && settingsOf(platform.api, platform)
  const secrets = Object.entries(settingsOf(platform.secrets, platform))
  return {
    id: 'demo',
    platform: platform.name,
    customerKey: 'demo-customer',
    workspaceId: 'default',
    allowFrom: [],
    secrets: Object.fromEntries(secrets.map(([name, value]) => [name, [value]])),
    api,
    timeZone: 'Europe/Berlin',
    checkInTime: '15:00',
    checkOutTime: '11:00',
    country: 'DE',
    tentative: 'hold',
    preferredCode: platform.preferredCode,
    preferredCodeField: undefined,
    lists: { place: 'spaces', guest: 'guests', stay: 'reservations' },
    places: {},
    ...overrides
  }
}

function settingsOf(schema: TObject, platform: Platform): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const [name, property] of Object.entries(schema.properties)) {
    if (name === 'endpoint') continue
    const [example] = Array.isArray(property.examples) ? property.examples : []
    settings[name] = typeof example === 'string' ? example : invented(name, platform)
  }
  return settings
}

function invented(name: string, platform: Platform): string {
  if (name === 'header') return 'x-demo-credential'
  if (name === 'username') return 'relay'
  if (name === 'signing_secret' && platform.verification.description.includes('whsec_')) {
    return `whsec_${Buffer.from('a demo secret of 32 bytes length').toString('base64')}`
  }
  return `demo-${name.replaceAll('_', '-')}-of-${platform.name}-0123456789`
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config.ts'
import { loadConnections } from '../../src/connections.ts'
import type { RelayError } from '../../src/errors.ts'
import { platforms as registered } from '../../src/platforms/registry.ts'
import { SEAM } from './given.ts'

const root = join(import.meta.dirname, '../..')

t.test('the demo’s connections fit the registered platforms, and warn of nothing', async t => {
  const config = loadConfig({ RELAY_CONNECTIONS_FILE: join(root, 'connections.yaml') })
  const { connections, sandbox, warnings } = loadConnections({ config, env: {}, platforms: registered })
  t.equal(sandbox, true)
  t.strictSame(warnings, [])
  t.strictSame(
    connections.map(({ id, customerKey, platform }) => ({ id, customerKey, platform })),
    [
      'hospitable',
      'guesty',
      'hostaway',
      'calcom',
      'calendly',
      'acuity',
      'nexudus',
      'officernd',
      'lodgify',
      'mews',
      'cloudbeds',
      'hostfully',
      'hostify',
      'ownerrez',
      'apaleo',
      'smoobu',
      'uplisting',
      'custom',
      'beds24',
      'standard'
    ].map(platform => {
      return { id: `demo-${platform}`, customerKey: `demo-${platform}`, platform }
    })
  )
})

t.test('every secret of the demo is refused once there is a Seam credential', async t => {
  const config = loadConfig({ ...SEAM, RELAY_CONNECTIONS_FILE: join(root, 'connections.yaml') })
  const secrets = [
    'password',
    'signing_secret',
    'token',
    'api_key',
    'client_secret',
    'access_token',
    'client_token',
    'auth',
    'certificate',
    'private_key'
  ]
  const { connections } = parse(readFileSync(config.connectionsFile, 'utf8')) as {
    connections: { secrets: Record<string, string>; api?: Record<string, string> }[]
  }
  const expected = connections.flatMap(({ secrets: proof, api = {} }, index) =>
    Object.entries({ secrets: proof, api }).flatMap(([group, members]) =>
      Object.keys(members)
        .filter(name => secrets.includes(name))
        .map(name => `connections[${index}].${group}.${name}`)
    )
  )
  try {
    loadConnections({ config, env: {}, platforms: registered })
    t.fail('demo secrets reached a real workspace')
  } catch (error) {
    const { message } = error as RelayError
    for (const path of expected) t.match(message, `${path}: is the example’s secret`)
  }
})

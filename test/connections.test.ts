// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how the file names variables
import t from 'tap'
import { loadConfig } from '../src/config.ts'
import {
  loadConnections,
  resolveSandboxEndpoints,
  resolveSandboxWorkspaces,
  settingsHash
} from '../src/connections.ts'
import type { Connection } from '../src/model/connection.ts'
import { acme, advice, load as loadAll, one, platforms, SEAM } from './connections/given.ts'

function load(...args: Parameters<typeof loadAll>) {
  const { where: _where, ...loaded } = loadAll(...args)
  return loaded
}

t.test('a connection gets every default', async t => {
  t.strictSame(load(`connections:${acme}`), {
    workspaces: [{ id: 'default', endpoint: 'https://connect.getseam.com', apiKey: 'seam_test_abcdefgh' }],
    connections: [
      {
        id: 'lakeside',
        platform: 'acme',
        customerKey: 'lakeside-homes',
        workspaceId: 'default',
        allowFrom: [],
        secrets: { signing_secret: ['0123456789abcdef'] },
        api: undefined,
        timeZone: undefined,
        checkInTime: undefined,
        checkOutTime: undefined,
        country: undefined,
        tentative: 'hold',
        preferredCode: 'none',
        preferredCodeField: undefined,
        lists: { place: 'spaces', guest: 'guests', stay: 'reservations' },
        places: {}
      }
    ],
    sandbox: false,
    warnings: []
  })
})

t.test('everything that is told arrives', async t => {
  const text = `
workspaces:
  - { id: eu, api_key: "\${SEAM_EU_KEY}", endpoint: https://seam.example/eu/ }
  - { id: us, personal_access_token: seam_at1_abc, workspace_id: ws-1 }
connections:
  - id: lakeside
    platform: bolt
    customer_key: lakeside-homes
    workspace: eu
    allow_from: [38.80.170.0/24, 192.0.2.1, "2001:db8::1"]
    secrets: { username: relay, password: ["\${OLD}", "\${NEW}"] }
    api: { endpoint: "https://api.example/", account_id: 70011, api_key: 0x1F }
    time_zone: Europe/Berlin
    check_in_time: "15:00"
    check_out_time: 11:00
    country: NO
    tentative: push
    preferred_code: phone_last_four
    preferred_code_field: door
    lists: { place: units, guest: residents, stay: access_grants }
    places:
      40192: { key: beach-house, name: Beach house, time_zone: Europe/Lisbon, check_in_time: "16:00" }
      007: { check_out_time: "10:30", address: Quay 1 }
`
  const env = { ...SEAM, SEAM_EU_KEY: 'seam_eu_key', OLD: 'old-password-0123', NEW: 'new-password-0123' }
  t.strictSame(load(text, env), {
    workspaces: [
      { id: 'default', endpoint: 'https://connect.getseam.com', apiKey: 'seam_test_abcdefgh' },
      { id: 'eu', endpoint: 'https://seam.example/eu', apiKey: 'seam_eu_key' },
      { id: 'us', endpoint: 'https://connect.getseam.com', apiKey: 'seam_at1_abc', seamWorkspaceId: 'ws-1' }
    ],
    connections: [
      {
        id: 'lakeside',
        platform: 'bolt',
        customerKey: 'lakeside-homes',
        workspaceId: 'eu',
        allowFrom: ['38.80.170.0/24', '192.0.2.1/32', '2001:db8::1/128'],
        secrets: { username: ['relay'], password: ['old-password-0123', 'new-password-0123'] },
        api: { endpoint: 'https://api.example', account_id: '70011', api_key: '0x1F' },
        timeZone: 'Europe/Berlin',
        checkInTime: '15:00',
        checkOutTime: '11:00',
        country: 'NO',
        tentative: 'push',
        preferredCode: 'phone_last_four',
        preferredCodeField: 'door',
        lists: { place: 'units', guest: 'residents', stay: 'access_grants' },
        places: {
          '40192': {
            key: 'beach-house',
            name: 'Beach house',
            timeZone: 'Europe/Lisbon',
            checkInTime: '16:00'
          },
          '007': { checkOutTime: '10:30', address: 'Quay 1' }
        }
      }
    ],
    sandbox: false,
    warnings: []
  })
})

t.test('the platform decides on the wished code unless the connection does', async t => {
  const bolt = `connections:
  - { id: b, platform: bolt, customer_key: c, secrets: { username: relay, password: 0123456789abcdef }`
  t.equal(one(`${bolt} }`).preferredCode, 'platform')
  t.equal(one(`${bolt}, preferred_code: none }`).preferredCode, 'none')
})

t.test('a connections file that cannot be read says where to get one', async t => {
  const fails = (code: string) => {
    const readFile = () => {
      throw Object.assign(new Error('no'), { code })
    }
    return () => loadConnections({ config: loadConfig({}), env: {}, platforms, readFile })
  }
  t.throws(fails('ENOENT'), {
    code: 'RELAY_CONFIG_INVALID',
    message:
      'connections.yaml: is not there; copy the example connections.yaml that comes with the relay, or set RELAY_CONNECTIONS_FILE'
  })
  t.throws(fails('EACCES'), { message: 'connections.yaml: cannot be read (EACCES); check its permissions' })
})

t.test('a file without connections starts, with a warning', async t => {
  for (const text of ['connections: []', 'connections: [ ]\nworkspaces:\n']) {
    const { connections, warnings } = load(text)
    t.strictSame(connections, [])
    t.strictSame(warnings, ['connections.yaml:1:1 connections: is empty; every webhook is refused'])
  }
})

t.test('without a Seam credential everything goes to the sandbox', async t => {
  const { workspaces, sandbox } = load(`connections:${acme}`, {})
  t.equal(sandbox, true)
  t.strictSame(resolveSandboxWorkspaces(workspaces, 'http://127.0.0.1:3000/sandbox'), [
    { id: 'default', endpoint: 'http://127.0.0.1:3000/sandbox', apiKey: 'seam_test_sandbox' }
  ])
  t.match(advice(`connections:${acme}\n    workspace: eu`, {}), [
    /workspace: is not a workspace in this file; known: default$/
  ])
})

t.test('the stand-ins’ address is filled in once the relay listens', async t => {
  const bolt = (endpoint: string) => `connections:
  - { id: b, platform: bolt, customer_key: c, secrets: { username: relay, password: 0123456789abcdef }, api: { account_id: 1, api_key: k${endpoint} } }${acme}`
  const endpoints = (text: string) =>
    resolveSandboxEndpoints(load(text, {}).connections, 'http://127.0.0.1:40123').map(({ api }) => api)
  t.strictSame(endpoints(bolt(', endpoint: sandbox')), [
    { account_id: '1', api_key: 'k', endpoint: 'http://127.0.0.1:40123/sandbox/connections/b' },
    undefined
  ])
  t.strictSame(endpoints(bolt('')), [{ account_id: '1', api_key: 'k' }, undefined])
  t.strictSame(endpoints(bolt(', endpoint: "https://api.example"'))[0]?.endpoint, 'https://api.example')
})

t.test('the hash changes with what Seam would see, and with nothing else', async t => {
  const connection = one(`connections:${acme}\n    places: { a: { name: A }, b: { name: B } }`)
  const hash = settingsHash(connection)
  t.match(hash, /^[0-9a-f]{64}$/)
  const same: Partial<Connection>[] = [
    {
      secrets: { signing_secret: ['another'] },
      api: { api_key: 'k' },
      allowFrom: ['192.0.2.1/32'],
      tentative: 'push'
    },
    { places: { b: { name: 'B' }, a: { name: 'A' } } },
    { lists: { stay: 'reservations', guest: 'guests', place: 'spaces' } }
  ]
  for (const change of same)
    t.equal(settingsHash({ ...connection, ...change }), hash, Object.keys(change).join())
  const different: Partial<Connection>[] = [
    { customerKey: 'other' },
    { workspaceId: 'eu' },
    { lists: { place: 'units', guest: 'guests', stay: 'reservations' } },
    { places: { a: { name: 'A' } } },
    { timeZone: 'Europe/Berlin' },
    { checkInTime: '15:00' },
    { checkOutTime: '15:00' },
    { country: 'DE' },
    { preferredCode: 'platform' },
    { preferredCodeField: 'door' }
  ]
  const hashes = different.map(change => settingsHash({ ...connection, ...change }))
  t.equal(new Set([hash, ...hashes]).size, different.length + 1)
})

import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { Environment, ReadFile } from '../src/config/environment.ts'
import { settingNames, settingOf } from '../src/config/settings.ts'
import { type Config, loadConfig } from '../src/config.ts'
import { RelayError } from '../src/errors.ts'

const KEY = 'seam_test_abcdefgh'

/** The lines of the refusal; a reader of files that are not there unless told otherwise. */
function refused(env: Environment, readFile?: ReadFile): string[] {
  try {
    loadConfig(env, readFile)
  } catch (error) {
    if (error instanceof RelayError && error.code === 'RELAY_CONFIG_INVALID') return error.message.split('\n')
    throw error
  }
  return []
}

function files(content: Record<string, string>): ReadFile {
  return path => {
    const text = content[path]
    if (text === undefined) throw Object.assign(new Error(`no file at ${path}`), { code: 'ENOENT' })
    return text
  }
}

t.test('an empty environment gives every default, and the sandbox', async t => {
  const config: Config = loadConfig({})
  t.strictSame(config, {
    host: '127.0.0.1',
    port: 3000,
    logLevel: 'info',
    databaseUrl: 'file:./data/relay.db',
    databasePool: 10,
    databasePooler: 'none',
    databaseTimeoutMs: 10_000,
    migrate: 'start',
    seamEndpoint: 'https://connect.getseam.com',
    apiKeys: [],
    metricsToken: undefined,
    adminToken: undefined,
    publicUrl: undefined,
    connectionsFile: './connections.yaml',
    trustProxy: false,
    maxBodyBytes: 1_048_576,
    maxUnverified: 256,
    maxQueued: 4096,
    rejectedKept: 100,
    rejectedKeptBytes: 4_194_304,
    quietWindowMs: 1000,
    batchResources: 500,
    batchBytes: 524_288,
    syncConcurrency: 8,
    seamTimeoutMs: 20_000,
    hydrationTimeoutMs: 15_000,
    leaseMs: 25_000,
    keepBodiesDays: 30,
    keepHistoryDays: 90,
    keepTombstonesDays: 180,
    drainDelayMs: 5000,
    shutdownTimeoutMs: 25_000,
    sandboxFile: './data/sandbox.db',
    workspace: undefined,
    sandbox: true
  })
  t.ok(Object.isFrozen(config))
})

t.test('empty variables and variables of others count as not set', async t => {
  const env = {
    PORT: '',
    SEAM_API_KEY: '',
    RELAY_LEASE_MS: '',
    RELAY_UNKNOWN: '',
    PATH: '/bin',
    SEAM_EU_KEY: 'x'
  }
  t.strictSame(loadConfig(env), loadConfig({}))
})

t.test('API keys are told apart by commas, and a wrong one is not repeated', async t => {
  const RELAY_API_KEYS = 'seam_relay_first, seam_relay_second'
  t.strictSame(loadConfig({ RELAY_API_KEYS }).apiKeys, ['seam_relay_first', 'seam_relay_second'])
  t.strictSame(loadConfig({ RELAY_API_KEYS_FILE: 'keys' }, files({ keys: `${RELAY_API_KEYS}\n` })).apiKeys, [
    'seam_relay_first',
    'seam_relay_second'
  ])
  for (const wrong of ['seam_test_first', 'seam_relay_', 'seam_relay_a,', 'seam_relay_a b']) {
    const lines = refused({ RELAY_API_KEYS: wrong })
    t.match(lines, [/^RELAY_API_KEYS: give seam_relay_ and random characters each/])
    t.notMatch(lines.join(), /first|a b/)
  }
})

t.test('settings that are given replace the defaults', async t => {
  const config = loadConfig({ HOST: '0.0.0.0', PORT: '0', LOG_LEVEL: 'debug', RELAY_QUIET_WINDOW_MS: '0' })
  t.equal(config.host, '0.0.0.0')
  t.equal(config.port, 0)
  t.equal(config.logLevel, 'debug')
  t.equal(config.quietWindowMs, 0)
})

t.test('an API key makes the default workspace and ends the sandbox', async t => {
  const config = loadConfig({ SEAM_API_KEY: KEY, SEAM_ENDPOINT: 'http://127.0.0.1:4010/seam/' })
  t.strictSame(config.workspace, { id: 'default', endpoint: 'http://127.0.0.1:4010/seam', apiKey: KEY })
  t.equal(config.seamEndpoint, 'http://127.0.0.1:4010/seam')
  t.equal(config.sandbox, false)
  t.notOk('seamApiKey' in config, 'the key is nowhere else')
})

t.test('a personal access token works together with its workspace', async t => {
  const config = loadConfig({ SEAM_PERSONAL_ACCESS_TOKEN: 'seam_at1_abc', SEAM_WORKSPACE_ID: 'ws-1' })
  t.strictSame(config.workspace, {
    id: 'default',
    endpoint: 'https://connect.getseam.com',
    apiKey: 'seam_at1_abc',
    seamWorkspaceId: 'ws-1'
  })
})

t.test('credentials that contradict each other are named', async t => {
  const both = /^SEAM_API_KEY: keep either/
  const pat = { SEAM_PERSONAL_ACCESS_TOKEN: 'seam_at1_abc' }
  t.match(refused({ SEAM_API_KEY: KEY, ...pat }), [both])
  t.match(refused({ SEAM_API_KEY: KEY, SEAM_WORKSPACE_ID: 'ws-1' }), [both])
  t.match(refused(pat), [/^SEAM_WORKSPACE_ID: is missing/])
  t.match(refused({ SEAM_WORKSPACE_ID: 'ws-1' }), [/^SEAM_PERSONAL_ACCESS_TOKEN: is missing/])
  t.match(refused({ SEAM_ENDPOINT: 'https://seam.example' }), [
    /^SEAM_ENDPOINT: is given without a credential/
  ])
})

t.test('every wrong setting is named at once, each on a line that says what to do', async t => {
  const lines = refused({
    PORT: '70000',
    LOG_LEVEL: 'verbose',
    DATABASE_URL: 'mysql://localhost/relay',
    SEAM_API_KEY: 'seam_at_hunter2',
    SEAM_ENDPOINT: 'https://user:hunter2@seam.example',
    RELAY_MAX_BODY_BYTES: '1e6',
    RELAY_TRUST_PROXY: '10.0.0.0/8, somewhere',
    RELAY_QUIET_WINDOW: '5'
  })
  t.strictSame(lines, [
    'PORT: give a whole number from 0 to 65535',
    'LOG_LEVEL: give one of fatal, error, warn, info, debug, trace, silent',
    'DATABASE_URL: give file: and a path, or postgres://user:password@host:port/database',
    'SEAM_API_KEY: give an API key of the workspace (seam_…); seam_at… belongs in SEAM_PERSONAL_ACCESS_TOKEN',
    'SEAM_ENDPOINT: give an http:// or https:// address without query or password',
    'RELAY_TRUST_PROXY: give false, true, a number of proxies (1 to 32), or addresses and CIDR ranges separated by commas',
    'RELAY_MAX_BODY_BYTES: give a whole number from 1024 to 104857600',
    'RELAY_QUIET_WINDOW: is not a setting; did you mean RELAY_QUIET_WINDOW_MS? Otherwise give it a name without RELAY_'
  ])
  t.notMatch(lines.join(), 'hunter2')
})

t.test('a trusted proxy is given as Fastify takes it', async t => {
  const trustProxy = (text: string) => loadConfig({ RELAY_TRUST_PROXY: text }).trustProxy
  t.equal(trustProxy('true'), true)
  t.equal(trustProxy('false'), false)
  t.equal(trustProxy('2'), 2)
  t.strictSame(trustProxy('10.0.0.0/8, ::1,loopback'), ['10.0.0.0/8', '::1', 'loopback'])
  for (const text of ['0', '33', '10.0.0.0/33', '::1/129', '10.0.0.0/8/1', '10.0.0/8', ',', '-1']) {
    t.match(refused({ RELAY_TRUST_PROXY: text }), [/^RELAY_TRUST_PROXY: give false, true/], text)
  }
})

t.test('an endpoint is an http address with at most a path', async t => {
  for (const text of [
    'seam.example',
    'ftp://seam.example',
    'https://seam.example/?a=1',
    'https://seam.example/#x',
    'https:// seam'
  ]) {
    t.match(refused({ SEAM_API_KEY: KEY, SEAM_ENDPOINT: text }), [/^SEAM_ENDPOINT: give/], text)
  }
})

t.test('a name that is close to nothing is told to move away', async t => {
  t.match(refused({ RELAY_HOSTAWAY_PASSWORD: 'x' }), [
    'RELAY_HOSTAWAY_PASSWORD: is not a setting; unset it, or give it a name without RELAY_'
  ])
  t.match(refused({ RELAY_PORT: '3000' }), [/did you mean PORT\?/])
  t.match(refused({ RELAY_LEASE_SM: '3000' }), [/did you mean RELAY_LEASE_MS\?/])
})

t.test('what Kubernetes sets beside a Service named relay is no unknown setting', async t => {
  const env = {
    RELAY_SERVICE_HOST: '10.0.0.7',
    RELAY_SERVICE_PORT: '80',
    RELAY_SERVICE_PORT_HTTP: '80',
    RELAY_PORT: 'tcp://10.0.0.7:80',
    RELAY_PORT_80_TCP: 'tcp://10.0.0.7:80',
    RELAY_PORT_80_TCP_ADDR: '10.0.0.7',
    RELAY_EU_SERVICE_HOST: '10.0.0.8',
    RELAY_EU_PORT: 'tcp://10.0.0.8:80'
  }
  t.strictSame(loadConfig(env), loadConfig({}))
})

t.test('durations that contradict each other are named', async t => {
  t.strictSame(refused({ RELAY_LEASE_MS: '15000', RELAY_DRAIN_DELAY_MS: '25000' }), [
    'RELAY_LEASE_MS: give more than RELAY_SEAM_TIMEOUT_MS (20000)',
    'RELAY_LEASE_MS: give more than RELAY_HYDRATION_TIMEOUT_MS (15000)',
    'RELAY_SHUTDOWN_TIMEOUT_MS: give more than RELAY_DRAIN_DELAY_MS (25000)'
  ])
  t.strictSame(
    refused({ RELAY_LEASE_MS: 'long' }),
    ['RELAY_LEASE_MS: give a whole number from 1000 to 3600000'],
    'a wrong one is not compared'
  )
})

t.test('what is remembered outlasts what can run again, and what may still come', async t => {
  t.strictSame(refused({ RELAY_KEEP_BODIES_DAYS: '91', RELAY_KEEP_TOMBSTONES_DAYS: '97' }), [
    'RELAY_KEEP_HISTORY_DAYS: give RELAY_KEEP_BODIES_DAYS (91) or more',
    'RELAY_KEEP_TOMBSTONES_DAYS: give more than RELAY_KEEP_HISTORY_DAYS (90) and 7 days, for which a platform may repeat its webhooks'
  ])
  t.strictSame(refused({ RELAY_KEEP_BODIES_DAYS: '90', RELAY_KEEP_TOMBSTONES_DAYS: '98' }), [])
  t.strictSame(
    refused({ RELAY_KEEP_HISTORY_DAYS: 'long' }),
    ['RELAY_KEEP_HISTORY_DAYS: give a whole number from 1 to 3650'],
    'a wrong one is not compared'
  )
})

t.test('a secret may come from a file, and its last line ends are not part of it', async t => {
  const readFile = files({ '/run/secrets/key': `${KEY}\r\n\n` })
  t.equal(loadConfig({ SEAM_API_KEY_FILE: '/run/secrets/key' }, readFile).workspace?.apiKey, KEY)
})

t.test('a secret is read from a real file unless told otherwise', async t => {
  const directory = t.testdir({ key: `${KEY}\n` })
  t.equal(loadConfig({ SEAM_API_KEY_FILE: `${directory}/key` }).workspace?.apiKey, KEY)
})

t.test('a secret that is given twice, unreadable or empty is refused', async t => {
  const readFile = files({ '/key': KEY, '/empty': '\n' })
  t.match(refused({ SEAM_API_KEY: KEY, SEAM_API_KEY_FILE: '/key' }, readFile), [
    'SEAM_API_KEY: is given twice; keep either SEAM_API_KEY or SEAM_API_KEY_FILE'
  ])
  t.match(refused({ SEAM_API_KEY_FILE: '/gone' }, readFile), [
    /^SEAM_API_KEY: SEAM_API_KEY_FILE cannot be read \(ENOENT\)/
  ])
  t.match(refused({ SEAM_API_KEY_FILE: '/empty' }, readFile), [
    /^SEAM_API_KEY: the file in SEAM_API_KEY_FILE is empty/
  ])
  const odd = () => {
    throw new Error('odd')
  }
  t.match(refused({ SEAM_API_KEY_FILE: '/odd' }, odd), [/cannot be read \(unknown reason\)/])
})

t.test('whatever the environment holds is a configuration or a list of what is wrong', async t => {
  const value = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.constantFrom('true', '1', KEY, 'file:x', 'http://x')
  )
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...settingNames), value), env => {
      const wrong = refused(env)
      return wrong.every(line => /^[A-Z_]+: \w/.test(line))
    })
  )
  t.pass()
})

t.test('.env.example lists every setting with its default and its description', async t => {
  const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
  const listed = [...example.matchAll(/^# ([^\n]+)\n# ([A-Z_]+)=(.*)$/gm)]
  t.strictSame(
    listed.map(([, , name]) => name),
    settingNames
  )
  for (const [, comment = '', name = '', value] of listed) {
    const setting = settingOf(name as (typeof settingNames)[number])
    t.equal(value, `${setting.default ?? ''}`, name)
    t.ok(comment.startsWith(setting.description), `${name} is described`)
    if (setting.unit !== undefined) t.match(comment, `(${setting.unit}, `, `${name} has its unit`)
  }
})

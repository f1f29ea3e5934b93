import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config.ts'
import { execForm, instructionOf, instructionsOf, pairs } from './dockerfile.ts'
import { isIgnored, lastStage, root } from './image.ts'

interface Service {
  image: string
  build?: { context: string; args: Record<string, string> }
  user?: string
  environment: Record<string, string>
  env_file?: string[]
  secrets: string[]
  configs?: { source: string; target: string }[]
  ports?: string[]
  networks: string[]
  volumes?: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  restart: string
  stop_grace_period: string
  read_only: boolean
  tmpfs?: string[]
  cap_drop: string[]
  security_opt: string[]
}

interface Compose {
  services: { relay: Service; postgres: Service }
  networks: Record<string, { internal?: boolean } | null>
  volumes: Record<string, null>
  configs: Record<string, { file: string }>
  secrets: Record<string, { file: string }>
}

const text = readFileSync(join(root, 'compose.yaml'), 'utf8')
const compose: Compose = parse(text)
const { relay, postgres } = compose.services
const image = lastStage()
const imageEnv = Object.assign({}, ...instructionsOf(image, 'ENV').map(({ rest }) => pairs(rest)))
const password = 'made-up-for-this-test'
const databaseUrl = `postgres://${postgres.environment.POSTGRES_USER}:${password}@postgres:5432/${postgres.environment.POSTGRES_DB}`

/** As compose fills it in, where nobody has set more than that. */
function filledIn(value: string, set: Record<string, string> = {}): string {
  return value.replace(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, fallback: string) => {
    if (fallback === undefined) throw new TypeError(`${value} has no default`)
    return set[name] ?? fallback
  })
}

function relayConfig(set: Record<string, string> = {}) {
  const env = Object.fromEntries(
    Object.entries({ ...imageEnv, ...relay.environment }).map(([name, value]) => [
      name,
      filledIn(String(value), set)
    ])
  )
  const files: Record<string, string> = {
    '/run/secrets/database_url': `${databaseUrl}\n`,
    '/run/secrets/seam_api_key': 'seam_made_up_for_this_test\n'
  }
  return loadConfig(env, path => {
    const content = files[path]
    if (content === undefined) throw new TypeError(`there is no ${path}`)
    return content
  })
}

t.test('the settings are settings, and lead to the database beside the relay and to Seam', async t => {
  const config = relayConfig()
  t.equal(config.databaseUrl, databaseUrl)
  t.equal(config.sandbox, false)
  t.equal(config.host, '0.0.0.0')
  t.equal(config.publicUrl, undefined)
  const address = 'https://relay.example.com'
  t.match(relayConfig({ PUBLIC_URL: address, TRUST_PROXY: '1' }), { publicUrl: address, trustProxy: 1 })
  const [published] = relay.ports ?? []
  t.equal(filledIn(String(published)), `127.0.0.1:3000:${config.port}`, 'for this machine only')
  const [connections] = relay.configs ?? []
  t.equal(connections?.target, join(instructionOf(image, 'WORKDIR').rest, config.connectionsFile))
})

t.test('nobody starts it with a secret that stands in it', async t => {
  for (const { environment } of [relay, postgres])
    for (const name of Object.keys(environment))
      if (/PASSWORD|KEY|TOKEN|DATABASE_URL/.test(name)) t.match(name, /_FILE$/)
  for (const [name, { file }] of Object.entries(compose.secrets)) {
    t.equal(file, `secrets/${name}`)
    t.ok(isIgnored(file), 'and none gets into an image')
  }
  const ignored = readFileSync(join(root, '.gitignore'), 'utf8').split('\n')
  t.ok(ignored.includes('secrets/'), 'or into the repository')
  t.strictSame(relay.env_file, ['secrets/platforms.env'])
  const connections = filledIn(String(compose.configs.connections?.file))
  t.equal(connections, './secrets/connections.yaml', 'where no update of the repository touches them')
  t.ok(isIgnored('secrets/connections.yaml'))
  t.match(text.split('services:')[0], 'secrets/connections.yaml ')
})

t.test('what a service names is there', async t => {
  for (const [name, service] of Object.entries(compose.services)) {
    for (const secret of service.secrets) {
      t.ok(compose.secrets[secret], `${name}: ${secret}`)
      const used = Object.values(service.environment).includes(`/run/secrets/${secret}`)
      t.ok(used, `${name} reads ${secret}`)
    }
    for (const network of service.networks) t.ok(network in compose.networks, `${name}: ${network}`)
    for (const { source } of service.configs ?? []) t.ok(compose.configs[source], `${name}: ${source}`)
    for (const volume of service.volumes ?? []) t.ok(String(volume.split(':')[0]) in compose.volumes, volume)
  }
  for (const name of Object.keys(compose.secrets)) t.match(text.split('services:')[0], `secrets/${name} `)
})

t.test('the image is built with everything that its labels tell', async t => {
  const args = instructionsOf(image, 'ARG').flatMap(({ rest }) => Object.keys(pairs(rest)))
  t.strictSame(Object.keys(relay.build?.args ?? {}), args)
  t.equal(relay.build?.context, '.')
})

t.test('the relay waits for the database, and the database is asked over the network', async t => {
  t.same(relay.depends_on, { postgres: { condition: 'service_healthy' } })
  t.match(postgres.healthcheck?.test, ['CMD', 'pg_isready', '--host=127.0.0.1'])
  t.notOk(relay.healthcheck, 'the relay is asked as its image tells')
  t.ok(execForm(instructionOf(image, 'HEALTHCHECK').rest.replace(/^CMD /, '')).includes('health'))
})

t.test('a stop has the time that the relay takes for it', async t => {
  const seconds = Number(/^(\d+)s$/.exec(relay.stop_grace_period)?.[1])
  t.ok(seconds * 1000 >= relayConfig().shutdownTimeoutMs + 5000)
})

t.test('neither is root, has rights beyond its own, or writes where nothing is kept', async t => {
  for (const service of Object.values(compose.services)) {
    t.match(service.user ?? instructionOf(image, 'USER').rest, /^[1-9]\d*:[1-9]\d*$/)
    t.equal(service.read_only, true)
    t.strictSame(service.cap_drop, ['ALL'])
    t.strictSame(service.security_opt, ['no-new-privileges:true'])
    t.equal(service.restart, 'unless-stopped')
  }
  t.equal(compose.networks.store?.internal, true)
  t.strictSame(postgres.networks, ['store'], 'the database has no way out')
  t.notOk(postgres.ports, 'and none in')
  t.match(postgres.image, /^postgres:18$/)
  t.strictSame(postgres.volumes, ['postgres:/var/lib/postgresql'], 'where version 18 has its data')
})

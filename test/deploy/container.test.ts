import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, globSync, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import t from 'tap'
import packageFile from '../../package.json' with { type: 'json' }
import { loadConfig } from '../../src/config.ts'
import { unmeasured, within } from '../run-relay.ts'
import { execForm, instructionOf, instructionsOf, pairs } from './dockerfile.ts'
import {
  buildImage,
  contextFiles,
  dockerfile,
  isIgnored,
  lastStage,
  makeReadOnly,
  removeImage,
  sourcesOf
} from './image.ts'

const image = lastStage()
const env = Object.assign({}, ...instructionsOf(image, 'ENV').map(({ rest }) => pairs(rest)))
const entrypoint = execForm(instructionOf(image, 'ENTRYPOINT').rest)
const command = execForm(instructionOf(image, 'CMD').rest)
const healthCheck = execForm(instructionOf(image, 'HEALTHCHECK').rest.replace(/^CMD /, ''))
const [volume = ''] = execForm(instructionOf(image, 'VOLUME').rest)
const user = instructionOf(image, 'USER').rest

t.test('the image starts the relay as npm start does', t => {
  t.equal([...entrypoint, ...command].join(' '), packageFile.scripts.start)
  t.end()
})

t.test('everything that is copied into the image is there, and is not kept out of the build', async t => {
  let copied = 0
  for (const stage of dockerfile.stages) {
    for (const instruction of instructionsOf(stage, 'COPY')) {
      const { from } = instruction.flags
      if (from !== undefined) {
        const stages = dockerfile.stages.slice(0, dockerfile.stages.indexOf(stage))
        t.ok(
          stages.some(({ name }) => name === from),
          from
        )
        continue
      }
      for (const source of sourcesOf(instruction).sources) {
        const files = contextFiles(source)
        t.ok(files.length > 0, source)
        copied += files.length
      }
    }
  }
  t.ok(copied > 100, 'the sources are among them')
})

t.test('secrets, data, and what the machine has built stay outside', async t => {
  const outside = [
    '.env',
    '.git/config',
    'secrets/database_url',
    'secrets/platforms.env',
    'data/relay.db',
    'node_modules/yaml/package.json',
    'dist/cli/cli.js',
    'test/deploy/image.ts',
    'src/README.md',
    'openapi/relay.yaml'
  ]
  for (const path of outside) t.ok(isIgnored(path), path)
})

t.test('the image needs no shell, no root and no rights to write beside its data', async t => {
  t.strictSame(
    image.instructions.filter(({ keyword }) => keyword === 'RUN'),
    [],
    'nothing is run to make the last stage'
  )
  t.match(user, /^[1-9]\d*:[1-9]\d*$/, 'a number can be told from root')
  const data = instructionsOf(image, 'COPY').find(({ rest }) => rest.endsWith(' data'))
  t.match(data?.flags, { chown: user })
  t.equal(volume, `${instructionOf(image, 'WORKDIR').rest}/data`)
  t.equal(instructionOf(image, 'STOPSIGNAL').rest, 'SIGTERM')
})

t.test('it listens for everybody who reaches the container', async t => {
  const { host, port } = loadConfig({ HOST: env.HOST, PORT: env.PORT })
  t.equal(host, '0.0.0.0')
  t.equal(instructionOf(image, 'EXPOSE').rest, String(port))
})

t.test('every stage has the Node that the package asks for', async t => {
  const [, wanted] = /^>=(\d+)/.exec(packageFile.engines.node) ?? []
  for (const stage of dockerfile.stages) {
    const [, major] = /^node:(\d+)-slim$/.exec(stage.image) ?? []
    t.ok(Number(major) >= Number(wanted), stage.image)
  }
})

t.test('labels tell what it was built from', async t => {
  const args = instructionsOf(image, 'ARG').flatMap(({ rest }) => Object.keys(pairs(rest)))
  t.strictSame(args, ['VERSION', 'REVISION', 'CREATED', 'SOURCE'])
  const labels = Object.assign({}, ...instructionsOf(image, 'LABEL').map(({ rest }) => pairs(rest)))
  for (const name of args)
    t.equal(labels[`org.opencontainers.image.${name.toLowerCase()}`], `\${${name}}`, name)
  t.equal(labels['org.opencontainers.image.description'], packageFile.description)
  t.equal(labels['org.opencontainers.image.licenses'], packageFile.license)
})

t.test('no package of production wants to run a script of its own, since the image lets none', async t => {
  interface Locked {
    dev?: boolean
    optional?: boolean
    devOptional?: boolean
    hasInstallScript?: boolean
  }
  const lock: { packages: Record<string, Locked> } = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const production = Object.entries(lock.packages).filter(
    ([, each]) => !each.dev && !each.optional && !each.devOptional
  )
  t.ok(production.length > 50)
  t.strictSame(
    production.filter(([, each]) => each.hasInstallScript).map(([name]) => name),
    []
  )
})

t.test('made of what it copies, it starts as another user, answers, and writes its data alone', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'seam-relay-image-'))
  chmodSync(folder, 0o755)
  t.teardown(() => removeImage(folder))
  const files = buildImage(folder)
  const app = join(files, instructionOf(image, 'WORKDIR').rest)
  const data = join(files, volume)
  makeReadOnly(files, data)
  const node = join(folder, 'node')
  copyFileSync(process.execPath, node)
  const [uid, gid] = user.split(':').map(Number)
  const asUser = process.getuid?.() === 0 ? { uid, gid } : {}
  const start = (words: string[], more: Record<string, string>) =>
    spawn(...unmeasured(words[0] === 'node' ? node : String(words[0]), words.slice(1)), {
      cwd: app,
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'inherit'],
      ...asUser
    })

  const before = globSync('**/*', { cwd: files }).filter(path => !isData(path))
  t.notOk(before.includes('app/src'), 'the sources stay behind')
  t.ok(before.includes('app/node_modules/fastify/package.json'))
  for (const name of ['typescript', 'tap', ...Object.keys(packageFile.optionalDependencies)])
    t.notOk(before.includes(`app/node_modules/${name}`), name)

  const relay = start([...entrypoint, ...command], { PORT: '0', RELAY_DRAIN_DELAY_MS: '0' })
  const ended = once(relay, 'exit')
  t.teardown(() => relay.kill('SIGKILL'))
  const port = await within(portOf(relay.stdout), 'it to listen')
  for (const path of ['/livez', '/readyz', '/openapi.json', '/docs', '/dashboard']) {
    const reply = await fetch(`http://127.0.0.1:${port}${path}`)
    t.equal(reply.status, 200, path)
    await reply.body?.cancel()
  }
  t.same(await outcomeOf(start(healthCheck, { PORT: port })), {
    code: 0,
    out: `http://127.0.0.1:${port}/livez answered 200\n`
  })

  relay.kill('SIGTERM')
  t.same(await within(ended, 'its end'), [0, null])
  const { code, out } = await outcomeOf(start(healthCheck, { PORT: port }))
  t.equal(code, 1)
  t.match(out, 'does not answer: ECONNREFUSED')
  t.strictSame(
    globSync('**/*', { cwd: files }).filter(path => !isData(path)),
    before,
    'nothing was written elsewhere'
  )
  t.ok(statSync(join(data, 'relay.db')).size > 0)

  function isData(path: string): boolean {
    return join(files, path).startsWith(`${data}/`)
  }
})

async function portOf(stdout: Readable): Promise<string> {
  let said = ''
  // It ends when nobody reads what else it has to say.
  for await (const chunk of stdout.iterator({ destroyOnReturn: false })) {
    said += chunk
    const [, port] = /listens on http:\S+:(\d+)/.exec(said) ?? []
    if (port === undefined) continue
    stdout.resume()
    return port
  }
  throw new Error(`it ended:\n${said}`)
}

async function outcomeOf(child: ReturnType<typeof spawn>): Promise<{ code: number | null; out: string }> {
  let out = ''
  child.stdout?.on('data', chunk => {
    out += chunk
  })
  const [code] = await within(once(child, 'close'), 'the end of a command')
  return { code, out }
}

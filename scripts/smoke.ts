import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Starts the built relay, sends one signed sample through it, and stops it in order.
const root = join(import.meta.dirname, '..')
const bin = join(root, 'bin/seam-relay.js')
const dir = mkdtempSync(join(tmpdir(), 'seam-relay-smoke-'))
const env = {
  PATH: process.env.PATH,
  PORT: String(await freePort()),
  DATABASE_URL: `file:${dir}/relay.db`,
  RELAY_SANDBOX_FILE: `${dir}/sandbox.db`,
  RELAY_DRAIN_DELAY_MS: '0'
}

const relay = spawn(process.execPath, [bin, 'start'], {
  cwd: root,
  env,
  stdio: ['ignore', 'pipe', 'inherit']
})
try {
  let said = ''
  // It ends when nobody reads what else it has to say.
  for await (const chunk of relay.stdout.iterator({ destroyOnReturn: false })) {
    said += chunk
    if (said.includes('relay.started')) break
  }
  relay.stdout.resume()
  const sent = spawnSync(process.execPath, [bin, 'send', 'hospitable', 'reservation.created'], {
    cwd: root,
    env,
    encoding: 'utf8'
  })
  console.log(sent.stdout, sent.stderr)
  if (sent.status !== 0 || !/access for .*: granted/.test(sent.stdout))
    throw new Error('the sample did not reach the sandbox')
  relay.kill('SIGTERM')
  const [code] = await once(relay, 'exit')
  if (code !== 0) throw new Error(`the relay ended with ${code}:\n${said}`)
  console.log('smoke: the built relay took a sample to the sandbox and stopped in order')
} finally {
  relay.kill('SIGKILL')
  rmSync(dir, { recursive: true })
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address !== null ? address.port : 0
}

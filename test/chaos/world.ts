import { randomBytes } from 'node:crypto'
import type { Test } from 'tap'
import { request } from 'undici'
import { loadConfig } from '../../src/config.ts'
import { loadConnections } from '../../src/connections.ts'
import type { Connection } from '../../src/model/connection.ts'
import { platforms } from '../../src/platforms/registry.ts'
import { startSandbox } from '../../src/sandbox/standalone.ts'
import type { RunOptions } from '../run-relay.ts'

/** What relays are started in: a sandbox in this process that plays Seam and the platforms, and connections for three customers. */
export interface World extends RunOptions {
  sandbox: string
  connections: Connection[]
}

/** @param env what the relays are told beside it */
export async function openWorld(
  t: Test,
  env: Record<string, string> & { DATABASE_URL: string }
): Promise<World> {
  const apis: Record<string, Record<string, string>> = {
    guesty: { client_id: 'kill-test', client_secret: secret() },
    mews: { client_token: secret(), access_token: secret() }
  }
  const apiKey = `seam_test_${secret()}`
  const running = await startSandbox({
    port: 0,
    apiKeys: [apiKey],
    platforms,
    settingsOf: platform => apis[platform] ?? {},
    keptCalls: { calls: 1_000_000, bytes: 1_000_000_000 }
  })
  t.teardown(running.close)
  const sandbox = running.address
  const entries = [
    { platform: 'hospitable', customer_key: 'lakeside', secrets: { signing_secret: secret() } },
    { platform: 'standard', customer_key: 'lakeside', secrets: { signing_secret: webhookSecret() } },
    { platform: 'guesty', customer_key: 'hills', secrets: { signing_secret: webhookSecret() } },
    { platform: 'mews', customer_key: 'harbour', secrets: { token: secret() } }
  ].map(entry => ({
    id: `k-${entry.platform}`,
    ...entry,
    ...(entry.platform in apis && {
      api: { ...apis[entry.platform], endpoint: `${sandbox}/sandbox/platforms/${entry.platform}` }
    })
  }))
  // YAML reads JSON.
  const folder = t.testdir({ 'connections.yaml': JSON.stringify({ connections: entries }) })
  const all = {
    SEAM_ENDPOINT: sandbox,
    SEAM_API_KEY: apiKey,
    RELAY_CONNECTIONS_FILE: `${folder}/connections.yaml`,
    RELAY_QUIET_WINDOW_MS: '20',
    RELAY_DRAIN_DELAY_MS: '0',
    ...env
  }
  const { connections } = loadConnections({ config: loadConfig(all), env: all, platforms })
  return { cwd: folder, env: all, sandbox, connections }
}

/** Seam is slow and fails now and then, or not at all from now on. */
export async function misbehave(sandbox: string, behaviour: object): Promise<void> {
  const reply = await request(`${sandbox}/sandbox/behaviour`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(behaviour)
  })
  if (reply.statusCode !== 200) throw new Error(await reply.body.text())
  await reply.body.dump()
}

function secret(): string {
  return randomBytes(24).toString('hex')
}

function webhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

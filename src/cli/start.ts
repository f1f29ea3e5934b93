import { loadConfig } from '../config.ts'
import { loadConnections } from '../connections.ts'
import { createLog } from '../observe/log.ts'
import { platforms } from '../platforms/registry.ts'
import { assembleRelay, type Relay } from '../relay.ts'
import { openStore } from '../store/store.ts'

export interface StartOptions {
  env: NodeJS.ProcessEnv
  /** A line for people. */
  say(line: string): void
  /** Resolves with the signal that ends the relay. */
  signalled: Promise<NodeJS.Signals>
}

/**
 * The process: settings, store, server, loops, orderly stop.
 * @throws RelayError RELAY_CONFIG_INVALID, RELAY_STORE_UNAVAILABLE; whatever keeps the server from listening
 */
export async function start({ env, say, signalled }: StartOptions): Promise<number> {
  const config = loadConfig(env)
  const connections = loadConnections({ config, env, platforms })
  const log = createLog(config.logLevel)
  const store = await openStore(config.databaseUrl)
  const relay = assembleRelay({ config, connections, platforms, store, log, now: Date.now, random: Math.random })
  const origin = await relay.listen()
  relay.run()
  for (const line of greeting(origin, connections)) say(line)
  log.info({ event: 'relay.started', sandbox: connections.sandbox, connections: connections.connections.length })

  const signal = await signalled
  await stopOrderly(relay, signal, config)
  log.info({ event: 'relay.stopped', signal })
  return 0
}

/** Load balancers learn from /readyz first; only a person at the keyboard is not made to wait for them. */
async function stopOrderly(
  relay: Relay,
  signal: NodeJS.Signals,
  { drainDelayMs, shutdownTimeoutMs }: { drainDelayMs: number; shutdownTimeoutMs: number }
): Promise<void> {
  const delay = signal === 'SIGINT' ? 0 : drainDelayMs
  relay.drain()
  await new Promise(resolve => setTimeout(resolve, delay))
  // What is left after the calls are broken off belongs to closing the listener and the store.
  await relay.stop(Math.max((shutdownTimeoutMs - delay) * 0.7, 0))
}

function greeting(origin: string, { sandbox, connections, warnings }: ReturnType<typeof loadConnections>): string[] {
  const example = connections.find(connection => connection.platform === 'hospitable')
  const lines = ['', `  Seam Relay listens on ${origin}`, `  ${connections.length} connections, webhooks at ${origin}/webhooks/<platform>/<connection>`]
  if (sandbox) {
    lines.push(
      '  SANDBOX: no SEAM_API_KEY is set, so nothing reaches Seam; a stand-in answers instead.',
      `  What it holds: ${origin}/sandbox/state`
    )
    if (example !== undefined) lines.push('', '  Next, in another terminal:', '    npx seam-relay send hospitable reservation.created')
  }
  return [...lines, ...warnings.map(warning => `  Warning: ${warning}`), '']
}

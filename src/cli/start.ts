import { loadConfig } from '../config.ts'
import { loadConnections } from '../connections.ts'
import { createLog } from '../observe/log.ts'
import { relayMetrics } from '../observe/relay-metrics.ts'
import { platforms } from '../platforms/registry.ts'
import { assembleRelay } from '../relay.ts'
import { lockStore, openStore } from '../store/store.ts'
import { greeting } from './greeting.ts'
import { stopOrderly } from './stop-orderly.ts'

export interface StartOptions {
  env: NodeJS.ProcessEnv
  /** A line for people. */
  say(line: string): void
  /** Resolves with the signal that ends the relay. */
  signalled: Promise<NodeJS.Signals>
}

/** A database that starts at the same time as we do is waited for. */
const PATIENCE_MS = 30_000

/**
 * The process: settings, store, server, loops, orderly stop.
 * @throws RelayError RELAY_CONFIG_INVALID, RELAY_STORE_UNAVAILABLE; whatever keeps the server from listening
 */
export async function start({ env, say, signalled }: StartOptions): Promise<number> {
  const config = loadConfig(env)
  const connections = loadConnections({ config, env, platforms })
  const log = createLog(config.logLevel)
  const metrics = relayMetrics()
  const store = await openStore(config.databaseUrl, {
    ...config,
    patienceMs: PATIENCE_MS,
    log,
    onCommit: metrics.committed
  })
  const unlock = await lockOr(() => store.close(), config.databaseUrl)
  const relay = assembleRelay({
    config,
    connections,
    platforms,
    store,
    log,
    now: () => Date.now() + store.clockAheadMs(),
    random: Math.random,
    metrics
  })
  try {
    const origin = await relay.listen()
    relay.run()
    for (const line of greeting(origin, connections, platforms)) say(line)
  } catch (error) {
    // Else the store's thread would keep the process.
    await relay.stop(0)
    unlock()
    throw error
  }
  log.info({
    event: 'relay.started',
    sandbox: connections.sandbox,
    connections: connections.connections.length
  })

  const signal = await signalled
  await stopOrderly(relay, signal, config, log)
  unlock()
  return 0
}

async function lockOr(giveUp: () => Promise<void>, url: string): Promise<() => void> {
  try {
    return lockStore(url)
  } catch (error) {
    // Else the store's thread would keep the process.
    await giveUp()
    throw error
  }
}

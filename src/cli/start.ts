import { setTimeout as pause } from 'node:timers/promises'
import { type Config, loadConfig } from '../config.ts'
import { loadConnections } from '../connections.ts'
import { createLog } from '../observe/log.ts'
import { platforms } from '../platforms/registry.ts'
import { assembleRelay, type Relay } from '../relay.ts'
import { openStore } from '../store/store.ts'
import { greeting } from './greeting.ts'

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
  const relay = assembleRelay({
    config,
    connections,
    platforms,
    store,
    log,
    now: Date.now,
    random: Math.random
  })
  try {
    const origin = await relay.listen()
    relay.run()
    for (const line of greeting(origin, connections, platforms)) say(line)
  } catch (error) {
    // Else the store's thread would keep the process.
    await relay.stop(0)
    throw error
  }
  log.info({
    event: 'relay.started',
    sandbox: connections.sandbox,
    connections: connections.connections.length
  })

  const signal = await signalled
  log.info({ event: 'relay.stopping', signal })
  const inTime = await stopOrderly(relay, signal, config)
  if (inTime) log.info({ event: 'relay.stopped', signal })
  else log.warn({ event: 'relay.stop_cut_short', signal })
  return 0
}

/**
 * Load balancers learn from /readyz first; only a person at the keyboard is not made to wait for them.
 * @returns false where something would not end in time: what was acknowledged is on disk, and the next start goes on
 */
async function stopOrderly(relay: Relay, signal: NodeJS.Signals, config: Config): Promise<boolean> {
  const delayMs = signal === 'SIGINT' ? 0 : config.drainDelayMs
  const patienceMs = config.shutdownTimeoutMs - delayMs
  relay.drain()
  await pause(delayMs)
  // What is left after the calls are broken off belongs to closing the listener and the store.
  const stopped = relay.stop(patienceMs * 0.7).then(() => true)
  const hangUp = setTimeout(() => relay.app.server.closeAllConnections(), patienceMs * 0.8)
  const over = new AbortController()
  const tooLate = pause(patienceMs * 0.9, false, { signal: over.signal }).catch(() => false)
  const inTime = await Promise.race([stopped, tooLate])
  clearTimeout(hangUp)
  over.abort()
  return inTime
}

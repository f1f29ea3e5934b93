import { randomBytes } from 'node:crypto'
import { tracesWanted } from '../config/traces.ts'
import type { Config } from '../config.ts'
import { type Connections, loadConnections } from '../connections.ts'
import { createLog } from '../observe/log.ts'
import { relayMetrics } from '../observe/relay-metrics.ts'
import { startTracing, type Tracing } from '../observe/tracing.ts'
import { platforms } from '../platforms/registry.ts'
import { assembleRelay, type Relay } from '../relay.ts'
import { lockStore, openStore } from '../store/store.ts'
import { keepTickShape } from '../tick-shape.ts'
import { greeting } from './greeting.ts'
import { ownConfig } from './own-config.ts'
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
/** A collector that answers at all has answered by then; for one that does not, nobody waits longer. */
const TRACES_PATIENCE_MS = 5_000

/**
 * The process: settings, store, server, loops, orderly stop.
 * @returns the exit code, once it was told to stop
 * @throws RelayError RELAY_CONFIG_INVALID, RELAY_STORE_UNAVAILABLE; whatever keeps the server from listening
 */
export async function start({ env, say, signalled }: StartOptions): Promise<number> {
  void keepTickShape()
  const settings = ownConfig({ env, platforms })
  const connections = loadConnections({ config: settings, env, platforms })
  const trialToken = trialTokenOf(settings, connections)
  const config = trialToken === undefined ? settings : { ...settings, adminToken: trialToken }
  const log = createLog(config.logLevel)
  const metrics = relayMetrics()
  const wanted = tracesWanted(env)
  const tracing = wanted && (await startTracing({ ...wanted, env, log }))
  const opening = openStore(config.databaseUrl, {
    ...config,
    patienceMs: PATIENCE_MS,
    log,
    onCommit: metrics.committed
  })
  const store = await Promise.race([opening, signalled])
  if (typeof store === 'string') {
    // A database that does not answer is waited for no longer. A migration that is broken off is made again by the next start.
    opening.then(late => late.close()).catch(() => undefined)
    log.info({ event: 'relay.stopped', signal: store })
    return 0
  }
  const unlock = await lockOr(() => store.close(), config.databaseUrl)
  const relay = assembleRelay({
    config,
    connections,
    platforms,
    store,
    log,
    now: store.now,
    random: Math.random,
    metrics,
    tracer: tracing?.tracer
  })
  try {
    const origin = await relay.listen()
    relay.run()
    for (const line of greeting(origin, connections, platforms, trialToken)) say(line)
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
  await stopOrderly(tracing === undefined ? relay : withTraces(relay, tracing), signal, config, log)
  unlock()
  return 0
}

/**
 * Whoever tries the relay out can sign in at once, until it stops. Not where doors depend on it: there a token is a
 * setting, and stands in no output.
 */
function trialTokenOf({ adminToken }: Config, { sandbox }: Connections): string | undefined {
  return sandbox && adminToken === undefined ? `trial-${randomBytes(12).toString('hex')}` : undefined
}

/** What is left of the traces goes once nothing more comes to them, in the time that the stop has left for closing. */
function withTraces(relay: Relay, tracing: Tracing): Relay {
  return {
    ...relay,
    async stop(patienceMs) {
      const latest = performance.now() + patienceMs * 1.2
      await relay.stop(patienceMs)
      await tracing.end(Math.min(Math.max(latest - performance.now(), 0), TRACES_PATIENCE_MS))
    }
  }
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

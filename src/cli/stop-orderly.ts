import { setTimeout as pause } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import type { Relay } from '../relay.ts'

/**
 * Load balancers learn from /readyz first; only a person at the keyboard is not made to wait for them. What would not end
 * in time is left to the next start: whatever was acknowledged is on disk.
 */
export async function stopOrderly(
  relay: Pick<Relay, 'app' | 'drain' | 'stop'>,
  signal: NodeJS.Signals,
  { drainDelayMs, shutdownTimeoutMs }: Pick<Config, 'drainDelayMs' | 'shutdownTimeoutMs'>,
  log: Logger
): Promise<void> {
  const delayMs = signal === 'SIGINT' ? 0 : drainDelayMs
  const patienceMs = shutdownTimeoutMs - delayMs
  log.info({ event: 'relay.stopping', signal })
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
  if (inTime) log.info({ event: 'relay.stopped', signal })
  else log.warn({ event: 'relay.stop_cut_short', signal })
}

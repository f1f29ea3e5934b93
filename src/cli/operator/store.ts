import { randomBytes } from 'node:crypto'
import { loadConfig } from '../../config.ts'
import { loadConnections } from '../../connections.ts'
import { createLog } from '../../observe/log.ts'
import type { Operator } from '../../operate/operators.ts'
import type { Platform } from '../../platforms/platform.ts'
import { assembleRelay } from '../../relay.ts'
import { openStore } from '../../store/store.ts'
import { refuseNoStore } from '../existing-store.ts'
import { API, answerIn, type OperatorClient, queryOf } from './client.ts'

export interface OverStoreOptions {
  env: NodeJS.ProcessEnv
  platforms: Record<string, Platform>
  /** Where the log goes, which has something to say only where the relay itself fails. */
  err: { write(text: string): unknown }
}

/** Whoever may open the store may do all of it; the audit log has this name. */
const COMMAND_LINE: Operator = { id: 'command-line', name: 'command line', may: 'admin' }

/**
 * The operator API of a relay that neither listens nor runs, over the store of the settings: one implementation answers,
 * also beside a running relay and after it has stopped.
 * @throws RelayError RELAY_CONFIG_INVALID, RELAY_STORE_UNAVAILABLE; RELAY_BAD_REQUEST where there is no store yet
 */
export async function operatorOverStore({ env, platforms, err }: OverStoreOptions): Promise<OperatorClient> {
  const config = loadConfig(env)
  const loaded = loadConnections({ config, env, platforms })
  refuseNoStore(config.databaseUrl, ', or ask a relay elsewhere with --url')
  const token = randomBytes(32).toString('base64url')
  const store = await openStore(config.databaseUrl, config)
  const relay = assembleRelay({
    config,
    // The stand-in for Seam has a file of its own, and is the running relay's.
    connections: { ...loaded, sandbox: false },
    platforms,
    store,
    log: createLog('error', err),
    // This machine's may be minutes ahead of it: what is to be done at once would wait so long.
    now: store.now,
    random: Math.random,
    ownOperator: { token, operator: COMMAND_LINE }
  })
  const headers = { authorization: `Bearer ${token}` }

  return {
    async ask(method, path, { query, body } = {}) {
      const url = `${API}${path}${queryOf(query)}`
      const reply = await relay.app.inject({ method, url, headers, ...(body !== undefined && { body }) })
      return answerIn(reply.statusCode, reply.body, 'the store')
    },
    // Whether one runs beside it is not known here.
    turnsAway: async () => undefined,
    async listen(path, { query, lastEventId = '' } = {}) {
      const reply = await relay.app.inject({
        method: 'GET',
        url: `${API}${path}${queryOf(query)}`,
        headers: { ...headers, accept: 'text/event-stream', 'last-event-id': lastEventId },
        payloadAsStream: true
      })
      const stream = reply.stream()
      if (reply.statusCode !== 200) {
        const text = Buffer.concat(await stream.toArray()).toString()
        answerIn(reply.statusCode, text, 'the store')
      }
      return stream
    },
    close: () => relay.stop(0)
  }
}

import type { Test } from 'tap'
import { callersOf } from '../src/api/callers.ts'
import { changeSignal } from '../src/change-signal.ts'
import { DEFAULT_WORKSPACE, loadConfig } from '../src/config.ts'
import { loadConnections } from '../src/connections.ts'
import { rejectionsOf } from '../src/ingest/rejections.ts'
import { idSource } from '../src/model/ids.ts'
import { keyOwnerOf } from '../src/model/key-owner.ts'
import { createLog } from '../src/observe/log.ts'
import { relayMetrics } from '../src/observe/relay-metrics.ts'
import type { Platform } from '../src/platforms/platform.ts'
import { platforms as registered } from '../src/platforms/registry.ts'
import { buildServer, type ServerOptions } from '../src/server.ts'
import { operateStoreOf } from '../src/store/operate.ts'
import { storeRooms } from '../src/store/rooms.ts'
import { openStore, type Store } from '../src/store/store.ts'
import { replayPreview } from '../src/translate/preview.ts'

export interface OpenServerOptions {
  store?: Store
  platforms?: Record<string, Platform>
  ingest?: Partial<ServerOptions['ingest']>
  api?: Partial<ServerOptions['api']>
  health?: Partial<ServerOptions['health']>
  operate?: Partial<ServerOptions['operate']>
  dashboard?: ServerOptions['dashboard']
  metrics?: Partial<ServerOptions['metrics']>
  requestTimeoutMs?: number
}

/** Of a caller that may do what a key of the environment may. */
export const API_KEY = 'seam_relay_of_the_test'

/** Of whoever looks after the relay. */
export const ADMIN_TOKEN = 'admin-token-of-the-test'

/** The HTTP side alone, over the demo's connections: no loops, no sandbox. It closes with the test. */
export async function openServer(t: Test, options: OpenServerOptions = {}) {
  const clock = { now: Date.UTC(2027, 0, 10, 12) }
  const now = () => clock.now
  const logged: string[] = []
  const log = createLog('trace', { write: line => void logged.push(line) })
  const config = loadConfig({})
  const platforms = options.platforms ?? registered
  const { connections } = loadConnections({ config, env: {}, platforms })
  const connection = (id: string) => connections.find(each => each.id === id)
  const store = options.store ?? (await openStore('file::memory:'))
  const { deliveries, rejected, answers, reports, apiKeys, queries } = storeRooms(store)
  const nextId = idSource(now)
  const limits = { count: config.rejectedKept, bytes: config.rejectedKeptBytes }
  const rejections = rejectionsOf({ rejected, limits, now, nextId, log })
  const app = buildServer({
    log,
    trustProxy: false,
    ingest: {
      store,
      deliveries,
      rejections,
      connectionOf: connection,
      platforms,
      maxBodyBytes: config.maxBodyBytes,
      maxUnverified: config.maxUnverified,
      maxQueued: config.maxQueued,
      now,
      nextId,
      log,
      onStored() {},
      ...options.ingest
    },
    api: {
      store,
      deliveries,
      answers,
      reports,
      callers: callersOf({ apiKeys, environmentKeys: [API_KEY], now }),
      workspaces: [DEFAULT_WORKSPACE],
      defaultWorkspace: DEFAULT_WORKSPACE,
      connections,
      keyOwner: keyOwnerOf(connections),
      owners: queries.resources.owners,
      settled: changeSignal(),
      maxBodyBytes: config.maxBodyBytes,
      maxQueued: config.maxQueued,
      now,
      nextId,
      log,
      onStored() {},
      ...options.api
    },
    operate: {
      ...operateStoreOf(store),
      adminToken: ADMIN_TOKEN,
      identifyCaller: () => undefined,
      callerOf: () => undefined,
      news: changeSignal(),
      publicUrl: undefined,
      isSandbox: true,
      onResumed() {},
      onDue() {},
      onJob() {},
      planner: replayPreview({
        queries,
        connectionOf: connection,
        platforms,
        keyOwner: keyOwnerOf(connections),
        now,
        log
      }),
      retake: async () => ({ taken: 0, stillRefused: [] }),
      sendSample: async () => ({ status: 200, deliveryId: undefined }),
      workspaces: [DEFAULT_WORKSPACE],
      connections,
      platforms,
      now,
      nextId,
      log,
      ...options.operate
    },
    dashboard: { ...options.dashboard },
    health: { store, isDraining: () => false, ...options.health },
    metrics: { metrics: relayMetrics(), token: undefined, ...options.metrics },
    ...(options.requestTimeoutMs !== undefined && { requestTimeoutMs: options.requestTimeoutMs })
  })
  t.teardown(async () => {
    await app.close()
    await rejections.flushed()
    await store.close()
  })
  return { app, store, clock, logged, connection, listen: () => app.listen({ port: 0, host: '127.0.0.1' }) }
}

import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import {
  type Connections,
  resolveSandboxEndpoints,
  resolveSandboxWorkspaces,
  settingsHash
} from '../connections.ts'
import { loopsOf } from '../loops.ts'
import { idSource } from '../model/ids.ts'
import { keyOwnerOf } from '../model/key-owner.ts'
import type { Tracer } from '../model/trace.ts'
import { type RelayMetrics, relayMetrics } from '../observe/relay-metrics.ts'
import { relayVersion } from '../observe/version.ts'
import type { Operator } from '../operate/operators.ts'
import type { Platform } from '../platforms/platform.ts'
import { type Seam, seamClient } from '../seam/seam.ts'
import { operateStoreOf } from '../store/operate.ts'
import { storeRooms } from '../store/rooms.ts'
import { alwaysCurrent, settingsGuardOf } from '../store/settings-guard.ts'
import type { Store } from '../store/store.ts'
import { signalsOf } from './signals.ts'

export interface RelayOptions {
  config: Config
  connections: Connections
  platforms: Record<string, Platform>
  store: Store
  log: Logger
  now(): number
  random(): number
  /** Where the store counts its commits; the relay's own unless given. */
  metrics?: RelayMetrics
  /** Where somebody wants traces. */
  tracer?: Tracer | undefined
  /** Where the dashboard was built; see there. */
  dashboardFolder?: string
  /** Whoever assembles the relay to ask its operator API, and for whom it has a token of its own. */
  ownOperator?: { token: string; operator: Operator }
}

/** What the rooms stand on: the store's queries, clock and chance, the connections and Seam, and who wakes whom. */
export type Ground = ReturnType<typeof groundOf>

export function groundOf(options: RelayOptions) {
  const { config, store, log, now, metrics = relayMetrics(), tracer } = options
  const { connections, workspaces, sandbox: isSandbox } = options.connections
  const rooms = storeRooms(store)
  const byId = new Map(connections.map(connection => [connection.id, connection]))
  const seams = new Map<string, Seam>()
  const loops = loopsOf()
  const settings = store.isShared
    ? settingsGuardOf(
        store,
        rooms.connectionSettings,
        { connections, hashOf: settingsHash },
        {
          now,
          onLeft: connectionIds => log.warn({ event: 'connections.left', connectionIds }),
          onTakenBack: connectionIds => log.warn({ event: 'connections.taken_back', connectionIds })
        }
      )
    : alwaysCurrent
  metrics.describe({
    version: relayVersion(),
    connections,
    workspaces,
    readBacklog: rooms.backlog.read,
    now
  })
  return {
    ...options,
    ...rooms,
    operateStore: operateStoreOf(store),
    metrics,
    tracing: tracer && { tracer, traces: rooms.traces },
    nextId: idSource(now),
    leaseMs: config.leaseMs,
    /** Whether this relay has the connections' newest settings. */
    settings,
    connections,
    workspaces,
    isSandbox,
    keyOwner: keyOwnerOf(connections),
    /** Every connection as it is now, with the addresses of the sandbox once they are known. */
    connectionsNow: () => [...byId.values()],
    connectionOf: (id: string) => byId.get(id),
    seamOf: (workspaceId: string) => seams.get(workspaceId),
    loops,
    signals: signalsOf(store, loops),
    /** Breaks off whatever is asked of others. */
    abort: new AbortController(),

    /** Where the relay is its own Seam, addresses are known only once it listens. */
    settle(origin: string): void {
      const resolved = resolveSandboxEndpoints(connections, origin)
      for (const connection of resolved) byId.set(connection.id, connection)
      for (const workspace of resolveSandboxWorkspaces(workspaces, `${origin}/sandbox`)) {
        const timeoutMs = config.seamTimeoutMs
        seams.set(
          workspace.id,
          seamClient({ workspace, timeoutMs, connections: config.syncConcurrency, now })
        )
      }
    },
    async closeSeams(): Promise<void> {
      await Promise.all([...seams.values()].map(seam => seam.close()))
    }
  }
}

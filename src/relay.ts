import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { callersOf } from './api/callers.ts'
import { type Config, DEFAULT_WORKSPACE } from './config.ts'
import {
  type Connections,
  resolveSandboxEndpoints,
  resolveSandboxWorkspaces,
  settingsHash
} from './connections.ts'
import { desiredState } from './desired/desired.ts'
import { redrawing } from './desired/redraw.ts'
import { rejectionsOf } from './ingest/rejections.ts'
import { retake } from './ingest/retake.ts'
import { sendSample } from './ingest/send-sample.ts'
import { loopsOf, type Steps } from './loops.ts'
import type { Connection } from './model/connection.ts'
import { idSource } from './model/ids.ts'
import { keyOwnerOf } from './model/key-owner.ts'
import { DAY_MS } from './model/retention.ts'
import type { Tracer } from './model/trace.ts'
import { type RelayMetrics, relayMetrics } from './observe/relay-metrics.ts'
import { relayVersion } from './observe/version.ts'
import type { Operator } from './operate/operators.ts'
import { tallyRoom } from './operate/tally.ts'
import { type Platform, platformOf } from './platforms/platform.ts'
import { pruneRoom } from './prune/prune.ts'
import { signalsOf } from './relay/signals.ts'
import { replayRoom } from './replay/replay.ts'
import { type Seam, seamClient } from './seam/seam.ts'
import { buildServer } from './server.ts'
import { alwaysCurrent } from './store/connection-settings.ts'
import { operateStoreOf } from './store/operate.ts'
import { storeRooms } from './store/rooms.ts'
import type { Store } from './store/store.ts'
import { syncRoom } from './sync/sync.ts'
import { callsRoom } from './translate/calls.ts'
import { canReadPlaces, placesRoom } from './translate/places.ts'
import { platformApis } from './translate/platform-api.ts'
import { replayPreview } from './translate/preview.ts'
import { restsOf } from './translate/rests.ts'
import { translateRoom } from './translate/translate.ts'

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

/** The journey, put together: rooms around one store. Nothing moves before {@link Relay.listen} and {@link Relay.run}. */
export interface Relay {
  app: FastifyInstance
  /** @returns the origin under which this machine reaches the relay */
  listen(): Promise<string>
  /** Starts the loops. */
  run(): void
  /** One step of each room, for those who set the pace themselves. */
  steps: Steps
  /** /readyz says no from now on; everything else goes on. */
  drain(): void
  /** Ends the loops, then the listener, then the store. @param patienceMs after so long, calls under way are broken off */
  stop(patienceMs: number): Promise<void>
}

/** Platforms' places that are read at the same time: few, since a platform's rate is better spent on bookings. */
const PLACES_AT_ONCE = 2

export function assembleRelay(options: RelayOptions): Relay {
  const { config, platforms, store, log, now, random, metrics = relayMetrics(), tracer } = options
  const {
    deliveries,
    rejected,
    tokens,
    rests: keptRests,
    outbox,
    offboarding,
    queries,
    placeReadings,
    drift,
    apiKeys,
    answers,
    reports,
    retention,
    tombstones,
    backlog,
    traces,
    jobs,
    replays,
    refused,
    recover,
    connectionSettings
  } = storeRooms(store)
  const tracing = tracer && { tracer, traces }
  const nextId = idSource(now)
  const connections = new Map<string, Connection>()
  const seams = new Map<string, Seam>()
  const abort = new AbortController()
  const loops = loopsOf()
  let draining = false
  let stopped: Promise<void> | undefined

  const connectionOf = (id: string) => connections.get(id)
  for (const connection of options.connections.connections) connections.set(connection.id, connection)
  metrics.describe({
    version: relayVersion(),
    connections: options.connections.connections,
    workspaces: options.connections.workspaces,
    readBacklog: backlog.read,
    now
  })

  const settings = store.isShared
    ? connectionSettings.guard(
        { connections: options.connections.connections, hashOf: settingsHash },
        {
          now,
          onLeft: connectionIds => log.warn({ event: 'connections.left', connectionIds }),
          onTakenBack: connectionIds => log.warn({ event: 'connections.taken_back', connectionIds })
        }
      )
    : alwaysCurrent
  const signals = signalsOf(store, loops)
  const { onStored, onRedraw, onSettled, onDue } = signals
  const desired = desiredState({
    store,
    queries,
    settings,
    connectionOf,
    now,
    quietWindowMs: config.quietWindowMs,
    onDue,
    onRedraw,
    onChanges: metrics.changed
  })
  const apis = platformApis({
    tokens,
    timeoutMs: config.hydrationTimeoutMs,
    now,
    signal: abort.signal
  })
  const leaseMs = config.leaseMs
  const rests = restsOf({ kept: keptRests, leaseMs, now, random, onAsked: metrics.platformAsked })
  const keyOwner = keyOwnerOf(options.connections.connections)
  const calls = callsRoom({
    store,
    queries,
    resources: queries.resources,
    offboarding,
    desired,
    keyOwner,
    now,
    onDue,
    onRedraw
  })
  const translate = translateRoom({
    calls,
    store,
    deliveries,
    desired,
    apis,
    rests,
    placeReadings,
    resources: queries.resources,
    drift,
    connectionOf,
    platforms,
    settings,
    leaseMs,
    now,
    random,
    log,
    onPlaces: () => loops.wake('readPlaceOnce'),
    onHandled: onSettled,
    meter: metrics.translate,
    tracing
  })
  const { readPlaceOnce } = placesRoom({
    store,
    placeReadings,
    resources: queries.resources,
    desired,
    apis,
    rests,
    connectionOf,
    platforms,
    leaseMs,
    now,
    random,
    nextId,
    log
  })
  const redrawOnce = redrawing({ desired, queries, log })
  const sync = syncRoom({
    store,
    queries,
    outbox,
    offboarding,
    seamOf: id => seams.get(id),
    limits: { resources: config.batchResources, bytes: config.batchBytes },
    leaseMs,
    now,
    random,
    nextId,
    log,
    signal: abort.signal,
    onRedraw,
    meter: metrics.sync,
    tracing
  })
  const { pruneOnce } = pruneRoom({
    store,
    retention,
    tombstones,
    queries,
    connections: options.connections.connections,
    keep: {
      bodiesMs: config.keepBodiesDays * DAY_MS,
      historyMs: config.keepHistoryDays * DAY_MS,
      tombstonesMs: config.keepTombstonesDays * DAY_MS
    },
    now,
    log
  })
  const rejections = rejectionsOf({
    rejected,
    limits: { count: config.rejectedKept, bytes: config.rejectedKeptBytes },
    now,
    nextId,
    log,
    onRejected: metrics.rejected
  })
  const { replayOnce } = replayRoom({
    store,
    jobs,
    deliveries,
    replays,
    refused,
    keepMs: config.keepHistoryDays * DAY_MS,
    now,
    log,
    onStored,
    onDue
  })
  const operateStore = operateStoreOf(store)
  const callers = callersOf({ apiKeys, environmentKeys: config.apiKeys, now })
  const { tallyOnce } = tallyRoom({
    store,
    tallies: operateStore.tallies,
    connections: options.connections.connections,
    now,
    log
  })
  const app = buildServer({
    log,
    trustProxy: trustOf(config.trustProxy),
    ingest: {
      store,
      deliveries,
      rejections,
      connectionOf,
      platforms,
      maxBodyBytes: config.maxBodyBytes,
      maxUnverified: config.maxUnverified,
      maxQueued: config.maxQueued,
      now,
      nextId,
      log,
      onStored,
      meter: metrics.ingest,
      tracer
    },
    api: {
      store,
      deliveries,
      answers,
      reports,
      callers,
      workspaces: options.connections.workspaces.map(each => each.id),
      defaultWorkspace: DEFAULT_WORKSPACE,
      connections: options.connections.connections,
      keyOwner,
      owners: async (workspaceId, keys) =>
        (await queries.resources.owners(workspaceId, keys)).filter(owner => !owner.isGone),
      settlements: signals.settled,
      maxBodyBytes: config.maxBodyBytes,
      maxQueued: config.maxQueued,
      now,
      nextId,
      log,
      onStored,
      onAnswered: metrics.apiAnswered,
      tracer
    },
    operate: {
      ...operateStore,
      adminToken: config.adminToken,
      own: options.ownOperator,
      identifyCaller: callers.identify,
      callerOf: callers.of,
      news: signals.news,
      publicUrl: config.publicUrl,
      isSandbox: options.connections.sandbox,
      onResumed() {
        onStored()
        loops.wake('readPlaceOnce')
        onDue(0)
      },
      onDue: () => onDue(0),
      onJob: () => loops.wake('replayOnce'),
      planner: replayPreview({ queries, connectionOf, platforms, keyOwner, now, log }),
      async retake(connection, also) {
        const retaken = await retake({ connection, platforms, rejected, deliveries, also })
        if (retaken.taken > 0) onStored()
        return retaken
      },
      sendSample: (connection, event) => sendSample({ app, platforms, now, nextId, connection, event }),
      workspaces: options.connections.workspaces.map(each => each.id),
      connections: options.connections.connections,
      platforms,
      now,
      nextId,
      log
    },
    dashboard: { folder: options.dashboardFolder },
    health: { store, isDraining: () => draining },
    metrics: { metrics, token: config.metricsToken },
    sandbox: options.connections.sandbox ? sandboxOptions(options) : undefined
  })

  /** Whoever waits for Seam's answer looks again after each step that has done something. */
  async function syncOnce(): Promise<'busy' | 'idle'> {
    const outcome = await sync.syncOnce()
    if (outcome === 'busy') onSettled()
    return outcome
  }

  /** Where the relay is its own Seam, addresses are known only once it listens. */
  function settle(origin: string): void {
    const resolved = resolveSandboxEndpoints(options.connections.connections, origin)
    for (const connection of resolved) connections.set(connection.id, connection)
    for (const workspace of resolveSandboxWorkspaces(options.connections.workspaces, `${origin}/sandbox`)) {
      const timeoutMs = config.seamTimeoutMs
      seams.set(workspace.id, seamClient({ workspace, timeoutMs, connections: config.syncConcurrency, now }))
    }
  }

  async function stop(patienceMs: number): Promise<void> {
    const patience = setTimeout(() => abort.abort(), patienceMs)
    await loops.stop()
    await translate.settled()
    clearTimeout(patience)
    await app.close()
    await rejections.flushed()
    await Promise.all([apis.close(), ...[...seams.values()].map(seam => seam.close())])
    await store.close()
  }

  const steps: Steps = {
    async translateOnce() {
      const outcome = await translate.translateOnce()
      await translate.settled()
      return outcome
    },
    readPlaceOnce,
    redrawOnce,
    syncOnce,
    pruneOnce,
    tallyOnce,
    replayOnce
  }

  return {
    app,
    async listen() {
      await app.listen({ host: config.host, port: config.port })
      const { port } = app.server.address() as AddressInfo
      const host = config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host
      const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
      settle(origin)
      // Only now: the port is ours.
      await recover([...connections.keys()], now())
      await connectionSettings.redrawChanged([...connections.values()], settingsHash, now())
      const asked = [...connections.values()].filter(each => canReadPlaces(platformOf(platforms, each), each))
      await store.commit(asked.map(each => placeReadings.wantNamed(each, now())))
      return origin
    },
    run() {
      const atOnce = { readPlaceOnce: PLACES_AT_ONCE, syncOnce: config.syncConcurrency }
      loops.run({ ...steps, translateOnce: translate.translateOnce }, atOnce)
    },
    steps,
    drain() {
      draining = true
      // Who waits has its call on disk, and may ask another relay about it.
      signals.end()
    },
    stop(patienceMs) {
      draining = true
      signals.end()
      stopped ??= stop(patienceMs)
      return stopped
    }
  }
}

/** A number means so many proxies in front of us; Fastify takes that as a function. */
function trustOf(trust: Config['trustProxy']) {
  return typeof trust === 'number' ? (_address: string, hop: number) => hop < trust : trust
}

function sandboxOptions({ config, connections, platforms, now, random }: RelayOptions) {
  const accounts = new Map(
    connections.connections.map(({ id, platform, api = {} }) => [id, { platform, settings: api }])
  )
  return {
    seamPrefix: '/sandbox',
    apiKeys: connections.workspaces.map(workspace => workspace.apiKey),
    stateFile: config.sandboxFile,
    platforms,
    accountOf: (connectionId: string) => accounts.get(connectionId),
    now,
    random
  }
}

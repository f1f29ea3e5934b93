import type { FastifyInstance } from 'fastify'
import { callersOf } from '../api/callers.ts'
import { type Config, DEFAULT_WORKSPACE } from '../config.ts'
import { type Rejections, rejectionsOf } from '../ingest/rejections.ts'
import { retake } from '../ingest/retake.ts'
import { sendSample } from '../ingest/send-sample.ts'
import type { SandboxOptions } from '../sandbox/sandbox.ts'
import { buildServer } from '../server.ts'
import { replayPreview } from '../translate/preview.ts'
import type { Ground } from './ground.ts'

/** The rooms that answer HTTP. */
export interface Faces {
  app: FastifyInstance
  rejections: Rejections
}

/** @param isDraining whether /readyz says no */
export function facesOf(ground: Ground, isDraining: () => boolean): Faces {
  const { config, queries, operateStore, metrics, signals, loops, log } = ground
  const { onStored, onDue } = signals

  const rejections = rejectionsOf({
    ...ground,
    limits: { count: config.rejectedKept, bytes: config.rejectedKeptBytes },
    onRejected: metrics.rejected
  })
  const callers = callersOf({ ...ground, environmentKeys: config.apiKeys })
  const workspaces = ground.workspaces.map(each => each.id)
  const app = buildServer({
    log,
    trustProxy: trustOf(config.trustProxy),
    ingest: {
      ...ground,
      rejections,
      maxBodyBytes: config.maxBodyBytes,
      maxUnverified: config.maxUnverified,
      maxQueued: config.maxQueued,
      onStored,
      meter: metrics.ingest
    },
    api: {
      ...ground,
      callers,
      workspaces,
      defaultWorkspace: DEFAULT_WORKSPACE,
      owners: async (workspaceId, keys) =>
        (await queries.resources.owners(workspaceId, keys)).filter(owner => !owner.isGone),
      settled: signals.settled,
      maxBodyBytes: config.maxBodyBytes,
      maxQueued: config.maxQueued,
      onStored,
      onAnswered: metrics.apiAnswered
    },
    operate: {
      ...ground,
      ...operateStore,
      adminToken: config.adminToken,
      own: ground.ownOperator,
      identifyCaller: callers.identify,
      callerOf: callers.of,
      news: signals.news,
      publicUrl: config.publicUrl,
      onResumed() {
        onStored()
        loops.wake('readPlaceOnce')
        onDue(0)
      },
      onDue: () => onDue(0),
      onJob: () => loops.wake('replayOnce'),
      planner: replayPreview(ground),
      async retake(connection, also) {
        const retaken = await retake({ ...ground, connection, also })
        if (retaken.taken > 0) onStored()
        return retaken
      },
      sendSample: (connection, event) => sendSample({ ...ground, app, connection, event }),
      workspaces
    },
    dashboard: { folder: ground.dashboardFolder },
    health: { store: ground.store, isDraining },
    metrics: { metrics, token: config.metricsToken },
    sandbox: ground.isSandbox ? sandboxOf(ground) : undefined
  })
  return { app, rejections }
}

/** A number means so many proxies in front of us; Fastify takes that as a function. */
function trustOf(trust: Config['trustProxy']) {
  return typeof trust === 'number' ? (_address: string, hop: number) => hop < trust : trust
}

function sandboxOf({ config, connections, workspaces, platforms, now, random }: Ground): SandboxOptions {
  const accounts = new Map(connections.map(({ id, platform, api = {} }) => [id, { platform, settings: api }]))
  return {
    seamPrefix: '/sandbox',
    apiKeys: workspaces.map(workspace => workspace.apiKey),
    stateFile: config.sandboxFile,
    platforms,
    accountOf: connectionId => accounts.get(connectionId),
    now,
    random
  }
}

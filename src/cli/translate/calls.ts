import type { Config } from '../../config.ts'
import { desiredState } from '../../desired/desired.ts'
import { laneOf } from '../../desired/keys.ts'
import type { Said } from '../../desired/said.ts'
import type { Operation } from '../../model/call.ts'
import type { Connection } from '../../model/connection.ts'
import { idSource } from '../../model/ids.ts'
import { createLog } from '../../observe/log.ts'
import type { Seam } from '../../seam/seam.ts'
import type { ResourceRef, ResourceRow } from '../../store/resources.ts'
import { storeRooms } from '../../store/rooms.ts'
import type { Store } from '../../store/store.ts'
import { syncRoom } from '../../sync/sync.ts'

export interface SeamCall {
  operation: Operation
  body: object
}

/** What waits instead of going to Seam. */
export interface HeldResource extends ResourceRef {
  /** Its id at the platform. */
  sourceId: string
  reason: string
}

export interface Followed {
  calls: SeamCall[]
  held: HeldResource[]
  /** What Seam does not get of a resource, and why. */
  warnings: (ResourceRef & { warning: string })[]
}

export interface CallsOptions {
  connection: Connection
  config: Pick<Config, 'batchResources' | 'batchBytes' | 'leaseMs'>
  /** For what goes wrong inside. */
  err: { write(text: string): unknown }
  /** Milliseconds since 1970. */
  now: number
}

/**
 * What changes lead to, by the relay's own rooms and with a Seam that writes down what it is asked and says yes.
 * @param store empty
 */
export async function callsOf(store: Store, said: Said[], options: CallsOptions): Promise<Followed> {
  const { connection, config, now } = options
  const { queries, outbox, offboarding } = storeRooms(store)
  const { seam, calls } = recordingSeam()
  const desired = desiredState({
    store,
    queries,
    connectionOf: () => connection,
    now: () => now,
    quietWindowMs: 0,
    onDue: nothing
  })
  const { syncOnce } = syncRoom({
    store,
    queries,
    outbox,
    offboarding,
    seamOf: () => seam,
    limits: { resources: config.batchResources, bytes: config.batchBytes },
    atOnce: 1,
    workspaces: 1,
    leaseMs: config.leaseMs,
    now: () => now,
    random: Math.random,
    nextId: idSource(() => now),
    log: createLog('error', options.err)
  })
  await desired.apply(laneOf(connection), { said, redraw: [], also: [] })
  while ((await syncOnce()) === 'busy');
  const rows = await store.db.selectFrom('resources').selectAll().orderBy('key').execute()
  return { calls, ...waitingAmong(rows) }
}

const nothing = async () => undefined

function recordingSeam(): { seam: Seam; calls: SeamCall[] } {
  const calls: SeamCall[] = []
  const seam: Seam = {
    async call(operation, body) {
      calls.push({ operation, body })
      return { status: 200, requestId: undefined }
    },
    close: nothing
  }
  return { seam, calls }
}

function waitingAmong(rows: ResourceRow[]): Omit<Followed, 'calls'> {
  const held = rows.flatMap(({ kind, key, source_id: sourceId, held: reason }) =>
    reason === null ? [] : [{ kind, key, sourceId, reason }]
  )
  const warnings = rows.flatMap(({ kind, key, warnings: list }) =>
    (JSON.parse(list ?? '[]') as string[]).map(warning => ({ kind, key, warning }))
  )
  return { held, warnings }
}

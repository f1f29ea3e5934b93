import { sql } from 'kysely'
import { type Kind, kindNames, kinds } from '../model/kind.ts'
import type { ClaimedLane } from './lanes.ts'
import { inParts } from './parts.ts'
import type { Lane, ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import { prepare, type Write, write } from './write.ts'

/** A resource whose desired state Seam has not agreed to yet. */
export interface DirtyResource extends ResourceRef {
  revision: number
  /** What Seam shall hold; null: nothing. */
  fields: Record<string, unknown> | null
  /** Seam may hold it from before. */
  offered: boolean
  startsAt: number | null
}

export interface Attempt {
  id: string
  operation: 'push_data' | 'delete_data'
  startedAt: number
  durationMs: number
  status: number | undefined
  requestId: string | undefined
  error: string | undefined
}

/** Why nothing is sent to a workspace, and until when. */
export interface WorkspaceHold {
  waitUntil: number
  /** Refusals one after the other; 0: it works. */
  failures: number
  /** The key or the address is wrong. */
  stopped: boolean
  reason: string | null
}

export const noHold: WorkspaceHold = { waitUntil: 0, failures: 0, stopped: false, reason: null }

/** In the words of the index resources_dirty; what goes sorts before what is pushed. */
const isPushed = sql<boolean>`(fields is not null)`

const stayKinds = kindNames.filter(kind => kinds[kind].role === 'stay')

export type Outbox = ReturnType<typeof outboxOf>

/** What sync reads and settles: changed resources, attempts, and the state of workspaces. */
export function outboxOf(store: Store) {
  const { db } = store

  type Settled = {
    workspace_id: string
    customer_key: string
    kind: Kind
    key: string
    revision: number
    offered: number
  }
  const settle = prepare<Settled>(row =>
    db
      .updateTable('resources')
      .set({ synced_revision: row.revision, offered: row.offered, buried_revision: 0, buried_reason: null })
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)
  )
  const offer = prepare<Omit<Settled, 'revision' | 'offered'>>(row =>
    db
      .updateTable('resources')
      .set({ offered: 1 })
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)
  )
  const carried = prepare<{
    attempt_id: string
    workspace_id: string
    kind: Kind
    key: string
    revision: number
  }>(row =>
    db.insertInto('attempt_resources').values({
      attempt_id: row.attempt_id,
      workspace_id: row.workspace_id,
      kind: row.kind,
      key: row.key,
      revision: row.revision
    })
  )

  const idOf = (lane: Lane, ref: ResourceRef) => ({
    workspace_id: lane.workspaceId,
    customer_key: lane.customerKey,
    kind: ref.kind,
    key: ref.key
  })

  const dirtyIn = (lane: Lane) =>
    db
      .selectFrom('resources')
      .select(['kind', 'key', 'revision', 'fields', 'offered', 'starts_at'])
      .where('workspace_id', '=', lane.workspaceId)
      .where('customer_key', '=', lane.customerKey)
      .whereRef('revision', '>', 'synced_revision')
      .whereRef('revision', '>', 'buried_revision')

  const read = (row: Awaited<ReturnType<ReturnType<typeof dirtyIn>['execute']>>[number]): DirtyResource => ({
    kind: row.kind,
    key: row.key,
    revision: row.revision,
    fields: row.fields === null ? null : JSON.parse(row.fields),
    offered: row.offered === 1,
    startsAt: row.starts_at
  })

  return {
    /** Changed stays: those that end first, so that no push is made before them, then the nearest arrivals. */
    async dirtyStays(lane: Lane, limit: number): Promise<DirtyResource[]> {
      const query = dirtyIn(lane)
        .where('kind', 'in', stayKinds)
        .orderBy(isPushed)
        .orderBy('starts_at')
        .orderBy('key')
        .limit(limit)
      return (await query.execute()).map(read)
    },

    /** Changed places and people. */
    async dirtyOthers(lane: Lane, limit: number): Promise<DirtyResource[]> {
      const query = dirtyIn(lane)
        .where('kind', 'not in', stayKinds)
        // The first two for the index resources_dirty: without it all of the customer's resources would be read.
        .orderBy(isPushed)
        .orderBy('starts_at')
        .orderBy('kind')
        .orderBy('key')
        .limit(limit)
      return (await query.execute()).map(read)
    },

    /** The changed places and people among the given keys; a stay may have the key of its guest. */
    async dirtyAmong(lane: Lane, keys: string[]): Promise<DirtyResource[]> {
      const among = (part: string[]) =>
        dirtyIn(lane).where('kind', 'not in', stayKinds).where('key', 'in', part)
      return (await inParts(keys, part => among(part).execute())).map(read)
    },

    /** From now on Seam may hold these: written before they are sent, so that no crash makes us forget a deletion. */
    offer(lane: Lane, resources: DirtyResource[]): Write {
      return offer(resources.filter(each => !each.offered).map(each => idOf(lane, each)))
    },

    /** Seam agreed to exactly these revisions; what changed while they were sent stays to do. */
    settle(lane: Lane, resources: DirtyResource[]): Write {
      return settle(
        resources.map(each => ({
          ...idOf(lane, each),
          revision: each.revision,
          offered: each.fields === null ? 0 : 1
        }))
      )
    },

    /** Seam refused this revision for good: a dead letter until the resource changes. */
    bury(lane: Lane, resource: DirtyResource, reason: string): Write {
      return write(
        db
          .updateTable('resources')
          .set({ buried_revision: resource.revision, buried_reason: reason })
          .where('workspace_id', '=', lane.workspaceId)
          .where('customer_key', '=', lane.customerKey)
          .where('kind', '=', resource.kind)
          .where('key', '=', resource.key)
      )
    },

    record(lane: ClaimedLane, attempt: Attempt, resources: DirtyResource[]): Write[] {
      return [
        write(
          db.insertInto('attempts').values({
            id: attempt.id,
            workspace_id: lane.workspaceId,
            customer_key: lane.customerKey,
            operation: attempt.operation,
            started_at: attempt.startedAt,
            duration_ms: attempt.durationMs,
            status: attempt.status ?? null,
            request_id: attempt.requestId ?? null,
            error: attempt.error ?? null
          })
        ),
        carried(
          resources.map(each => ({
            attempt_id: attempt.id,
            workspace_id: lane.workspaceId,
            kind: each.kind,
            key: each.key,
            revision: each.revision
          }))
        )
      ]
    },

    /** Nothing is sent to the workspace before `waitUntil`. */
    async holdWorkspace(id: string, hold: WorkspaceHold): Promise<void> {
      const values = {
        wait_until: hold.waitUntil,
        failures: hold.failures,
        stopped: hold.stopped ? (1 as const) : (0 as const),
        reason: hold.reason
      }
      await store.commit([
        write(
          db
            .insertInto('workspaces')
            .values({ id, ...values })
            .onConflict(conflict => conflict.column('id').doUpdateSet(values))
        )
      ])
    },

    /** Whoever finds out whether the workspace works again does so at `at`. */
    async probeWorkspace(id: string, at: number): Promise<void> {
      await store.commit([write(db.updateTable('workspaces').set({ wait_until: at }).where('id', '=', id))])
    },

    async workspace(id: string): Promise<WorkspaceHold> {
      const row = await db.selectFrom('workspaces').selectAll().where('id', '=', id).executeTakeFirst()
      if (row === undefined) return noHold
      const { wait_until: waitUntil, failures, stopped, reason } = row
      return { waitUntil, failures, stopped: stopped === 1, reason }
    },

    /** After a start: a key or an address that was wrong may be right now. What Seam asked to wait is waited. */
    recover(now: number): Write {
      return write(
        db
          .updateTable('workspaces')
          .set({ wait_until: now })
          .where('stopped', '=', 1)
          .where('wait_until', '>', now)
      )
    }
  }
}

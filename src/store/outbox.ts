import { sql } from 'kysely'
import { kinds, stayKinds } from '../model/kind.ts'
import { keysNamedIn } from '../model/names.ts'
import { attemptsOf } from './attempts.ts'
import { dialectOf } from './dialect.ts'
import { inParts, padded } from './parts.ts'
import { primaryKeyOf, type ResourcePrimaryKey } from './primary-key.ts'
import { arrivalOrNever, isDirty } from './resource-states.ts'
import type { Lane, ResourceRef } from './resources.ts'
import type { Store } from './store.ts'
import { workspaceWaitsOf } from './workspace-waits.ts'
import { prepare, text, type Write, write } from './write.ts'

/** A resource whose desired state Seam has not agreed to yet. */
export interface DirtyResource extends ResourceRef {
  revision: number
  /** What Seam shall hold; null: nothing. */
  fields: Record<string, unknown> | null
  /** Seam may hold it from before. */
  offered: boolean
  startsAt: number | null
  /** Sent before, and Seam has never agreed to it: stays that name it may have gone without it. */
  stumbled?: boolean
  /** Of a stay: keys of the places and people that Seam's version of it may name. */
  namedAtSeam?: string[]
}

/** What Seam refused as it is wanted now, and may hold as it was before. */
export interface RefusedResource extends DirtyResource {
  refusedAt: number
}

type ContactField = 'email_address' | 'phone_number'

/** In the words of the index resources_dirty; what goes sorts before what is pushed. */
const isPushed = sql<boolean>`(fields is not null)`

export type Outbox = ReturnType<typeof outboxOf>

/** What sync reads and settles: changed resources, attempts, and the state of workspaces. */
export function outboxOf(store: Store) {
  const { db } = store
  const dialect = dialectOf(store)

  type Settled = ResourcePrimaryKey & { revision: number; offered: number; named_at_seam: string | null }
  const updateOf = (row: ResourcePrimaryKey) =>
    db
      .updateTable('resources')
      .where('workspace_id', '=', row.workspace_id)
      .where('customer_key', '=', row.customer_key)
      .where('kind', '=', row.kind)
      .where('key', '=', row.key)

  /** What Seam now holds, unless the row has moved on: then a late call may have changed it again. */
  const unlessMoved = <Value>(revision: number, value: Value, otherwise: string) =>
    sql<Value>`case when revision = ${revision} then ${value} else ${sql.raw(otherwise)} end`
  const settle = prepare<Settled>(row =>
    updateOf(row).set({
      synced_revision: row.revision,
      offered: unlessMoved(row.revision, row.offered, 'offered'),
      named_at_seam: unlessMoved(row.revision, row.named_at_seam, 'named_at_seam'),
      buried_revision: 0,
      buried_reason: null,
      buried_at: null
    })
  )
  /** Whether the row still wants a contact detail, as far as it was read to want one. */
  const stillWants = (field: ContactField, value: string | null) =>
    sql<boolean>`(${text(value)} is null or ${dialect.member('fields', field)} = ${value})`
  const offer = prepare<
    ResourcePrimaryKey & { named_at_seam: string | null } & Record<ContactField, string | null>
  >(row =>
    updateOf(row)
      .set({ offered: 1, named_at_seam: row.named_at_seam })
      .where(eb =>
        eb.or([
          eb('offered', '=', 1),
          eb.and([
            stillWants('email_address', row.email_address),
            stillWants('phone_number', row.phone_number)
          ])
        ])
      )
  )
  const revisionOfLane = (row: ResourcePrimaryKey) =>
    db
      .selectFrom('lanes')
      .select('lanes.revision')
      .where('lanes.workspace_id', '=', row.workspace_id)
      .where('lanes.customer_key', '=', row.customer_key)
  const sendAgain = prepare<ResourcePrimaryKey & { named_at_seam: string | null }>(row =>
    updateOf(row).set({
      revision: sql<number>`(${revisionOfLane(row)})`,
      offered: 1,
      named_at_seam: row.named_at_seam
    })
  )
  const tellAgain = prepare<ResourcePrimaryKey>(row =>
    updateOf(row)
      .set({ revision: sql<number>`(${revisionOfLane(row)})` })
      .where('fields', 'is not', null)
  )

  const ofLane = (lane: Lane) =>
    db
      .selectFrom('resources')
      .select([
        'kind',
        'key',
        'revision',
        'fields',
        'offered',
        'starts_at',
        'synced_revision',
        'buried_reason',
        'named_at_seam'
      ])
      .where('workspace_id', '=', lane.workspaceId)
      .where('customer_key', '=', lane.customerKey)

  const dirtyIn = (lane: Lane) => ofLane(lane).where(isDirty)

  const read = (row: Awaited<ReturnType<ReturnType<typeof dirtyIn>['execute']>>[number]): DirtyResource => ({
    kind: row.kind,
    key: row.key,
    revision: row.revision,
    fields: row.fields === null ? null : JSON.parse(row.fields),
    offered: row.offered === 1,
    startsAt: row.starts_at,
    stumbled: row.offered === 1 && (row.synced_revision === 0 || row.buried_reason !== null),
    namedAtSeam: row.named_at_seam === null ? [] : JSON.parse(row.named_at_seam)
  })

  return {
    ...attemptsOf(store),
    ...workspaceWaitsOf(store),

    /** Changed stays: those that end first, so that no push is made before them, then the nearest arrivals. */
    async dirtyStays(lane: Lane, limit: number): Promise<DirtyResource[]> {
      const query = dirtyIn(lane)
        .where('kind', 'in', stayKinds)
        .orderBy(isPushed)
        .orderBy(arrivalOrNever)
        .orderBy('key')
        .limit(limit)
      return (await query.execute()).map(read)
    },

    /** Changed places and people. @param kept whose deletion has to wait, by key */
    async dirtyOthers(lane: Lane, limit: number, kept: string[] | 'all' = []): Promise<DirtyResource[]> {
      const all = dirtyIn(lane).where('kind', 'not in', stayKinds)
      let free = kept === 'all' ? all.where(isPushed) : all
      if (kept !== 'all' && kept.length > 0)
        free = all.where(eb => eb.or([isPushed, eb('key', 'not in', padded(kept))]))
      const query = free
        // The first two for the index resources_dirty: without it all of the customer's resources would be read.
        .orderBy(isPushed)
        .orderBy(arrivalOrNever)
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

    /**
     * From now on Seam may hold these: written before they are sent, so that no crash makes us forget a deletion, and no
     * refusal whom a stay may name. Undoes the commit where somebody whom Seam cannot hold yet has another e-mail or phone
     * than was read: theirs came free at once, and may be somebody else's.
     */
    offer(lane: Lane, resources: DirtyResource[]): Write {
      const unknown = resources.filter(each => !each.offered || mayName(each).length > named(each).length)
      const rows = unknown.map(each => ({
        ...primaryKeyOf(lane, each),
        named_at_seam: textOf(mayName(each)),
        email_address: contactIn(each, 'email_address'),
        phone_number: contactIn(each, 'phone_number')
      }))
      return { ...offer(rows), expect: rows.length, harmless: true }
    },

    /** Seam agreed to exactly these revisions; what changed while they were sent stays to do. */
    settle(lane: Lane, resources: DirtyResource[]): Write {
      return settle(
        resources.map(each => ({
          ...primaryKeyOf(lane, each),
          revision: each.revision,
          offered: each.fields === null ? 0 : 1,
          named_at_seam: textOf(isStay(each) ? keysNamedIn(each.fields) : [])
        }))
      )
    },

    /**
     * Whatever Seam made of a call with these, nobody knows, or others have settled them since: they are sent again as
     * they shall be now, deletions too. A revision of their own, so that whoever is sending them now settles less. In a
     * commit that has moved the lane on.
     */
    sendAgain(lane: Lane, resources: DirtyResource[]): Write {
      return sendAgain(
        resources.map(each => ({ ...primaryKeyOf(lane, each), named_at_seam: textOf(mayName(each)) }))
      )
    },

    /** What Seam shall hold of these is told once more. In a commit that has moved the lane on. */
    tellAgain(lane: Lane, resources: ResourceRef[]): Write {
      return tellAgain(resources.map(each => primaryKeyOf(lane, each)))
    },

    /** Seam refused this revision: a dead letter until the resource changes, or for some hours where it is a deletion. */
    markRefused(lane: Lane, resource: DirtyResource, reason: string, at: number): Write {
      return write(
        updateOf(primaryKeyOf(lane, resource)).set({
          buried_revision: resource.revision,
          buried_reason: reason,
          buried_at: at,
          // Of a refused body Seam takes nothing.
          named_at_seam: textOf(named(resource))
        })
      )
    },

    /** Refused deletions, and refused stays that are at Seam as they were before. */
    async refused(lane: Lane, limit: number): Promise<RefusedResource[]> {
      const rows = await ofLane(lane)
        .select('buried_at')
        .whereRef('revision', '>', 'synced_revision')
        .whereRef('revision', '=', 'buried_revision')
        .where('buried_reason', 'is not', null)
        .where('offered', '=', 1)
        .where(eb => eb.or([eb('fields', 'is', null), eb('named_at_seam', 'is not', null)]))
        .limit(limit)
        .execute()
      return rows.map(row => ({ ...read(row), refusedAt: Number(row.buried_at) }))
    },

    /**
     * After a start: a key or an address that was wrong may be right now, and so may what Seam refused. What Seam asked
     * to wait is waited.
     */
    recover(now: number): Write[] {
      const refused = db
        .selectFrom('resources')
        .select(['workspace_id', 'customer_key'])
        .where('buried_reason', 'is not', null)
      return [
        write(
          db
            .updateTable('workspaces')
            .set({ wait_until: now })
            .where('stopped', '=', 1)
            .where('wait_until', '>', now)
        ),
        write(
          db
            .updateTable('lanes')
            .set({ due_at: now })
            .where(eb =>
              eb(
                eb.refTuple('workspace_id', 'customer_key'),
                'in',
                refused.$asTuple('workspace_id', 'customer_key')
              )
            )
        ),
        write(db.updateTable('resources').set({ buried_revision: 0 }).where('buried_reason', 'is not', null))
      ]
    }
  }
}

function isStay({ kind }: ResourceRef): boolean {
  return kinds[kind].role === 'stay'
}

function named({ namedAtSeam = [] }: DirtyResource): string[] {
  return namedAtSeam
}

/** The contact detail that somebody was to be sent with. */
function contactIn({ kind, fields }: DirtyResource, field: ContactField): string | null {
  const value = kinds[kind].role === 'guest' ? fields?.[field] : undefined
  return typeof value === 'string' ? value : null
}

/** Keys that a stay may name at Seam once it is sent: nobody knows whether the former version stays. */
function mayName(resource: DirtyResource): string[] {
  if (!isStay(resource)) return []
  return [...new Set([...named(resource), ...keysNamedIn(resource.fields)])]
}

function textOf(keys: string[]): string | null {
  return keys.length === 0 ? null : JSON.stringify(keys)
}

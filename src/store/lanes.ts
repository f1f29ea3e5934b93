import { sql } from 'kysely'
import type { Stamp } from '../model/stamp.ts'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import { type Write, write } from './write.ts'

export interface ClaimedLane extends Lane {
  leaseToken: number
  failures: number
  /** The workspace was held, and whether it works again is for this lane alone to find out. */
  probe: boolean
  /** The customer was taken off by then. */
  offboardStamp: Stamp | undefined
  /** Seam is to be told so before anything else. */
  offboardDue: boolean
  /** As it stood in the queue, to be put back where the work is not finished. */
  arrivalAt: number | null
}

/** What whoever decides upon a lane has to know of it. */
export interface LaneState {
  revision: number
  /** The customer was taken off by then. */
  offboardStamp: Stamp | undefined
}

export type Lanes = ReturnType<typeof lanesOf>

/** Customers without an arrival come last. The index lanes_due has exactly this expression. */
const arrivalOrNever = sql`coalesce(lanes.arrival_at, 9007199254740991)`

const sooner = (at: number) =>
  sql<number>`case when due_at is null or due_at > ${at} then ${at} else due_at end`

const nearer = (arrivalAt: number | null) =>
  sql<
    number | null
  >`case when ${arrivalAt} is not null and (arrival_at is null or arrival_at > ${arrivalAt}) then ${arrivalAt} else arrival_at end`

/** A lane per customer: the queue of work towards Seam, and the guard of everything that is decided for that customer. */
export function lanesOf(store: Store) {
  const { db } = store

  const updateOf = (lane: Lane) =>
    db
      .updateTable('lanes')
      .where('workspace_id', '=', lane.workspaceId)
      .where('customer_key', '=', lane.customerKey)

  /** Lanes whose workspace does not have to wait. */
  const open = (now: number) =>
    db
      .selectFrom('lanes')
      .leftJoin('workspaces', 'workspaces.id', 'lanes.workspace_id')
      .select([
        'lanes.workspace_id as workspaceId',
        'lanes.customer_key as customerKey',
        'lanes.lease_token as leaseToken',
        'lanes.failures as failures',
        'lanes.arrival_at as arrivalAt',
        'lanes.offboard_stamp as offboardStamp',
        'lanes.offboard_due as offboardDue',
        'workspaces.failures as troubles',
        'workspaces.wait_until as waitUntil'
      ])
      .where(eb => eb.or([eb('workspaces.wait_until', 'is', null), eb('workspaces.wait_until', '<=', now)]))
      .limit(1)

  const abandoned = (now: number) =>
    open(now).where('lanes.lease_until', '<=', now).orderBy('lanes.lease_until').executeTakeFirst()

  const nearestDue = (now: number) =>
    open(now)
      .where('lanes.due_at', '<=', now)
      .where('lanes.not_before', '<=', now)
      .where('lanes.lease_until', 'is', null)
      .orderBy(arrivalOrNever)
      .orderBy('lanes.due_at')
      .executeTakeFirst()

  /** The others of the workspace wait for what the probe finds out; undone where one is under way already. */
  const holdForProbe = (workspaceId: string, waitUntil: number | null, until: number) =>
    write(
      db
        .updateTable('workspaces')
        .set({ wait_until: until })
        .where('id', '=', workspaceId)
        .where('wait_until', '=', waitUntil),
      { expect: 1 }
    )

  return {
    /** Undefined where the customer is new. */
    async revision(lane: Lane): Promise<number | undefined> {
      const row = await db
        .selectFrom('lanes')
        .select('revision')
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
        .executeTakeFirst()
      return row?.revision
    },

    /** Undefined where the customer is new. */
    async state(lane: Lane): Promise<LaneState | undefined> {
      const row = await db
        .selectFrom('lanes')
        .select(['revision', 'offboard_stamp'])
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
        .executeTakeFirst()
      return row && { revision: row.revision, offboardStamp: row.offboard_stamp ?? undefined }
    },

    /** Undoes the commit where somebody has moved the lane since `readRevision`. */
    unmoved(lane: Lane, readRevision: number | undefined): Write[] {
      if (readRevision === undefined) return this.advance(lane, undefined, undefined)
      const same = updateOf(lane).set({ revision: readRevision }).where('revision', '=', readRevision)
      return [write(same, { expect: 1 })]
    },

    /** Moves the lane on; undoes the commit where somebody else did since `readRevision`. */
    advance(
      lane: Lane,
      readRevision: number | undefined,
      due: { dueAt: number; arrivalAt: number | null } | undefined
    ): Write[] {
      if (readRevision === undefined) {
        return [
          write(
            db
              .insertInto('lanes')
              .values({
                workspace_id: lane.workspaceId,
                customer_key: lane.customerKey,
                revision: 1,
                due_at: due?.dueAt ?? null,
                arrival_at: due?.arrivalAt ?? null
              })
              .onConflict(conflict => conflict.doNothing()),
            { expect: 1 }
          )
        ]
      }
      const moved = updateOf(lane)
        .set({ revision: readRevision + 1 })
        .where('revision', '=', readRevision)
      if (due === undefined) return [write(moved, { expect: 1 })]
      return [
        write(
          moved.set({
            due_at: sooner(due.dueAt),
            arrival_at: nearer(due.arrivalAt)
          }),
          { expect: 1 }
        )
      ]
    },

    /**
     * The due lane with the nearest arrival, leased; before all others one whose holder's lease has ended: it was claimed
     * before them too. Lanes of workspaces that have to wait stay. Of a workspace whose wait is over only one lane goes,
     * until somebody has found out that it works again; the others wait for as long as that lane's lease.
     */
    async claim(now: number, leaseMs: number): Promise<ClaimedLane | undefined> {
      for (;;) {
        const candidate = (await abandoned(now)) ?? (await nearestDue(now))
        if (candidate === undefined) return undefined
        const { workspaceId, customerKey, leaseToken, waitUntil } = candidate
        const probe = (candidate.troubles ?? 0) > 0
        const committed = await store.commit([
          write(
            updateOf(candidate)
              .set({
                lease_until: now + leaseMs,
                lease_token: leaseToken + 1,
                due_at: null,
                arrival_at: null
              })
              .where('lease_token', '=', leaseToken)
              .where(eb => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)])),
            { expect: 1 }
          ),
          ...(probe ? [holdForProbe(workspaceId, waitUntil, now + leaseMs)] : [])
        ])
        // Somebody else was quicker: look again.
        if (!committed.committed) continue
        const { failures, arrivalAt } = candidate
        return {
          workspaceId,
          customerKey,
          leaseToken: leaseToken + 1,
          failures,
          arrivalAt,
          probe,
          offboardStamp: candidate.offboardStamp ?? undefined,
          offboardDue: candidate.offboardDue === 1
        }
      }
    },

    /**
     * Holds the commit to the lease, and prolongs that: undone where the lease went to somebody else. The lane moves on,
     * so that nobody decides upon rows as they were before.
     */
    holdLease(lane: ClaimedLane, until: number): Write {
      return write(
        updateOf(lane)
          .set(eb => ({ lease_until: until, revision: eb('revision', '+', 1) }))
          .where('lease_token', '=', lane.leaseToken),
        { expect: 1 }
      )
    },

    /**
     * In whoever's hands the lane is: there is something to send again. It moves on, so that nobody decides upon rows as
     * they were before.
     */
    revive(lane: ClaimedLane, now: number): Write {
      return write(
        updateOf(lane).set(eb => ({
          revision: eb('revision', '+', 1),
          due_at: now,
          arrival_at: nearer(lane.arrivalAt)
        }))
      )
    },

    /**
     * Everything claimed was done; what changed meanwhile has made the lane due itself.
     * @param againAt when it is to be looked at again although nothing changes
     */
    release(lane: ClaimedLane, againAt: number | undefined = undefined): Write {
      const released = updateOf(lane)
        .set({ lease_until: null, failures: 0, last_error: null })
        .where('lease_token', '=', lane.leaseToken)
      return write(againAt === undefined ? released : released.set({ due_at: sooner(againAt) }), {
        expect: 1
      })
    },

    /** Back into the queue. @param notBefore ms; a back-off, or now for work that did not fit into one step */
    putBack(lane: ClaimedLane, now: number, notBefore: number, failure: string | undefined): Write {
      return write(
        updateOf(lane)
          .set(eb => ({
            lease_until: null,
            due_at: now,
            arrival_at: nearer(lane.arrivalAt),
            not_before: notBefore,
            failures: failure === undefined ? eb.lit(0) : eb('failures', '+', 1),
            last_error: failure ?? null
          }))
          .where('lease_token', '=', lane.leaseToken),
        { expect: 1 }
      )
    },

    /**
     * After a start of the only process that works on this store: nobody holds a lease any more. Back-offs are shortened
     * with them, since settings may have been mended.
     */
    recover(now: number): Write[] {
      return [
        write(db.updateTable('lanes').set({ lease_until: now }).where('lease_until', 'is not', null)),
        write(
          db
            .updateTable('lanes')
            .set({ not_before: now })
            .where('due_at', 'is not', null)
            .where('not_before', '>', now)
        )
      ]
    }
  }
}

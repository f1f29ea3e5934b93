import { sql } from 'kysely'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import { type Write, write } from './write.ts'

export interface ClaimedLane extends Lane {
  leaseToken: number
  failures: number
  /** As it stood in the queue, to be put back where the work is not finished. */
  arrivalAt: number | null
}

export type Lanes = ReturnType<typeof lanesOf>

/** A lane per customer: the queue of work towards Seam, and the guard of everything that is decided for that customer. */
export function lanesOf(store: Store) {
  const { db } = store

  const updateOf = (lane: Lane) =>
    db
      .updateTable('lanes')
      .where('workspace_id', '=', lane.workspaceId)
      .where('customer_key', '=', lane.customerKey)

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
            due_at: sql<number>`case when due_at is null or due_at > ${due.dueAt} then ${due.dueAt} else due_at end`,
            arrival_at: sql<
              number | null
            >`case when ${due.arrivalAt} is not null and (arrival_at is null or arrival_at > ${due.arrivalAt}) then ${due.arrivalAt} else arrival_at end`
          }),
          { expect: 1 }
        )
      ]
    },

    /**
     * The due lane with the nearest arrival, leased; also one whose holder's lease has ended.
     * Lanes of workspaces that have to wait stay.
     */
    async claim(now: number, leaseMs: number): Promise<ClaimedLane | undefined> {
      const candidate = await db
        .selectFrom('lanes')
        .leftJoin('workspaces', 'workspaces.id', 'lanes.workspace_id')
        .select([
          'workspace_id',
          'customer_key',
          'lease_token',
          'lanes.failures as failures',
          'arrival_at',
          'due_at'
        ])
        .where(eb =>
          eb.or([
            eb.and([
              eb('due_at', '<=', now),
              eb('not_before', '<=', now),
              eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)])
            ]),
            eb('lease_until', '<=', now)
          ])
        )
        .where(eb => eb.or([eb('workspaces.wait_until', 'is', null), eb('workspaces.wait_until', '<=', now)]))
        .orderBy(sql`coalesce(arrival_at, 9007199254740991)`)
        .orderBy('due_at')
        .limit(1)
        .executeTakeFirst()
      if (candidate === undefined) return undefined
      const lane = { workspaceId: candidate.workspace_id, customerKey: candidate.customer_key }
      const committed = await store.commit([
        write(
          updateOf(lane)
            .set({
              lease_until: now + leaseMs,
              lease_token: candidate.lease_token + 1,
              due_at: null,
              arrival_at: null
            })
            .where('lease_token', '=', candidate.lease_token)
            .where(eb => eb.or([eb('lease_until', 'is', null), eb('lease_until', '<=', now)])),
          { expect: 1 }
        )
      ])
      // Somebody else was quicker: look again.
      if (!committed.committed) return this.claim(now, leaseMs)
      return {
        ...lane,
        leaseToken: candidate.lease_token + 1,
        failures: candidate.failures,
        arrivalAt: candidate.arrival_at
      }
    },

    /** Holds the commit to the lease: undone where it went to somebody else. With `untilMs` the lease is also prolonged. */
    holdLease(lane: ClaimedLane, until: number): Write {
      return write(updateOf(lane).set({ lease_until: until }).where('lease_token', '=', lane.leaseToken), {
        expect: 1
      })
    },

    /** Everything claimed was done; what changed meanwhile has made the lane due itself. */
    release(lane: ClaimedLane): Write {
      return write(
        updateOf(lane)
          .set({ lease_until: null, failures: 0, last_error: null })
          .where('lease_token', '=', lane.leaseToken),
        { expect: 1 }
      )
    },

    /** Back into the queue. @param notBefore ms; a back-off, or now for work that did not fit into one step */
    putBack(lane: ClaimedLane, now: number, notBefore: number, failure: string | undefined): Write {
      return write(
        updateOf(lane)
          .set(eb => ({
            lease_until: null,
            due_at: now,
            arrival_at: sql<
              number | null
            >`case when arrival_at is null or arrival_at > ${lane.arrivalAt} then ${lane.arrivalAt} else arrival_at end`,
            not_before: notBefore,
            failures: failure === undefined ? eb.lit(0) : eb('failures', '+', 1),
            last_error: failure ?? null
          }))
          .where('lease_token', '=', lane.leaseToken),
        { expect: 1 }
      )
    },

    /** After a start of the only process that works on this store: nobody holds a lease any more. */
    recover(now: number): Write {
      return write(db.updateTable('lanes').set({ lease_until: now }).where('lease_until', 'is not', null))
    },

    /** A lane that has something to send, seen from outside it. */
    wake(lane: Lane, now: number): Write {
      return write(
        updateOf(lane)
          .set({ due_at: now })
          .where(eb => eb.or([eb('due_at', 'is', null), eb('due_at', '>', now)]))
      )
    }
  }
}

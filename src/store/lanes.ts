import { sql } from 'kysely'
import type { Stamp } from '../model/stamp.ts'
import { dialectOf } from './dialect.ts'
import { type ClaimedLane, laneClaimsOf } from './lane-claims.ts'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import { type Write, write } from './write.ts'

/** There is something to be sent. */
export interface Due {
  dueAt: number
  /** Start of the nearest stay in it. */
  arrivalAt: number | null
  /** When the oldest delivery came that brought some of it. */
  heardAt?: number | undefined
}

/** What whoever decides upon a lane has to know of it. */
export interface LaneState {
  revision: number
  /** The customer was taken off by then. */
  offboardStamp: Stamp | undefined
  /** Seam has not been told so. */
  offboardDue: boolean
}

/** A lane that moves on although nothing of it has changed is looked at in vain. */
const moves = { expect: 1, harmless: true } as const

export type Lanes = ReturnType<typeof lanesOf>

/** The earlier of a lane's own time and another one; where there is no other, its own. */
export function earlier(own: 'due_at' | 'arrival_at' | 'heard_at', other: number | null | undefined) {
  const column = sql.ref<number | null>(own)
  return other == null
    ? column
    : sql<number | null>`case when ${column} is null or ${column} > ${other} then ${other} else ${column} end`
}

/** A lane per customer: the queue of work towards Seam, and the guard of everything that is decided for that customer. */
export function lanesOf(store: Store) {
  const { db } = store
  const dialect = dialectOf(store)

  const updateOf = (lane: Lane) =>
    db
      .updateTable('lanes')
      .where('workspace_id', '=', lane.workspaceId)
      .where('customer_key', '=', lane.customerKey)

  /** Undoes the commit where somebody else has made the customer known. */
  const inserted = (lane: Lane, due: Due | undefined): Write =>
    write(
      db
        .insertInto('lanes')
        .values({
          workspace_id: lane.workspaceId,
          customer_key: lane.customerKey,
          revision: 1,
          due_at: due?.dueAt ?? null,
          arrival_at: due?.arrivalAt ?? null,
          heard_at: due?.heardAt ?? null
        })
        .onConflict(conflict => conflict.doNothing()),
      moves
    )

  return {
    ...laneClaimsOf(store),

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
        .select(['revision', 'offboard_stamp', 'offboard_due'])
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
        .executeTakeFirst()
      return (
        row && {
          revision: row.revision,
          offboardStamp: row.offboard_stamp ?? undefined,
          offboardDue: row.offboard_due === 1
        }
      )
    },

    /** Undoes the commit where Seam has been told meanwhile that the customer is off. */
    stillToBeTakenOff(lane: Lane): Write {
      const due = db
        .selectFrom('lanes')
        .select('revision')
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
        .where('offboard_due', '=', 1)
      return write(dialect.unchanged(due), { expect: 1 })
    },

    /** Undoes the commit where somebody has moved the lane since `readRevision`. */
    unmoved(lane: Lane, readRevision: number | undefined): Write[] {
      if (readRevision === undefined) return [inserted(lane, undefined)]
      const same = db
        .selectFrom('lanes')
        .select('revision')
        .where('workspace_id', '=', lane.workspaceId)
        .where('customer_key', '=', lane.customerKey)
        .where('revision', '=', readRevision)
      return [write(dialect.unchanged(same), { expect: 1 })]
    },

    /** Moves the lane on; undoes the commit where somebody else did since `readRevision`. */
    advance(lane: Lane, readRevision: number | undefined, due: Due | undefined): Write[] {
      if (readRevision === undefined) return [inserted(lane, due)]
      const moved = updateOf(lane)
        .set({ revision: readRevision + 1 })
        .where('revision', '=', readRevision)
      if (due === undefined) return [write(moved, moves)]
      return [
        write(
          moved.set({
            due_at: earlier('due_at', due.dueAt),
            arrival_at: earlier('arrival_at', due.arrivalAt),
            heard_at: earlier('heard_at', due.heardAt)
          }),
          moves
        )
      ]
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
        moves
      )
    },

    /**
     * In whoever's hands the lane is: there is something to send again. It moves on, so that nobody decides upon rows as
     * they were before.
     */
    revive(lane: Lane & Pick<ClaimedLane, 'arrivalAt'>, now: number): Write {
      return write(
        updateOf(lane).set(eb => ({
          revision: eb('revision', '+', 1),
          due_at: now,
          arrival_at: earlier('arrival_at', lane.arrivalAt)
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
      return write(againAt === undefined ? released : released.set({ due_at: earlier('due_at', againAt) }), {
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
            arrival_at: earlier('arrival_at', lane.arrivalAt),
            heard_at: earlier('heard_at', lane.heardAt),
            not_before: notBefore,
            failures: failure === undefined ? eb.lit(0) : eb('failures', '+', 1),
            last_error: failure ?? null
          }))
          .where('lease_token', '=', lane.leaseToken),
        { expect: 1 }
      )
    },

    /** After a start of the only process that works on this store: nobody holds a lease any more. */
    voidLeases(now: number): Write {
      return write(db.updateTable('lanes').set({ lease_until: now }).where('lease_until', 'is not', null))
    },

    /** After a start: back-offs are shortened, since settings may have been mended. */
    shortenWaits(now: number): Write {
      return write(
        db
          .updateTable('lanes')
          .set({ not_before: now })
          .where('due_at', 'is not', null)
          .where('not_before', '>', now)
      )
    }
  }
}

import { type RawBuilder, sql } from 'kysely'
import { CALLERS } from '../model/call.ts'
import type { Stamp } from '../model/stamp.ts'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import { type Write, write } from './write.ts'

export type Offboarding = ReturnType<typeof offboardingOf>

/** The end of a customer: what was known goes at once, and Seam is told before anything else of that customer. */
export function offboardingOf({ db }: Pick<Store, 'db'>) {
  const laneOf = (lane: Lane) =>
    db
      .updateTable('lanes')
      .where('workspace_id', '=', lane.workspaceId)
      .where('customer_key', '=', lane.customerKey)

  const isOf = ({ workspaceId, customerKey }: Lane) =>
    sql`workspace_id = ${workspaceId} and customer_key = ${customerKey}`
  const writesOf = (statements: RawBuilder<unknown>[]) =>
    statements.map(statement => write({ compile: () => statement.compile(db) }))

  /** What Seam may hold of the customer gets the revision of the lane. */
  const allAgain = (lane: Lane) =>
    sql`update resources set revision = (select lanes.revision from lanes where ${isOf(lane)})
      where ${isOf(lane)} and offered = 1 and fields is not null`

  return {
    /**
     * Forgets what was said of the customer up to `stamp`; beside {@link Lanes.advance}, which guards the commit. What was
     * told of later stays, and is drawn again from what is left.
     */
    begin(lane: Lane, stamp: Stamp): Write[] {
      const ofLane = isOf(lane)
      return [
        write(laneOf(lane).set({ offboard_stamp: stamp, offboard_due: 1 })),
        ...writesOf([
          sql`delete from bookings where ${ofLane} and stamp <= ${stamp}`,
          sql`delete from resources where ${ofLane} and upsert_stamp <= ${stamp} and removed_stamp <= ${stamp}`,
          // What callers alone have told of since is theirs from now on: it needs not be whole.
          sql`update resources set connection_id = ${CALLERS}, source_id = key, booking = null
          where ${ofLane} and booking is not null and booking not in (select booking from bookings where ${ofLane})`,
          sql`delete from stay_names where ${ofLane} and not exists (select 1 from resources
          where ${ofLane} and kind = stay_kind and key = stay_key)`,
          sql`delete from search_words where ${ofLane} and (kind, key) not in
          (select kind, key from resources where ${ofLane})`,
          sql`delete from rerenders where ${ofLane}`,
          sql`insert into rerenders (workspace_id, customer_key, kind, key)
          select workspace_id, customer_key, kind, key from resources where ${ofLane}`
        ])
      ]
    },

    /**
     * Seam has forgotten the customer. What was told of it since goes again, as nobody knows what Seam had of it by then,
     * and contact details of people who are gone come free.
     */
    end(lane: Lane, stamp: Stamp): Write[] {
      const { workspaceId, customerKey } = lane
      const ofLane = isOf(lane)
      const isGone = sql<boolean>`not exists (select 1 from resources as kept
        where kept.workspace_id = contacts.workspace_id and kept.customer_key = contacts.customer_key
          and kept.kind = contacts.kind and kept.key = contacts.key)`
      return writesOf([
        sql`update lanes set offboard_due = 0 where ${ofLane} and offboard_stamp = ${stamp}`,
        allAgain(lane),
        // Waits for those who begin to wait for one of them in a commit beside this one: the next statement sees them.
        sql`update contacts set state = state where ${ofLane} and state = 'owner' and ${isGone}`,
        sql`insert into rerenders (workspace_id, customer_key, kind, key)
          select distinct waiting.workspace_id, waiting.customer_key, waiting.kind, waiting.key
          from contacts join contacts as waiting using (workspace_id, type, value)
          where contacts.workspace_id = ${workspaceId} and contacts.customer_key = ${customerKey} and ${isGone}
            and waiting.state = 'waiting'
          on conflict (workspace_id, customer_key, kind, key) do update set asked = rerenders.asked + 1`,
        sql`delete from contacts where ${ofLane} and ${isGone}`
      ])
    },

    /** Seam may have forgotten the customer since: what was told meanwhile goes again. In a commit that has moved the lane on. */
    tellAgain(lane: Lane): Write {
      return write({ compile: () => allAgain(lane).compile(db) })
    },

    /** Seam is to be told once more, where the customer was taken off while a call was under way that came too late. */
    again(lane: Lane, knownStamp: Stamp | undefined): Write {
      return write(
        laneOf(lane)
          .set({ offboard_due: 1 })
          .where('offboard_stamp', 'is not', null)
          .where('offboard_stamp', '!=', knownStamp ?? '')
      )
    }
  }
}

import { type Selectable, sql } from 'kysely'
import type { Stamp } from '../model/stamp.ts'
import { dialectOf } from './dialect.ts'
import { claimToken, lostClaimsOf } from './lost-claims.ts'
import { padded } from './parts.ts'
import { isLanePaused } from './pauses.ts'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import type { LanesTable } from './tables.ts'
import { resultsOf, write } from './write.ts'

export interface ClaimedLane extends Lane {
  leaseToken: number
  failures: number
  /** The workspace was held, and whether it works again is for this lane alone to find out; until then the others wait. */
  probeUntil: number | undefined
  /** The customer was taken off by then. */
  offboardStamp: Stamp | undefined
  /** Seam is to be told so before anything else. */
  offboardDue: boolean
  /** As it stood in the queue, to be put back where the work is not finished. */
  arrivalAt: number | null
  /** When the lease ends unless it is prolonged, ms since 1970 on the store's clock. */
  leaseUntil: number
  /** When the oldest delivery came whose changes are to be sent; undefined where none has brought any. */
  heardAt?: number | undefined
}

/** Which of the due lanes goes first. */
export type DueOrder = 'arrival' | 'waiting'
type ClaimOrder = DueOrder | 'abandoned'

interface Looking {
  dueBy: number
  /** Workspaces whose lanes stay. */
  except: string[]
}

interface Claim extends Looking {
  now: number
  leaseMs: number
}

type LaneRow = Selectable<LanesTable>

/** Customers without an arrival come last. The index lanes_due has exactly this expression. */
const arrivalOrNever = sql`coalesce(arrival_at, 9007199254740991)`

/** Of a lane whose holder is gone, what that had claimed was heard before what came since. */
const heardByNow = sql<
  number | null
>`case when lease_until is null then heard_at else coalesce(claimed_heard_at, heard_at) end`

/** So with the nearest arrival of that: whoever takes over, and fails, puts it back where it stood. */
const arrivalByNow = sql<
  number | null
>`case when lease_until is null or claimed_arrival_at is null then arrival_at
  when arrival_at is null or claimed_arrival_at < arrival_at then claimed_arrival_at else arrival_at end`

/** Seam asked the workspace to wait, or refused it, and nobody has found out yet that it works again. */
const inTrouble = (now: number) => sql<boolean>`(failures > 0 or wait_until > ${now})`

/** Which customer is sent next, and by whom. */
export function laneClaimsOf(store: Store) {
  const { db } = store
  const lost = lostClaimsOf(store)
  const dialect = dialectOf(store)

  const isPaused = isLanePaused(db)

  /** The one lane that is to be claimed next, of those whose time has come by `dueBy`. */
  const candidate = ({ dueBy, except }: Looking, order: ClaimOrder, troubled: string | undefined) => {
    const workspaces = db.selectFrom('workspaces').select('id')
    const lanes = db
      .selectFrom('lanes')
      .select(['workspace_id', 'customer_key'])
      .limit(1)
      // Those in trouble have to wait, but for the one that finds out whether that is over.
      .where(eb =>
        troubled === undefined
          ? eb('workspace_id', 'not in', workspaces.where(inTrouble(dueBy)))
          : eb('workspace_id', '=', troubled)
      )
      .$if(except.length > 0, query => query.where('workspace_id', 'not in', padded(except)))
      .where(eb => eb.not(isPaused(eb)))
    if (order === 'abandoned') return lanes.where('lease_until', '<=', dueBy).orderBy('lease_until')
    const due = lanes
      .where('due_at', '<=', dueBy)
      .where('not_before', '<=', dueBy)
      .where('lease_until', 'is', null)
    return order === 'arrival' ? due.orderBy(arrivalOrNever).orderBy('due_at') : due.orderBy('due_at')
  }

  /** Leases the lane that is next in an order; those that others are claiming just now are passed over. */
  const lease = (how: Claim, token: number, order: ClaimOrder, troubled?: string) =>
    write(
      db
        .with('next', () => dialect.claimed(candidate(how, order, troubled)))
        .updateTable('lanes')
        .set({
          lease_until: how.now + how.leaseMs,
          lease_token: token,
          claimed_arrival_at: arrivalByNow,
          claimed_heard_at: heardByNow,
          due_at: null,
          arrival_at: null,
          heard_at: null
        })
        .where(eb =>
          eb(
            eb.refTuple('workspace_id', 'customer_key'),
            'in',
            eb
              .selectFrom('next')
              .select(['workspace_id', 'customer_key'])
              .$asTuple('workspace_id', 'customer_key')
          )
        )
        .returningAll(),
      troubled === undefined ? {} : { expect: 1 }
    )

  /** The others of the workspace wait for what the probe finds out; undone where one is under way already. */
  const holdForProbe = (workspaceId: string, waitUntil: number, until: number) =>
    write(
      db
        .updateTable('workspaces')
        .set({ wait_until: until })
        .where('id', '=', workspaceId)
        .where('wait_until', '=', waitUntil),
      { expect: 1 }
    )

  const endProbe = (workspaceId: string, probeUntil: number, now: number) =>
    write(
      db
        .updateTable('workspaces')
        .set({ wait_until: now })
        .where('id', '=', workspaceId)
        .where('wait_until', '=', probeUntil)
    )

  /** Somebody takes over at once. */
  const endLease = (token: number, now: number) =>
    write(
      db
        .updateTable('lanes')
        .set({ lease_until: now })
        .where('lease_until', '>', now)
        .where('lease_token', '=', token)
    )

  /** Looking is cheaper than a commit, and most looks find nothing. */
  async function find(how: Looking, order: DueOrder, troubled?: string): Promise<ClaimOrder | undefined> {
    for (const each of ['abandoned', order] as const)
      if ((await candidate(how, each, troubled).executeTakeFirst()) !== undefined) return each
    return undefined
  }

  /** Of a workspace whose wait is over one lane, which finds out whether it works again. */
  async function claimProbe(how: Claim, order: DueOrder): Promise<ClaimedLane | undefined> {
    const over = await db
      .selectFrom('workspaces')
      .select(['id', 'wait_until'])
      .where('failures', '>', 0)
      .where('wait_until', '<=', how.dueBy)
      .$if(how.except.length > 0, query => query.where('id', 'not in', padded(how.except)))
      .execute()
    for (const { id, wait_until } of over) {
      const found = await find(how, order, id)
      if (found === undefined) continue
      const probeUntil = how.now + how.leaseMs
      const token = claimToken()
      const claimed = await lost.commit(
        [holdForProbe(id, wait_until, probeUntil), lease(how, token, found, id)],
        at => [endProbe(id, probeUntil, at), endLease(token, at)]
      )
      const [row] = resultsOf(claimed).flatMap(result => result.rows) as unknown as LaneRow[]
      if (row !== undefined) return claimedOf(row, probeUntil)
    }
    return undefined
  }

  /**
   * A due lane, leased: the one with the nearest arrival, or the one that waits longest; before all others one whose
   * holder's lease has ended: it was claimed before them too. Lanes of workspaces that have to wait stay. Of a workspace
   * whose wait is over only one lane goes, until somebody has found out that it works again; the others wait for as long
   * as that lane's lease. What is paused stays.
   * @param dueBy earlier than now for whoever leaves the first choice to others: they had that long to take it
   * @param except workspaces of which nothing more is to be in hand
   */
  async function claim(
    now: number,
    leaseMs: number,
    order: DueOrder = 'arrival',
    dueBy = now,
    except: string[] = []
  ): Promise<ClaimedLane | undefined> {
    await lost.giveBack(now)
    const how = { now, dueBy, leaseMs, except }
    const probe = await claimProbe(how, order)
    if (probe !== undefined) return probe
    for (;;) {
      const found = await find(how, order)
      if (found === undefined) return undefined
      const token = claimToken()
      const claimed = await lost.commit([lease(how, token, found)], at => [endLease(token, at)])
      const [row] = resultsOf(claimed).flatMap(result => result.rows) as unknown as LaneRow[]
      if (row !== undefined) return claimedOf(row, undefined)
      // Somebody else was quicker: look again.
    }
  }

  return { claim }
}

function claimedOf(row: LaneRow, probeUntil: number | undefined): ClaimedLane {
  return {
    workspaceId: row.workspace_id,
    customerKey: row.customer_key,
    leaseToken: row.lease_token,
    failures: row.failures,
    arrivalAt: row.claimed_arrival_at,
    leaseUntil: Number(row.lease_until),
    heardAt: row.claimed_heard_at ?? undefined,
    probeUntil,
    offboardStamp: row.offboard_stamp ?? undefined,
    offboardDue: row.offboard_due === 1
  }
}

import type { Selectable } from 'kysely'
import { codeInErrorLine } from '../errors.ts'
import type { Delivery } from '../model/delivery.ts'
import type { SpanRef } from '../model/trace.ts'
import { isReceived } from './delivery-states.ts'
import { dialectOf } from './dialect.ts'
import { claimToken, lostClaimsOf } from './lost-claims.ts'
import { padded } from './parts.ts'
import { connectionsPausedNow, pausedConnections } from './pauses.ts'
import type { Store } from './store.ts'
import type { DeliveriesTable } from './tables.ts'
import { resultsOf, type Write, write } from './write.ts'

/** A claimed delivery. */
export interface ClaimedDelivery extends Delivery {
  leaseToken: number
  /** Attempts made before this one. */
  attempts: number
  /** Code of the error that the attempt before ended with; undefined where it ended otherwise. */
  failedWith?: string | undefined
  /** What hydration answered on an earlier attempt. */
  facts: unknown[] | undefined
  /** Under which span it goes on; undefined where it was not traced. */
  trace?: SpanRef | undefined
  /** It came to its end before, and runs again. */
  ranBefore?: boolean
}

export type DeliveryRow = Selectable<DeliveriesTable>

/** Deliveries among which those of a lost claim are looked for; the rest of them wait for the end of their lease. */
const MOST_LOOKED_THROUGH = 1_000

/** Whatever else may have fallen due among what is paused is found this late at most, ms. */
const PASSED_MS = 1_000

/** Which deliveries are worked on next, and by whom. */
export function deliveryClaimsOf(store: Store) {
  const { db } = store
  const dialect = dialectOf(store)
  const lost = lostClaimsOf(store)

  /** Those that are due and not paused, from a turn on, in their order. */
  const dueFrom = (turn: number, now: number, except: string[]) =>
    db
      .selectFrom('deliveries')
      .where(isReceived)
      .where('turn', '>=', turn)
      .where('due_at', '<=', now)
      .where('connection_id', 'not in', pausedConnections(db))
      .$if(except.length > 0, query => query.where('connection_id', 'not in', padded(except)))
      .orderBy('turn')
      .orderBy('connection_id')

  /** What was claimed stands at the front, so that not all that waits need be looked through. */
  const unclaim = (token: number, now: number) =>
    write(
      db
        .updateTable('deliveries')
        .set(eb => ({ due_at: now, attempts: eb('attempts', '-', 1) }))
        .where('id', 'in', eb =>
          eb
            .selectFrom('deliveries')
            .select('id')
            .where(isReceived)
            .orderBy('turn')
            .limit(MOST_LOOKED_THROUGH)
        )
        .where('lease_token', '=', token)
    )

  const none = { pauses: null as string | null, at: 0, turn: 0 }
  /** Before this turn there was nothing but what is paused, which may be very much: not passed over at each look. */
  let passed = none

  /** The turn of the first that is due; undefined where none is. */
  async function firstTurn(now: number, except: string[]): Promise<number | undefined> {
    if (now < passed.at || now >= passed.at + PASSED_MS) passed = none
    const found = await db
      .selectNoFrom([
        connectionsPausedNow(db).as('pauses'),
        dueFrom(passed.turn, now, []).select('turn').limit(1).as('any')
      ])
      .$if(except.length > 0, query =>
        query.select(dueFrom(passed.turn, now, except).select('turn').limit(1).as('first'))
      )
      .executeTakeFirstOrThrow()
    if (passed.turn > 0 && found.pauses !== passed.pauses) {
      passed = none
      return firstTurn(now, except)
    }
    if (found.pauses !== null) {
      // What comes now is not before the first, but for what is just being committed.
      const turn = Math.min(found.any ?? now, now - PASSED_MS)
      passed = { pauses: found.pauses, at: passed.turn > 0 ? passed.at : now, turn }
    }
    return (except.length > 0 ? found.first : found.any) ?? undefined
  }

  /**
   * The deliveries that are due, in their turn, leased for `leaseMs`; none of a connection that is paused. Of these come first
   * who tried least: what failed before must not be the one to find out again and again whether a platform answers.
   * @param except connections that have enough in hand
   */
  async function claim(
    now: number,
    leaseMs: number,
    limit: number,
    except: string[] = []
  ): Promise<ClaimedDelivery[]> {
    await lost.giveBack(now)
    // Looking is cheaper than a commit, and most looks find nothing.
    const first = await firstTurn(now, except)
    if (first === undefined) return []
    const token = claimToken()
    const claimed = [
      write(
        db
          .with('next', () => dialect.claimed(dueFrom(first, now, except).select('id').limit(limit)))
          .updateTable('deliveries')
          .set(eb => ({
            due_at: now + leaseMs,
            lease_token: token,
            attempts: eb('attempts', '+', 1)
          }))
          .where('id', 'in', eb => eb.selectFrom('next').select('id'))
          .returningAll()
      )
    ]
    const committed = await lost.commit(claimed, at => [unclaim(token, at)])
    const rows = resultsOf(committed).flatMap(result => result.rows) as unknown as DeliveryRow[]
    return rows.map(claimedOf).sort((a, b) => a.attempts - b.attempts || (a.id < b.id ? -1 : 1))
  }

  /**
   * After a start of the only process that works on this store: nobody holds a lease any more.
   * Back-offs are shortened with them, which is harmless.
   */
  function recover(now: number): Write {
    return write(
      db.updateTable('deliveries').set({ due_at: now }).where(isReceived).where('due_at', '>', now)
    )
  }

  return { claim, recover }
}

/** What a delivery is translated from. */
export function deliveryOfRow(
  row: Pick<
    DeliveryRow,
    'id' | 'connection_id' | 'platform' | 'received_at' | 'headers' | 'query' | 'body' | 'facts'
  >
): Delivery & Pick<ClaimedDelivery, 'facts'> {
  return {
    id: row.id,
    connectionId: row.connection_id,
    platform: row.platform,
    receivedAt: row.received_at,
    headers: JSON.parse(row.headers),
    query: JSON.parse(row.query),
    body: row.body,
    facts: row.facts === null ? undefined : JSON.parse(row.facts)
  }
}

function claimedOf(row: DeliveryRow): ClaimedDelivery {
  return {
    ...deliveryOfRow(row),
    leaseToken: row.lease_token,
    attempts: row.attempts - 1,
    failedWith: codeInErrorLine(row.last_error),
    trace: row.trace ?? undefined,
    ranBefore: row.outcome !== null
  }
}

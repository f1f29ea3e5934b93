import { hash } from 'node:crypto'
import type { Selectable } from 'kysely'
import type { Delivery } from '../model/delivery.ts'
import type { SpanRef } from '../model/trace.ts'
import { isOpen, isReceived } from './delivery-states.ts'
import { dialectOf } from './dialect.ts'
import { claimToken, lostClaimsOf } from './lost-claims.ts'
import { padded, partsOf } from './parts.ts'
import { connectionsPausedNow, pausedConnections } from './pauses.ts'
import type { Store } from './store.ts'
import type { DeliveriesTable } from './tables.ts'
import { inTurn, mayRunAgain } from './tombstones.ts'
import { turnsOf } from './turns.ts'
import { prepare, resultsOf, type Write, write } from './write.ts'

export interface NewDelivery extends Delivery {
  dedupeKey: string | undefined
  /** Under which span it goes on, where it is traced. */
  trace?: SpanRef | undefined
}

export interface Appended {
  id: string
  /** True where the platform's id of the delivery was known already; `id` is then the first one's. */
  duplicate: boolean
}

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

type DeliveryRow = Selectable<DeliveriesTable>
type InsertedRow = Pick<
  DeliveryRow,
  | 'id'
  | 'connection_id'
  | 'platform'
  | 'dedupe_key'
  | 'received_at'
  | 'headers'
  | 'query'
  | 'body'
  | 'turn'
  | 'trace'
>

/** A delivery as if it had just come. */
const again = { state: 'received', attempts: 0, done_at: null, last_error: null } as const

/** Many at once go when there is nothing else to do, or after this time, ms. */
const BEHIND_MS = 3_600_000

/** Deliveries among which those of a lost claim are looked for; the rest of them wait for the end of their lease. */
const MOST_LOOKED_THROUGH = 1_000

/** Whatever else may have fallen due among what is paused is found this late at most, ms. */
const PASSED_MS = 1_000

/** Characters of a platform's id that are kept as they are: PostgreSQL's indexes take some 2,700 bytes. */
const LONGEST_DEDUPE_KEY = 500

function indexable(dedupeKey: string | undefined): string | null {
  if (dedupeKey === undefined || dedupeKey.length <= LONGEST_DEDUPE_KEY) return dedupeKey ?? null
  return `sha256:${hash('sha256', dedupeKey)}`
}

/** Many deliveries, to be looked at again when those that come now leave room. */
function behindOthers(now: number) {
  return { ...again, due_at: now, turn: now + BEHIND_MS }
}

export type Deliveries = ReturnType<typeof deliveriesOf>

export function deliveriesOf(store: Store) {
  const { db } = store
  const dialect = dialectOf(store)
  const lost = lostClaimsOf(store)
  const turns = turnsOf()

  const insert = prepare<InsertedRow>(row =>
    db
      .insertInto('deliveries')
      .values({ ...columns(row), state: 'received', due_at: row.received_at, turn: row.turn })
      .onConflict(conflict => conflict.doNothing())
  )

  /**
   * Stores a delivery; on disk when it answers.
   * @throws RelayError RELAY_STORE_UNAVAILABLE
   */
  async function append(delivery: NewDelivery): Promise<Appended> {
    const [inserted] = resultsOf(await store.commit([insertOf(delivery)]))
    if (inserted?.changes === 1) return { id: delivery.id, duplicate: false }
    return duplicateOf(delivery)
  }

  async function duplicateOf(delivery: NewDelivery): Promise<Appended> {
    return { id: (await first(delivery))?.id ?? delivery.id, duplicate: true }
  }

  /**
   * Stores several at once, all or none; on disk when it answers. A key that comes twice among them counts once.
   * @throws RelayError RELAY_STORE_UNAVAILABLE
   */
  async function appendAll(list: NewDelivery[]): Promise<Appended[]> {
    const inserted = resultsOf(await store.commit(list.map(insertOf)))
    const appended: Appended[] = []
    for (const [position, delivery] of list.entries()) {
      const isNew = inserted[position]?.changes === 1
      appended.push(isNew ? { id: delivery.id, duplicate: false } : await duplicateOf(delivery))
    }
    return appended
  }

  /** The stored delivery with the same key of its connection's. */
  async function first({
    connectionId,
    dedupeKey
  }: Pick<NewDelivery, 'connectionId' | 'dedupeKey'>): Promise<
    Pick<Delivery, 'id' | 'receivedAt' | 'headers' | 'body'> | undefined
  > {
    const row = await db
      .selectFrom('deliveries')
      .select(['id', 'received_at', 'headers', 'body'])
      .where('connection_id', '=', connectionId)
      .where('dedupe_key', '=', indexable(dedupeKey))
      .executeTakeFirst()
    return (
      row && { id: row.id, receivedAt: row.received_at, headers: JSON.parse(row.headers), body: row.body }
    )
  }

  /** Its key may be used again. */
  async function forgetDedupeKey(id: string): Promise<void> {
    await store.commit([write(db.updateTable('deliveries').set({ dedupe_key: null }).where('id', '=', id))])
  }

  /** The write of {@link append}, for a commit that does more. */
  function insertOf(delivery: NewDelivery): Write {
    return insert([
      {
        id: delivery.id,
        connection_id: delivery.connectionId,
        platform: delivery.platform,
        dedupe_key: indexable(delivery.dedupeKey),
        received_at: delivery.receivedAt,
        headers: JSON.stringify(delivery.headers),
        query: JSON.stringify(delivery.query),
        // A copy: Node's buffers are windows on larger ones, and all of that would travel to the store's thread.
        body: new Uint8Array(delivery.body),
        turn: turns.next(delivery.connectionId, delivery.receivedAt),
        trace: delivery.trace ?? null
      }
    ])
  }

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
   * Keeps what hydration answered, so that no later attempt or replay asks again. Undone where the lease went to
   * somebody else: two readings of different moments must not both count.
   */
  function keepFacts(delivery: ClaimedDelivery, facts: unknown[]): Write {
    return write(
      db
        .updateTable('deliveries')
        .set({ facts: JSON.stringify(facts) })
        .where('id', '=', delivery.id)
        .where('lease_token', '=', delivery.leaseToken),
      { expect: 1 }
    )
  }

  const settle = prepare<
    Pick<DeliveryRow, 'id' | 'lease_token' | 'state' | 'outcome' | 'last_error' | 'done_at' | 'due_at'>
  >(row =>
    db
      .updateTable('deliveries')
      .set({
        state: row.state,
        outcome: row.outcome,
        last_error: row.last_error,
        done_at: row.done_at,
        due_at: row.due_at,
        turn: row.due_at
      })
      .where('id', '=', row.id)
      .where('lease_token', '=', row.lease_token)
  )

  /** The end of a delivery's way, or a rest: `held` waits for a change of settings. */
  function end(
    delivery: ClaimedDelivery,
    state: 'translated' | 'ignored' | 'dead' | 'held',
    outcome: unknown,
    now: number,
    lastError: string | null = null
  ): Write {
    return settle([
      {
        id: delivery.id,
        lease_token: delivery.leaseToken,
        state,
        outcome: JSON.stringify(outcome),
        last_error: lastError,
        done_at: state === 'held' ? null : now,
        due_at: now
      }
    ])
  }

  /** Another attempt at `dueAt`. */
  function retry(delivery: ClaimedDelivery, dueAt: number, lastError: string): Write {
    return settle([
      {
        id: delivery.id,
        lease_token: delivery.leaseToken,
        state: 'received',
        outcome: null,
        last_error: lastError,
        done_at: null,
        due_at: dueAt
      }
    ])
  }

  /** Gives a claimed delivery back, to be looked at again at `dueAt`. @param attempts that it has made by then */
  function postpone(delivery: ClaimedDelivery, dueAt: number, attempts: number): Write {
    return write(
      db
        .updateTable('deliveries')
        .set({ due_at: dueAt, turn: dueAt, attempts })
        .where('id', '=', delivery.id)
        .where('lease_token', '=', delivery.leaseToken)
    )
  }

  type Which = { ids: string[] } | { connectionId: string; states: DeliveryRow['state'][] }

  /**
   * Lets these run again, save those that are too old for it. In a commit that begins with {@link inTurn}.
   * @param areMany whether they go behind what comes in meanwhile
   */
  function runAgain(ids: string[], now: number, areMany = false): Write {
    const place = areMany ? behindOthers(now) : { ...again, due_at: now, turn: now }
    return write(db.updateTable('deliveries').set(place).where(mayRunAgain).where('id', 'in', padded(ids)))
  }

  /**
   * Lets stored deliveries run again, save those that are too old for it: see {@link spent}.
   * @param which by id, or all of a connection in given states
   * @returns how many
   */
  async function replay(which: Which, now: number): Promise<number> {
    const committed = await store.commit([
      inTurn(store),
      'ids' in which
        ? runAgain(which.ids, now)
        : write(
            db
              .updateTable('deliveries')
              .where(mayRunAgain)
              .set(behindOthers(now))
              .where('connection_id', '=', which.connectionId)
              .where('state', 'in', which.states)
              .$if(
                which.states.every(state => state === 'held' || state === 'dead'),
                open => open.where(isOpen)
              )
          )
    ])
    return resultsOf(committed)
      .slice(1)
      .reduce((sum, { changes }) => sum + changes, 0)
  }

  /**
   * Those of them that cannot run again: what they carried is not kept any more, or what was deleted since they came, so
   * that they would bring it back.
   */
  const spentAmong = (which: Which) => {
    const spent = db.selectFrom('deliveries').where(eb => eb.not(mayRunAgain))
    return 'ids' in which
      ? spent.where('id', 'in', which.ids)
      : spent.where('connection_id', '=', which.connectionId).where('state', 'in', which.states)
  }

  async function spent(ids: string[]): Promise<string[]> {
    if (ids.length === 0) return []
    const rows = await spentAmong({ ids }).select('id').execute()
    return rows.map(row => row.id)
  }

  async function countSpent(connectionId: string, states: DeliveryRow['state'][]): Promise<number> {
    const row = await spentAmong({ connectionId, states })
      .select(db.fn.countAll<number>().as('deliveries'))
      .executeTakeFirstOrThrow()
    return row.deliveries
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

  /** Another try for what these connections hold. */
  function releaseHeld(connectionIds: string[], now: number): Write[] {
    return partsOf(connectionIds).map(part =>
      write(
        db
          .updateTable('deliveries')
          .set(behindOthers(now))
          .where(isOpen)
          .where('state', '=', 'held')
          .where('connection_id', 'in', part)
      )
    )
  }

  /** Everything that a connection told and was taken into the desired state, once more. */
  function tellAgain(connectionId: string, now: number): Write {
    return write(
      db
        .updateTable('deliveries')
        .set(behindOthers(now))
        .where('connection_id', '=', connectionId)
        .where('state', '=', 'translated')
        .where(mayRunAgain)
    )
  }

  return {
    append,
    appendAll,
    first,
    forgetDedupeKey,
    insertOf,
    claim,
    keepFacts,
    end,
    retry,
    postpone,
    runAgain,
    replay,
    spent,
    countSpent,
    recover,
    releaseHeld,
    tellAgain
  }
}

function columns(row: InsertedRow): Omit<InsertedRow, 'turn'> {
  const { id, connection_id, platform, dedupe_key, received_at, headers, query, body, trace } = row
  return { id, connection_id, platform, dedupe_key, received_at, headers, query, body, trace }
}

/** What a delivery is translated from. */
export function storedOf(
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
    ...storedOf(row),
    leaseToken: row.lease_token,
    attempts: row.attempts - 1,
    failedWith: row.last_error?.split(':', 1)[0],
    trace: row.trace ?? undefined,
    ranBefore: row.outcome !== null
  }
}

import type { Selectable } from 'kysely'
import type { Connection } from '../model/connection.ts'
import { placeKinds } from '../model/kind.ts'
import { dialectOf } from './dialect.ts'
import { claimFirstDue } from './first-due.ts'
import type { Lane } from './resources.ts'
import type { Store } from './store.ts'
import type { PlaceReadingsTable } from './tables.ts'
import { number, prepare, type Write, write } from './write.ts'

export interface PlaceId {
  connectionId: string
  placeId: string
}

export interface ClaimedPlace extends PlaceId {
  leaseToken: number
  /** Readings that failed before this one, one after the other. */
  failures: number
}

export type PlaceReadings = ReturnType<typeof placeReadingsOf>

/** When to ask the platform of which place. */
export function placeReadingsOf(store: Store) {
  const { db } = store
  const dialect = dialectOf(store)

  const insert = prepare<PlaceId & { now: number }>(row =>
    db
      .insertInto('place_readings')
      .values({ connection_id: row.connectionId, place_id: row.placeId, due_at: row.now })
      .onConflict(conflict => conflict.doNothing())
  )

  /** From now on the platform is asked of these places; of one that is known already, when its time has come. */
  function want(places: PlaceId[], now: number): Write {
    return insert(places.map(place => ({ ...place, now })))
  }

  /** The place that is due longest, leased; none of a connection that is paused. */
  async function claim(now: number, leaseMs: number): Promise<ClaimedPlace | undefined> {
    const due = await claimFirstDue(store, 'place_readings', now, row =>
      write(held(placeOf(row)).set({ due_at: now + leaseMs, lease_token: row.lease_token + 1 }))
    )
    return due && { ...placeOf(due), leaseToken: due.lease_token + 1 }
  }

  function held(place: ClaimedPlace) {
    return db
      .updateTable('place_readings')
      .where('connection_id', '=', place.connectionId)
      .where('place_id', '=', place.placeId)
      .where('lease_token', '=', place.leaseToken)
  }

  /** It was read. */
  function settle(place: ClaimedPlace, now: number, dueAt: number): Write {
    return write(held(place).set({ due_at: dueAt, failures: 0, read_at: now, last_error: null }))
  }

  /** It was read, and did not tell all that is wanted. @param why for people */
  function settleForNow(place: ClaimedPlace, now: number, dueAt: number, why: string): Write {
    const failures = place.failures + 1
    return write(held(place).set({ due_at: dueAt, failures, read_at: now, last_error: why }))
  }

  /** Another try at `dueAt`. @param error undefined where nothing was tried */
  function postpone(place: ClaimedPlace, dueAt: number, error: string | undefined): Write {
    const failed = error === undefined ? {} : { failures: place.failures + 1, last_error: error }
    return write(held(place).set({ due_at: dueAt, ...failed }))
  }

  /**
   * Nobody asks of it any more. @param unnamed the place at Seam: forgotten only if no stay names it by the time of the
   * commit, since a stay that came in between was told that the place is known already
   */
  function forget(place: ClaimedPlace, unnamed?: Lane & { key: string }): Write[] {
    const gone = db
      .deleteFrom('place_readings')
      .where('connection_id', '=', place.connectionId)
      .where('place_id', '=', place.placeId)
      .where('lease_token', '=', place.leaseToken)
    if (unnamed === undefined) return [write(gone)]
    // Whoever names places moves the lane on first: with it in hand, those who did are seen, and the others come after.
    const lane = db
      .selectFrom('lanes')
      .select('revision')
      .where('workspace_id', '=', unnamed.workspaceId)
      .where('customer_key', '=', unnamed.customerKey)
    const naming = db
      .selectFrom('stay_names')
      .select('stay_key')
      .where('workspace_id', '=', unnamed.workspaceId)
      .where('customer_key', '=', unnamed.customerKey)
      .where('ref', '=', 'place')
      .where('ref_key', '=', unnamed.key)
    return [write(dialect.unchanged(lane)), write(gone.where(eb => eb.not(eb.exists(naming))))]
  }

  /** Every place that stays of a connection name: it can be asked now, and could not before. */
  function wantNamed({ id, workspaceId, customerKey }: Connection, now: number): Write {
    const named = db
      .selectFrom('stay_names')
      .innerJoin('resources', join =>
        join
          .onRef('resources.workspace_id', '=', 'stay_names.workspace_id')
          .onRef('resources.customer_key', '=', 'stay_names.customer_key')
          .onRef('resources.key', '=', 'stay_names.ref_key')
      )
      .where('stay_names.workspace_id', '=', workspaceId)
      .where('stay_names.customer_key', '=', customerKey)
      .where('stay_names.ref', '=', 'place')
      .where('resources.connection_id', '=', id)
      .where('resources.kind', 'in', placeKinds)
      .select(['resources.connection_id', 'resources.source_id', number(now).as('due_at')])
      .distinct()
    return write(
      db
        .insertInto('place_readings')
        .columns(['connection_id', 'place_id', 'due_at'])
        .expression(named)
        .onConflict(conflict => conflict.doNothing())
    )
  }

  return { want, wantNamed, claim, settle, settleForNow, postpone, forget }
}

function placeOf(row: Selectable<PlaceReadingsTable>): ClaimedPlace {
  return {
    connectionId: row.connection_id,
    placeId: row.place_id,
    leaseToken: row.lease_token,
    failures: row.failures
  }
}

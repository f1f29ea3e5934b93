import type { Store } from './store.ts'
import { prepare, resultsOf, type Write, write } from './write.ts'

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

  /** The place that is due longest, leased. */
  async function claim(now: number, leaseMs: number): Promise<ClaimedPlace | undefined> {
    const due = await db
      .selectFrom('place_readings')
      .select(['connection_id', 'place_id', 'lease_token', 'failures'])
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .limit(1)
      .executeTakeFirst()
    if (due === undefined) return undefined
    const claimed: ClaimedPlace = {
      connectionId: due.connection_id,
      placeId: due.place_id,
      leaseToken: due.lease_token + 1,
      failures: due.failures
    }
    const committed = await store.commit([
      write(
        held({ ...claimed, leaseToken: due.lease_token }).set({
          due_at: now + leaseMs,
          lease_token: claimed.leaseToken
        })
      )
    ])
    // Somebody else was first: there may be another one, next time.
    return resultsOf(committed)[0]?.changes === 1 ? claimed : undefined
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

  /** Another try at `dueAt`. @param error undefined where nothing was tried */
  function postpone(place: ClaimedPlace, dueAt: number, error: string | undefined): Write {
    const failed = error === undefined ? {} : { failures: place.failures + 1, last_error: error }
    return write(held(place).set({ due_at: dueAt, ...failed }))
  }

  /** Nobody asks of it any more. */
  function forget(place: PlaceId): Write {
    return write(
      db
        .deleteFrom('place_readings')
        .where('connection_id', '=', place.connectionId)
        .where('place_id', '=', place.placeId)
    )
  }

  return { want, claim, settle, postpone, forget }
}

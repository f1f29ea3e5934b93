import type { ClaimedDelivery, DeliveryRow } from './delivery-claims.ts'
import type { Store } from './store.ts'
import { prepare, type Write, write } from './write.ts'

/** What whoever claimed a delivery writes of it. None of it counts once the lease has gone to somebody else. */
export function deliveryEndsOf({ db }: Store) {
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

  /** What is read of one that has come to its end already: a replay goes by it from then on. */
  function replaceFacts(id: string, facts: unknown[]): Write {
    return write(
      db
        .updateTable('deliveries')
        .set({ facts: JSON.stringify(facts) })
        .where('id', '=', id)
        .where('state', '=', 'translated')
        .where('emptied', '=', 0)
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

  return { keepFacts, replaceFacts, end, retry, postpone }
}

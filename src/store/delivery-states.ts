import { sql } from 'kysely'
import type { DeliveryState } from '../model/delivery.ts'

// In the very words of the partial indexes: said otherwise, or with a parameter, it would hide them from SQLite.

/** To be translated. In the words of the indexes deliveries_due and deliveries_turn. */
export const isReceived = sql<boolean>`state = 'received'`

/** Does not go on by itself. In the words of the indexes deliveries_open, deliveries_stopped and deliveries_trouble. */
export const isOpen = sql<boolean>`state in ('held', 'dead')`

/** As {@link isOpen}, of a state that is asked for. */
export function isOpenState(state: DeliveryState | undefined): boolean {
  return state === 'held' || state === 'dead'
}

/** In these states a delivery has come to its end; the index deliveries_done has them one after the other. */
export const endStates = ['translated', 'ignored', 'dead'] as const

import type { Connection } from '../model/connection.ts'
import { contactsOf } from './contacts.ts'
import { deliveriesOf } from './deliveries.ts'
import { lanesOf } from './lanes.ts'
import { outboxOf } from './outbox.ts'
import { rejectedOf } from './rejected.ts'
import { resourcesOf } from './resources.ts'
import type { Store } from './store.ts'
import { tokensOf } from './tokens.ts'
import { write } from './write.ts'

/** Every query of the house, over one store. */
export function storeRooms(store: Store) {
  const deliveries = deliveriesOf(store)
  const lanes = lanesOf(store)
  const resources = resourcesOf(store)
  return {
    deliveries,
    rejected: rejectedOf(store),
    tokens: tokensOf(store),
    outbox: outboxOf(store),
    queries: { lanes, resources, contacts: contactsOf(store) },

    /**
     * At the start of the only process that works on this store: leases of a process that died are void, and deliveries
     * that were held for want of a setting get another try, since settings are read at the start.
     */
    async recover(connectionIds: string[], now: number): Promise<void> {
      await store.commit([deliveries.recover(now), lanes.recover(now)])
      for (const connectionId of connectionIds) await deliveries.replay({ connectionId, states: ['held'] }, now)
    },

    connectionSettings: {
      /**
       * Where a connection's settings differ from those its resources were drawn with, all of them are drawn again.
       */
      async redrawChanged(connections: Connection[], hashOf: (connection: Connection) => string): Promise<void> {
        const known = new Map(
          (await store.db.selectFrom('connections').selectAll().execute()).map(row => [row.id, row.settings_hash])
        )
        for (const connection of connections) {
          const settings_hash = hashOf(connection)
          if (known.get(connection.id) === settings_hash) continue
          await store.commit([
            resources.redrawConnection(connection.id),
            write(
              store.db
                .insertInto('connections')
                .values({ id: connection.id, settings_hash })
                .onConflict(conflict => conflict.column('id').doUpdateSet({ settings_hash }))
            )
          ])
        }
      }
    }
  }
}

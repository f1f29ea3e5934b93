import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { contactsOf } from './contacts.ts'
import { deliveriesOf } from './deliveries.ts'
import { driftOf } from './drift.ts'
import { lanesOf } from './lanes.ts'
import { outboxOf } from './outbox.ts'
import { placeReadingsOf } from './place-readings.ts'
import { rejectedOf } from './rejected.ts'
import { resourcesOf } from './resources.ts'
import type { Store } from './store.ts'
import { tokensOf } from './tokens.ts'
import { write } from './write.ts'

async function refuseMoved(store: Store, connection: Connection): Promise<void> {
  const elsewhere = await store.db
    .selectFrom('resources')
    .select(['workspace_id', 'customer_key'])
    .where('connection_id', '=', connection.id)
    .where('offered', '=', 1)
    .where(eb =>
      eb.or([
        eb('workspace_id', '!=', connection.workspaceId),
        eb('customer_key', '!=', connection.customerKey)
      ])
    )
    .limit(1)
    .executeTakeFirst()
  if (elsewhere === undefined) return
  throw new RelayError(
    'RELAY_CONFIG_INVALID',
    `connection ${connection.id} has resources at Seam under customer ${elsewhere.customer_key} in workspace ` +
      `${elsewhere.workspace_id}; give the connection a new id to push under another customer or workspace`
  )
}

/** Every query of the house, over one store. */
export function storeRooms(store: Store) {
  const deliveries = deliveriesOf(store)
  const lanes = lanesOf(store)
  const resources = resourcesOf(store)
  const outbox = outboxOf(store)
  return {
    deliveries,
    rejected: rejectedOf(store),
    tokens: tokensOf(store),
    placeReadings: placeReadingsOf(store),
    drift: driftOf(store),
    outbox,
    queries: { lanes, resources, contacts: contactsOf(store) },

    /**
     * At the start of the only process that works on this store: leases of a process that died are void, and whatever
     * waited for a setting gets another try, since settings are read at the start.
     */
    async recover(connectionIds: string[], now: number): Promise<void> {
      await store.commit([
        deliveries.recover(now),
        deliveries.releaseHeld(connectionIds, now),
        ...lanes.recover(now),
        outbox.recover(now)
      ])
    },

    connectionSettings: {
      /**
       * Where a connection's settings differ from those its resources were drawn with, all of them are drawn again.
       * @throws RelayError RELAY_CONFIG_INVALID where the connection moved to another customer or workspace: what it
       * pushed before would stay at Seam for ever, doors open
       */
      async redrawChanged(
        connections: Connection[],
        hashOf: (connection: Connection) => string
      ): Promise<void> {
        const known = new Map(
          (await store.db.selectFrom('connections').selectAll().execute()).map(row => [
            row.id,
            row.settings_hash
          ])
        )
        for (const connection of connections) {
          const settings_hash = hashOf(connection)
          if (known.get(connection.id) === settings_hash) continue
          await refuseMoved(store, connection)
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

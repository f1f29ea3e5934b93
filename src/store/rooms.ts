import { RelayError } from '../errors.ts'
import type { Connection } from '../model/connection.ts'
import { answersOf } from './answers.ts'
import { backlogOf } from './backlog.ts'
import { apiKeysOf } from './callers.ts'
import { contactsOf } from './contacts.ts'
import { deliveriesOf } from './deliveries.ts'
import { driftOf } from './drift.ts'
import { lanesOf } from './lanes.ts'
import { forgetFormer } from './move.ts'
import { offboardingOf } from './offboard.ts'
import { outboxOf } from './outbox.ts'
import { placeReadingsOf } from './place-readings.ts'
import { rejectedOf } from './rejected.ts'
import { reportsOf } from './reports.ts'
import { resourcesOf } from './resources.ts'
import { keptRestsOf } from './rests.ts'
import { retentionOf } from './retention.ts'
import type { Store } from './store.ts'
import { tokensOf } from './tokens.ts'
import { inTurn, tombstonesOf } from './tombstones.ts'
import { write } from './write.ts'

/** Every query of the house, over one store. */
export function storeRooms(store: Store) {
  const deliveries = deliveriesOf(store)
  const lanes = lanesOf(store)
  const resources = resourcesOf(store)
  const outbox = outboxOf(store)
  const rests = keptRestsOf(store)
  return {
    deliveries,
    rejected: rejectedOf(store),
    tokens: tokensOf(store),
    rests,
    placeReadings: placeReadingsOf(store),
    drift: driftOf(store),
    apiKeys: apiKeysOf(store),
    answers: answersOf(store),
    reports: reportsOf(store),
    outbox,
    offboarding: offboardingOf(store),
    retention: retentionOf(store),
    tombstones: tombstonesOf(store),
    backlog: backlogOf(store),
    queries: { lanes, resources, contacts: contactsOf(store) },

    /**
     * At the start: whatever waited for a setting gets another try, since settings are read then. In the only process that
     * works on a store, the leases of the one before are void too; others' run out.
     */
    async recover(connectionIds: string[], now: number): Promise<void> {
      const abandoned = store.engine === 'sqlite' ? [deliveries.recover(now), lanes.voidLeases(now)] : []
      await store.commit([
        inTurn(store),
        ...abandoned,
        deliveries.releaseHeld(connectionIds, now),
        lanes.shortenWaits(now),
        ...outbox.recover(now),
        ...rests.recover(now)
      ])
    },

    connectionSettings: {
      /**
       * Where a connection's settings differ from those its resources were drawn with, all of them are drawn again.
       * One that moved to another customer or workspace before anything was sent is taken in anew.
       * @throws RelayError RELAY_CONFIG_INVALID where something of one that moved may be at Seam, or where not everything
       *   that it told can be taken in anew
       */
      async redrawChanged(
        connections: Connection[],
        hashOf: (connection: Connection) => string,
        now: number
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
          const former = await forgetFormer(store, connection)
          if (former !== undefined && (await deliveries.countSpent(connection.id, ['translated'])) > 0) {
            throw new RelayError(
              'RELAY_CONFIG_INVALID',
              `connection ${connection.id} was moved to another customer or workspace, and what it told longer ago than ` +
                'RELAY_KEEP_BODIES_DAYS cannot be taken in anew; move it back, or give the connection a new id'
            )
          }
          await store.commit([
            ...(former === undefined
              ? []
              : [inTurn(store), ...former, deliveries.tellAgain(connection.id, now)]),
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

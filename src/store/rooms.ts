import { answersOf } from './answers.ts'
import { backlogOf } from './backlog.ts'
import { apiKeysOf } from './callers.ts'
import { connectionSettingsOf } from './connection-settings.ts'
import { contactsOf } from './contacts.ts'
import { deliveriesOf } from './deliveries.ts'
import { driftOf } from './drift.ts'
import { jobsOf } from './jobs.ts'
import { lanesOf } from './lanes.ts'
import { offboardingOf } from './offboard.ts'
import { outboxOf } from './outbox.ts'
import { pausesOf } from './pauses.ts'
import { placeReadingsOf } from './place-readings.ts'
import { refusedOf } from './refused.ts'
import { rejectedOf } from './rejected.ts'
import { replaysOf } from './replays.ts'
import { reportsOf } from './reports.ts'
import { resourcesOf } from './resources.ts'
import { keptRestsOf } from './rests.ts'
import { retentionOf } from './retention.ts'
import { secondLooksOf } from './second-looks.ts'
import type { Store } from './store.ts'
import { tokensOf } from './tokens.ts'
import { inTurn, tombstonesOf } from './tombstones.ts'
import { tracesOf } from './traces.ts'

/** Every query of the rooms that work, over one store; those of operators are in `operate.ts`. */
export function storeRooms(store: Store) {
  const deliveries = deliveriesOf(store)
  const lanes = lanesOf(store)
  const resources = resourcesOf(store)
  const outbox = outboxOf(store)
  const rests = keptRestsOf(store)
  const tokens = tokensOf(store)
  return {
    deliveries,
    rejected: rejectedOf(store),
    tokens,
    rests,
    pauses: pausesOf(store),
    placeReadings: placeReadingsOf(store),
    secondLooks: secondLooksOf(store),
    drift: driftOf(store),
    apiKeys: apiKeysOf(store),
    answers: answersOf(store),
    reports: reportsOf(store),
    outbox,
    offboarding: offboardingOf(store),
    retention: retentionOf(store),
    tombstones: tombstonesOf(store),
    backlog: backlogOf(store),
    traces: tracesOf(store),
    jobs: jobsOf(store),
    replays: replaysOf(store),
    refused: refusedOf(store),
    queries: { lanes, resources, contacts: contactsOf(store) },

    /**
     * At the start: whatever waited for a setting gets another try, since settings are read then. In the only process that
     * works on a store, the leases of the one before are void too; others' run out.
     */
    async recover(connectionIds: string[], now: number): Promise<void> {
      const abandoned = store.isShared
        ? []
        : [deliveries.recover(now), lanes.voidLeases(now), tokens.voidLeases()]
      await store.commit([
        inTurn(store),
        ...abandoned,
        ...deliveries.releaseHeld(connectionIds, now),
        lanes.shortenWaits(now),
        ...outbox.recover(now),
        ...rests.recover(now)
      ])
    },

    connectionSettings: connectionSettingsOf(store, { deliveries, resources })
  }
}
